// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Ctrl-C that lets the epoch end, so that the results are still written.

#include <signal.h>

#include <atomic>

namespace detent_trainer {

/// While one of these lives, the first Ctrl-C (SIGINT) sets a flag that the training loop asks for
/// at the end of each epoch; the second one has its default action and ends the program at once.
///
/// The action that was there before comes back at the end. A program that was started with SIGINT
/// ignored (nohup, a shell's background job) goes on ignoring it.
/// Threads: `requested` may be asked from any thread. At most one guard lives at a time.
class interrupt_guard {
 public:
  interrupt_guard() noexcept;

  ~interrupt_guard() { ::sigaction(SIGINT, &before_, nullptr); }

  interrupt_guard(const interrupt_guard&) = delete;
  interrupt_guard& operator=(const interrupt_guard&) = delete;

  /// Whether Ctrl-C was pressed since this guard began.
  bool requested() const noexcept { return flag().load(); }

 private:
  static std::atomic<bool>& flag() noexcept;
  static void handle(int) noexcept;

  struct sigaction before_ = {};
};

}  // namespace detent_trainer
