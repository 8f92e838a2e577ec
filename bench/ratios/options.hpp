// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// options: what the command line of bench_ratios says, and the groups of comparisons.

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace bench {

struct options {
  int largest = 26;   ///< sizes beyond 2^largest are left out
  int rounds = 40;    ///< of small tensors; large ones have fewer
  std::string group;  ///< the only one to run, or all

  bool has(std::size_t weights) const { return weights <= std::size_t{1} << largest; }
  bool wants(char const* name) const { return group.empty() || group == name; }

  int rounds_of(std::size_t weights) const {
    return weights > std::size_t{1} << 20 ? std::max(1, rounds / 2) : rounds;
  }

  /// Before the first row nothing, then a comma.
  char const* separator() const {
    char const* const now = first_ ? "" : ",";
    first_ = false;
    return now;
  }

 private:
  mutable bool first_ = true;
};

// Each in a file of its own, which says what it compares.
void compare_sizes(options const& o);
void compare_methods(options const& o);
void compare_verbs(options const& o);
void compare_learned(options const& o);
void compare_loops(options const& o);
void compare_layers(options const& o);

}  // namespace bench
