// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What a person sees while the training runs: one bar on a terminal, plain lines elsewhere.

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>

#include <trainer/report/format.hpp>
#include <trainer/report/interrupt.hpp>

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

namespace progress_detail {

inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

inline bool locale_is_unicode() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

inline int terminal_columns(int descriptor) {
  struct winsize size = {};
  const bool known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

}  // namespace progress_detail

/// Standard error as the environment describes it (NO_COLOR, TERM, locale, window size).
inline progress_output standard_error_output() {
  const std::string terminal = progress_detail::environment("TERM");
  progress_output output;
  output.stream = &std::cerr;
  output.is_terminal = ::isatty(STDERR_FILENO) == 1 && terminal != "dumb";
  output.has_unicode = progress_detail::locale_is_unicode();
  output.has_color = !terminal.empty() && progress_detail::environment("NO_COLOR").empty();
  output.columns = [] { return progress_detail::terminal_columns(STDERR_FILENO); };
  return output;
}

/// Shows how far one run or several parallel runs have come.
///
/// On a terminal: one bar, redrawn at most ten times a second, for the run that reported last, with
/// the time left for all runs. Elsewhere: one line at the end of each epoch.
/// Threads: every member may be called from any thread.
class progress {
 public:
  /// @param  runs  how many runs there will be, for the time left; at least 1
  explicit progress(int runs = 1, progress_output output = standard_error_output())
      : output_(std::move(output)), runs_(std::max(runs, 1)), begin_(output_.seconds()) {}

  ~progress() { finish(); }

  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// Reports from within an epoch; cheap enough for every step.
  void update(const progress_state& state) {
    const std::lock_guard lock(mutex_);
    note(state);
    if (!output_.is_terminal || output_.seconds() < next_draw_) return;
    draw(state);
  }

  /// Reports an epoch that has just ended (`state.epoch` counts it).
  void end_epoch(const progress_state& state) {
    const std::lock_guard lock(mutex_);
    note(state);
    if (output_.is_terminal) return draw(state);
    *output_.stream << state.run << (state.run.empty() ? "" : ": ") << figures(state, ", ") << '\n'
                    << std::flush;
  }

  /// Counts a run as done, however many of its epochs were trained.
  void end_run(const std::string& run) {
    const std::lock_guard lock(mutex_);
    done_[run] = 1;
  }

  /// Writes a whole line above the bar.
  void print(std::string_view line) {
    const std::lock_guard lock(mutex_);
    erase();
    *output_.stream << line << '\n' << std::flush;
    next_draw_ = 0;
  }

  /// Takes the bar away; the next report draws it again.
  void finish() {
    const std::lock_guard lock(mutex_);
    erase();
    *output_.stream << std::flush;
  }

 private:
  static constexpr double seconds_between_draws = 0.1;
  static constexpr int narrowest_bar = 8;
  static constexpr int widest_bar = 30;

  static double share_of(const progress_state& state) {
    if (state.epochs <= 0) return 0;
    return std::clamp((state.epoch + state.epoch_fraction) / state.epochs, 0.0, 1.0);
  }

  void note(const progress_state& state) { done_[state.run] = share_of(state); }

  double share_of_all() const {
    double sum = 0;
    for (const auto& [run, share] : done_)
      sum += share;
    return std::min(sum / runs_, 1.0);
  }

  double seconds_left() const {
    const double share = share_of_all();
    if (share <= 0) return std::numeric_limits<double>::quiet_NaN();
    return (output_.seconds() - begin_) * (1 - share) / share;
  }

  // The most telling figures first: a narrow terminal cuts from the end.
  std::string figures(const progress_state& state, std::string_view between) const {
    const int running = state.epoch + (state.epoch_fraction > 0 ? 1 : 0);
    std::string text = "epoch " + std::to_string(std::clamp(running, 0, state.epochs)) + '/' +
                       std::to_string(state.epochs);
    const auto add = [&](double value, const std::string& words) {
      if (std::isfinite(value)) text += std::string(between) + words;
    };
    add(state.loss, "loss " + format::fixed(state.loss, 4));
    add(state.accuracy, "accuracy " + format::percent(state.accuracy, 2) + " %");
    const double left = seconds_left();
    if (share_of_all() < 1) add(left, format::duration(left) + " left");
    add(state.average_bits, format::fixed(state.average_bits, 2) + " bits");
    return text;
  }

  std::string bar(double share, int width) const {
    const int full = static_cast<int>(std::lround(share * width));
    std::string text = output_.has_color ? "\033[36m" : "";
    for (int i = 0; i < full; ++i)
      text += output_.has_unicode ? "━" : "#";
    if (output_.has_color) text += "\033[0m\033[2m";
    for (int i = full; i < width; ++i)
      text += output_.has_unicode ? "─" : ".";
    return text + (output_.has_color ? "\033[0m" : "");
  }

  void draw(const progress_state& state) {
    // The last column stays free: some terminals wrap when it is written.
    const int columns = output_.columns() - 1;
    const double share = share_of_all();
    std::string words = ' ' + format::percent(share, 0) + " %  " + state.run +
                        (state.run.empty() ? "" : "  ") + figures(state, "  ");
    const int taken = static_cast<int>(format::display_width(words));
    const int width = std::clamp(columns - taken, narrowest_bar, widest_bar);
    words = shortened(words, columns - width);
    *output_.stream << "\r\033[K" << (columns > narrowest_bar ? bar(share, width) : "") << words
                    << std::flush;
    is_drawn_ = true;
    next_draw_ = output_.seconds() + seconds_between_draws;
  }

  static std::string shortened(const std::string& text, int columns) {
    std::string kept;
    int width = 0;
    for (const char c : text) {
      const bool begins_character = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
      if (begins_character && ++width > columns) break;
      kept += c;
    }
    return kept;
  }

  void erase() {
    if (is_drawn_) *output_.stream << "\r\033[K";
    is_drawn_ = false;
  }

  progress_output output_;
  int runs_;
  double begin_;
  double next_draw_ = 0;
  bool is_drawn_ = false;
  std::map<std::string, double> done_;
  mutable std::mutex mutex_;
};

}  // namespace detent_trainer
