// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The handler of SIGINT.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <string_view>

#include <trainer/report/interrupt.hpp>

namespace detent_trainer {

interrupt_guard::interrupt_guard() noexcept {
  flag().store(false);
  struct sigaction action = {};
  action.sa_handler = &interrupt_guard::handle;
  // The kernel puts the default action back when the first signal is delivered.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &before_);
  if (before_.sa_handler == SIG_IGN) ::sigaction(SIGINT, &before_, nullptr);
}

std::atomic<bool>& interrupt_guard::flag() noexcept {
  static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler must not lock");
  // Constant-initialized, so the first use inside a handler takes no lock either.
  static std::atomic<bool> requested{false};
  return requested;
}

void interrupt_guard::handle(int) noexcept {
  constexpr std::string_view message =
      "\ninterrupted: ending after this epoch; press Ctrl-C again to stop at once\n";
  flag().store(true);
  // Nothing can be done here where the terminal is gone.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message.data(), message.size());
}

}  // namespace detent_trainer
