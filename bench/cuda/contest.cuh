// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// session: runs contests on a GPU, in which candidates for the same work take turns.

#include <bench/cuda/options.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace bench::cuda {

/// Throws a detent::cuda_error that names what was tried.
void require(cudaError_t code, char const* tried);

/// One way to do the work.
struct candidate {
  std::string name;
  double bytes;  ///< counted a weight
  /// Enqueues the work once, on one of the sets of buffers.
  std::function<void(cudaStream_t, std::size_t set)> enqueue;
  /// Whether a graph replays the calls, so that small ones are not bound by the host; else the host
  /// makes each.
  bool is_captured = true;
};

/// What a contest is about.
struct subject {
  std::string group, name, type, gradient;
  std::size_t weights;
  std::size_t tensors = 1;
  std::size_t sets = 1;      ///< of buffers, which the calls go through in turn
  bool is_in_cache = false;  ///< whether one set fits L2 and is used again and again
};

/// Prints JSON on standard output, row by row.
class session {
 public:
  explicit session(options const& o);
  ~session();
  session(session const&) = delete;
  session& operator=(session const&) = delete;

  options const& wanted() const { return options_; }
  std::size_t cache_bytes() const { return cache_bytes_; }
  cudaStream_t stream() const { return stream_; }

  /// Whether there is time and memory for it; else it is noted as skipped.
  bool has_room(subject const& s, std::size_t bytes);
  void run(subject const& s, std::vector<candidate> const& candidates);
  /// The list of what was skipped.
  std::string skipped() const { return skipped_; }

 private:
  using clock = std::chrono::steady_clock;
  void skip(subject const& s, char const* why);

  options options_;
  clock::time_point end_;
  std::size_t cache_bytes_ = 0;
  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr, finish_ = nullptr;
  bool is_first_ = true;
  std::string skipped_;
};

/// The sets that are more than the cache can hold, but no more than a graph can go through.
std::size_t sets_beyond_cache(session const& s, std::size_t bytes_of_set);

// The groups, each in a file of its own, which says what it measures.
void compare_floats(session& s);
void compare_bfloat16s(session& s);
void compare_other_types(session& s);
void compare_layers(session& s);
void compare_verbs(session& s);

/// Whether host and device agree bit for bit, for every type; prints a list.
bool check_bits(session& s);

/// accumulate as Thrust and CUB would have it, in two passes each: the penalty, then the gradient.
/// The arrays hold the tensors of all sets, of so many weights each.
std::vector<candidate> library_candidates(float const* w, float* g, std::size_t weights);
/// The penalty alone, by CUB.
candidate library_penalty(float const* w, std::size_t weights);

}  // namespace bench::cuda
