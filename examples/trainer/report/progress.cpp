// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Drawing the bar and writing the lines.

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>

#include <trainer/printable.hpp>
#include <trainer/report/format.hpp>
#include <trainer/report/progress.hpp>

namespace detent_trainer {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool locale_is_unicode() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

int terminal_columns(int descriptor) {
  struct winsize size = {};
  const bool known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

}  // namespace

progress_output standard_error_output() {
  const std::string terminal = environment("TERM");
  progress_output output;
  output.stream = &std::cerr;
  output.is_terminal = ::isatty(STDERR_FILENO) == 1 && terminal != "dumb";
  output.has_unicode = locale_is_unicode();
  output.has_color = !terminal.empty() && environment("NO_COLOR").empty();
  output.columns = [] { return terminal_columns(STDERR_FILENO); };
  return output;
}

progress::progress(int runs, progress_output output)
    : output_(std::move(output)), runs_(std::max(runs, 1)), begin_(output_.seconds()) {}

void progress::update(const progress_state& state) {
  const std::lock_guard lock(mutex_);
  note(state);
  if (!output_.is_terminal || output_.seconds() < next_draw_) return;
  draw(state);
}

void progress::end_epoch(const progress_state& state) {
  const std::lock_guard lock(mutex_);
  note(state);
  if (output_.is_terminal) return draw(state);
  *output_.stream << printable(state.run) << (state.run.empty() ? "" : ": ") << figures(state, ", ")
                  << '\n'
                  << std::flush;
}

void progress::end_run(const std::string& run) {
  const std::lock_guard lock(mutex_);
  done_[run] = 1;
}

void progress::print(std::string_view line) {
  const std::lock_guard lock(mutex_);
  erase();
  *output_.stream << line << '\n' << std::flush;
  next_draw_ = 0;
}

void progress::finish() {
  const std::lock_guard lock(mutex_);
  erase();
  *output_.stream << std::flush;
}

double progress::share_of(const progress_state& state) {
  if (state.epochs <= 0) return 0;
  return std::clamp((state.epoch + state.epoch_fraction) / state.epochs, 0.0, 1.0);
}

double progress::share_of_all() const {
  double sum = 0;
  for (const auto& [run, share] : done_)
    sum += share;
  return std::min(sum / runs_, 1.0);
}

double progress::seconds_left() const {
  const double share = share_of_all();
  if (share <= 0) return std::numeric_limits<double>::quiet_NaN();
  return (output_.seconds() - begin_) * (1 - share) / share;
}

std::string progress::figures(const progress_state& state, std::string_view between) const {
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

std::string progress::bar(double share, int width) const {
  const int full = static_cast<int>(std::lround(share * width));
  std::string text = output_.has_color ? "\033[36m" : "";
  for (int i = 0; i < full; ++i)
    text += output_.has_unicode ? "━" : "#";
  if (output_.has_color) text += "\033[0m\033[2m";
  for (int i = full; i < width; ++i)
    text += output_.has_unicode ? "─" : ".";
  return text + (output_.has_color ? "\033[0m" : "");
}

void progress::draw(const progress_state& state) {
  // The last column stays free: some terminals wrap when it is written.
  const int columns = output_.columns() - 1;
  const double share = share_of_all();
  std::string words = ' ' + format::percent(share, 0) + " %  " + printable(state.run) +
                      (state.run.empty() ? "" : "  ") + figures(state, "  ");
  const int taken = static_cast<int>(format::display_width(words));
  const int width = std::clamp(columns - taken, narrowest_bar, widest_bar);
  words = shortened(words, columns - width);
  *output_.stream << "\r\033[K" << (columns > narrowest_bar ? bar(share, width) : "") << words
                  << std::flush;
  is_drawn_ = true;
  next_draw_ = output_.seconds() + seconds_between_draws;
}

std::string progress::shortened(const std::string& text, int columns) {
  std::string kept;
  int width = 0;
  for (const char c : text) {
    const bool begins_character = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (begins_character && ++width > columns) break;
    kept += c;
  }
  return kept;
}

void progress::erase() {
  if (is_drawn_) *output_.stream << "\r\033[K";
  is_drawn_ = false;
}

}  // namespace detent_trainer
