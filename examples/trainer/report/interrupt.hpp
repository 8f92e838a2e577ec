// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Signals that let a run end in order, so that what it has is still written.

#include <signal.h>

#include <array>
#include <atomic>

namespace detent_trainer {

/// When a run ends after a signal.
enum class run_end {
  after_epoch,  ///< what there is becomes a result
  after_step,   ///< a checkpoint is written
};

/// While one of these lives, the first SIGINT (Ctrl-C), SIGTERM, SIGHUP or SIGQUIT sets a flag that
/// the training loop asks for.
///
/// After it SIGINT, SIGTERM and SIGQUIT have their default actions and end the program at once.
/// SIGHUP is ignored from then on: a terminal that closes sends it twice, and a session that ends
/// sends it right after SIGTERM. The actions that were there before come back at the end.
/// A program that was started with one of these ignored (nohup, a shell's background job) goes on
/// ignoring it.
/// @note  Threads: `requested` may be asked from any thread. At most one guard lives at a time.
class interrupt_guard {
 public:
  explicit interrupt_guard(run_end end = run_end::after_epoch) noexcept;
  ~interrupt_guard();
  interrupt_guard(const interrupt_guard&) = delete;
  interrupt_guard& operator=(const interrupt_guard&) = delete;

  /// Whether a signal came since this guard began.
  bool requested() const noexcept { return first_signal().load() != 0; }

  /// 128 and the number of the first signal, as shells count; 0 where none came.
  int exit_code() const noexcept;

 private:
  static constexpr std::array<int, 4> signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};

  static std::atomic<int>& first_signal() noexcept;
  static std::atomic<run_end>& when() noexcept;
  static void handle(int signal) noexcept;

  std::array<struct sigaction, signals.size()> before_ = {};
};

/// Makes a write that fails an error that can be reported, in place of a signal that ends the
/// program: a reader that quit (SIGPIPE), a limit on the size of files (SIGXFSZ).
void report_failed_writes() noexcept;

/// Writes out what a program still has for its standard output.
///
/// @return whether everything arrived there
bool finish_standard_output() noexcept;

}  // namespace detent_trainer
