// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What a person sees while the training runs: one bar on a terminal, plain lines elsewhere.

#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>

namespace detent_trainer {

/// Where a run stands. A figure that is not known yet is NaN and is not shown.
struct progress_state {
  std::string run;            ///< names the run, "dorefa+sinreq W3 seed 1"; unique among the runs
  int epoch = 0;              ///< epochs that have ended
  int epochs = 0;             ///< epochs in all
  double epoch_fraction = 0;  ///< share of the running epoch that is done
  double loss = std::numeric_limits<double>::quiet_NaN();
  double accuracy = std::numeric_limits<double>::quiet_NaN();  ///< a fraction
  double average_bits = std::numeric_limits<double>::quiet_NaN();
};

/// Where the progress goes and what may be drawn there; tests put their own in its place.
struct progress_output {
  std::ostream* stream = nullptr;
  bool is_terminal = false;
  bool has_unicode = false;
  bool has_color = false;
  std::function<int()> columns = [] { return 80; };
  std::function<double()> seconds = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  };
};

/// Standard error as the environment describes it (NO_COLOR, TERM, locale, window size).
progress_output standard_error_output();

/// Shows how far one run or several parallel runs have come.
///
/// On a terminal: one bar, redrawn at most ten times a second, for the run that reported last, with
/// the time left for all runs. Elsewhere: one line at the end of each epoch.
/// Threads: every member may be called from any thread.
class progress {
 public:
  /// @param  runs  how many runs there will be, for the time left; at least 1
  explicit progress(int runs = 1, progress_output output = standard_error_output());

  ~progress() { finish(); }

  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// Reports from within an epoch; cheap enough for every step.
  void update(const progress_state& state);

  /// Reports an epoch that has just ended (`state.epoch` counts it).
  void end_epoch(const progress_state& state);

  /// Counts a run as done, however many of its epochs were trained.
  void end_run(const std::string& run);

  /// Writes a whole line above the bar.
  void print(std::string_view line);

  /// Takes the bar away; the next report draws it again.
  void finish();

 private:
  static constexpr double seconds_between_draws = 0.1;
  static constexpr int narrowest_bar = 8;
  static constexpr int widest_bar = 30;

  static double share_of(const progress_state& state);

  void note(const progress_state& state) { done_[state.run] = share_of(state); }

  double share_of_all() const;
  double seconds_left() const;

  // The most telling figures first: a narrow terminal cuts from the end.
  std::string figures(const progress_state& state, std::string_view between) const;
  std::string bar(double share, int width) const;
  void draw(const progress_state& state);
  static std::string shortened(const std::string& text, int columns);
  void erase();

  progress_output output_;
  int runs_;
  double begin_;
  double next_draw_ = 0;
  bool is_drawn_ = false;
  std::map<std::string, double> done_;
  mutable std::mutex mutex_;
};

}  // namespace detent_trainer
