// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The handler of the signals that end a run.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <ios>
#include <iostream>
#include <string_view>

#include <trainer/report/interrupt.hpp>

namespace detent_trainer {

namespace {

bool is_ignored(const struct sigaction& action) {
  return (static_cast<unsigned>(action.sa_flags) & static_cast<unsigned>(SA_SIGINFO)) == 0 &&
         action.sa_handler == SIG_IGN;
}

}  // namespace

interrupt_guard::interrupt_guard(run_end end) noexcept {
  first_signal().store(0);
  when().store(end);
  struct sigaction action = {};
  action.sa_handler = &interrupt_guard::handle;
  action.sa_flags = SA_RESTART;
  // No second signal interrupts the handler of the first one.
  sigemptyset(&action.sa_mask);
  for (const int signal : signals)
    sigaddset(&action.sa_mask, signal);
  for (std::size_t i = 0; i < signals.size(); ++i) {
    ::sigaction(signals[i], &action, &before_[i]);
    if (is_ignored(before_[i])) ::sigaction(signals[i], &before_[i], nullptr);
  }
}

interrupt_guard::~interrupt_guard() {
  for (std::size_t i = 0; i < signals.size(); ++i)
    ::sigaction(signals[i], &before_[i], nullptr);
}

int interrupt_guard::exit_code() const noexcept {
  const int signal = first_signal().load();
  return signal == 0 ? 0 : 128 + signal;
}

std::atomic<int>& interrupt_guard::first_signal() noexcept {
  static_assert(std::atomic<int>::is_always_lock_free, "a signal handler must not lock");
  // Constant-initialized, so the first use inside a handler takes no lock either.
  static std::atomic<int> number{0};
  return number;
}

std::atomic<run_end>& interrupt_guard::when() noexcept {
  static_assert(std::atomic<run_end>::is_always_lock_free, "a signal handler must not lock");
  static std::atomic<run_end> end{run_end::after_epoch};
  return end;
}

void interrupt_guard::handle(int signal) noexcept {
  constexpr std::string_view after_epoch =
      "\ninterrupted: ending after this epoch; press Ctrl-C again to stop at once\n";
  constexpr std::string_view after_step =
      "\ninterrupted: writing a checkpoint; press Ctrl-C again to stop at once\n";
  const int saved = errno;
  first_signal().store(signal);
  for (const int one : signals) {
    struct sigaction action = {};
    if (::sigaction(one, nullptr, &action) != 0 || is_ignored(action)) continue;
    action.sa_handler = one == SIGHUP ? SIG_IGN : SIG_DFL;
    ::sigaction(one, &action, nullptr);
  }
  const std::string_view message = when().load() == run_end::after_epoch ? after_epoch : after_step;
  // Nothing can be done here where the terminal is gone.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message.data(), message.size());
  errno = saved;
}

void report_failed_writes() noexcept {
  for (const int signal : {SIGPIPE, SIGXFSZ}) {
    struct sigaction action = {};
    action.sa_handler = SIG_IGN;
    sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
  }
}

bool finish_standard_output() noexcept {
  try {
    std::cout.flush();
  } catch (const std::ios_base::failure&) {
    return false;
  }
  // A part that could not be written is lost for good, even where a later one arrived.
  if (!std::cout.good() || std::fflush(stdout) != 0 || std::ferror(stdout) != 0) return false;
  // A file system over a network tells of a full disk when a file is closed.
  const int copy = ::dup(STDOUT_FILENO);
  return copy >= 0 && ::close(copy) == 0;
}

}  // namespace detent_trainer
