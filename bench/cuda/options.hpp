// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// options: what the command line of bench_cuda says.

#include <charconv>
#include <cstddef>
#include <string_view>

namespace bench::cuda {

struct options {
  int largest = 30;        ///< sizes beyond 2^largest are left out
  int rounds = 21;         ///< turns of every candidate
  int seconds = 300;       ///< nothing is begun later
  std::string_view group;  ///< the only one to run, or all

  bool has(std::size_t weights) const { return weights <= std::size_t{1} << largest; }
  bool wants(std::string_view name) const { return group.empty() || group == name; }
};

inline constexpr char const* usage =
    "usage: bench_cuda [--largest 10..30] [--rounds N] [--seconds N] "
    "[--group bits|float|bfloat16|layers|verbs|others]";

inline bool parse(std::string_view text, int least, int most, int& number) {
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= least &&
         number <= most;
}

/// False where the command line is none of the usage's.
inline bool parse(int argc, char** argv, options& o) {
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string_view const name = argv[i], value = argv[i + 1];
    bool good = false;
    if (name == "--largest") good = parse(value, 10, 30, o.largest);
    if (name == "--rounds") good = parse(value, 1, 100000, o.rounds);
    if (name == "--seconds") good = parse(value, 1, 100000, o.seconds);
    if (name == "--group") {
      o.group = value;
      for (char const* const group : {"bits", "float", "bfloat16", "layers", "verbs", "others"})
        good = good || value == group;
    }
    if (!good) return false;
  }
  return argc % 2 == 1;
}

}  // namespace bench::cuda
