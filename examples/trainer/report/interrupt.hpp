// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Ctrl-C that lets the epoch end, so that the results are still written.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <string_view>

namespace detent_trainer {

/// While one of these lives, the first Ctrl-C (SIGINT) sets a flag that the training loop asks for
/// at the end of each epoch; the second one has its default action and ends the program at once.
///
/// The action that was there before comes back at the end. A program that was started with SIGINT
/// ignored (nohup, a shell's background job) goes on ignoring it.
/// Threads: `requested` may be asked from any thread. At most one guard lives at a time.
class interrupt_guard {
 public:
  interrupt_guard() noexcept {
    flag().store(false);
    struct sigaction action = {};
    action.sa_handler = &interrupt_guard::handle;
    // The kernel puts the default action back when the first signal is delivered.
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGINT, &action, &before_);
    if (before_.sa_handler == SIG_IGN) ::sigaction(SIGINT, &before_, nullptr);
  }

  ~interrupt_guard() { ::sigaction(SIGINT, &before_, nullptr); }

  interrupt_guard(const interrupt_guard&) = delete;
  interrupt_guard& operator=(const interrupt_guard&) = delete;

  /// Whether Ctrl-C was pressed since this guard began.
  bool requested() const noexcept { return flag().load(); }

 private:
  static std::atomic<bool>& flag() noexcept {
    static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler must not lock");
    // Constant-initialized, so the first use inside a handler takes no lock either.
    static std::atomic<bool> requested{false};
    return requested;
  }

  static void handle(int) noexcept {
    constexpr std::string_view message =
        "\ninterrupted: ending after this epoch; press Ctrl-C again to stop at once\n";
    flag().store(true);
    // Nothing can be done here where the terminal is gone.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message.data(), message.size());
  }

  struct sigaction before_ = {};
};

}  // namespace detent_trainer
