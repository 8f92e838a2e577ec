// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Turns, their times by events, and the rows of JSON.

#include <algorithm>
#include <bench/cuda/contest.cuh>
#include <cstdio>
#include <detent/cuda/stream.cuh>
#include <memory>

namespace bench::cuda {

namespace {

constexpr double seconds_of_turn = 3e-3;
constexpr std::size_t most_calls = 2048;

/// The calls of a turn.
class calls {
 public:
  calls(candidate const& c, std::size_t count, std::size_t sets, cudaStream_t s)
      : candidate_(c), count_(count), sets_(sets), stream_(s) {
    if (!c.is_captured) return;
    cudaGraph_t graph = nullptr;
    require(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal), "begin of a capture");
    make();
    require(cudaStreamEndCapture(s, &graph), "end of a capture");
    require(cudaGraphInstantiate(&graph_, graph, 0), "instantiation of a graph");
    require(cudaGraphDestroy(graph), "destruction of a graph");
  }
  ~calls() {
    if (graph_ != nullptr) cudaGraphExecDestroy(graph_);
  }
  calls(calls const&) = delete;
  calls& operator=(calls const&) = delete;

  std::size_t count() const { return count_; }

  void enqueue() const {
    if (graph_ == nullptr) return make();
    require(cudaGraphLaunch(graph_, stream_), "launch of a graph");
  }
  /// What the device does until the host has enqueued the turn itself.
  void enqueue_before() const {
    if (graph_ == nullptr) return candidate_.enqueue(stream_, 0);
    enqueue();
  }

 private:
  void make() const {
    for (std::size_t i = 0; i < count_; ++i)
      candidate_.enqueue(stream_, i % sets_);
  }

  candidate const& candidate_;
  std::size_t count_, sets_;
  cudaStream_t stream_;
  cudaGraphExec_t graph_ = nullptr;
};

/// Seconds between two events, around whatever `enqueue` does.
template <class Before, class Enqueue>
double seconds(cudaStream_t s, cudaEvent_t begin, cudaEvent_t end, Before before, Enqueue enqueue) {
  before();
  require(cudaEventRecord(begin, s), "record of an event");
  enqueue();
  require(cudaEventRecord(end, s), "record of an event");
  require(cudaEventSynchronize(end), "wait for an event");
  float milliseconds = 0;
  require(cudaEventElapsedTime(&milliseconds, begin, end), "time between events");
  return 1e-3 * static_cast<double>(milliseconds);
}

double median_of(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x.size() % 2 == 1 ? x[x.size() / 2] : (x[x.size() / 2 - 1] + x[x.size() / 2]) / 2;
}

std::string text_of(subject const& s) {
  return "\"group\": \"" + s.group + "\", \"name\": \"" + s.name + "\", \"type\": \"" + s.type +
         "\", \"gradient\": \"" + s.gradient + "\", \"weights\": " + std::to_string(s.weights) +
         ", \"tensors\": " + std::to_string(s.tensors) + ", \"sets\": " + std::to_string(s.sets) +
         ", \"in_cache\": " + (s.is_in_cache ? "true" : "false");
}

}  // namespace

void require(cudaError_t code, char const* tried) {
  if (code != cudaSuccess) throw detent::cuda_error(code, tried);
}

session::session(options const& o)
    : options_(o), end_(clock::now() + std::chrono::seconds(o.seconds)) {
  int bytes = 0;
  require(cudaDeviceGetAttribute(&bytes, cudaDevAttrL2CacheSize, 0), "size of the cache");
  cache_bytes_ = static_cast<std::size_t>(bytes);
  require(cudaStreamCreate(&stream_), "creation of a stream");
  require(cudaEventCreate(&begin_), "creation of an event");
  require(cudaEventCreate(&finish_), "creation of an event");
}

session::~session() {
  cudaEventDestroy(begin_);
  cudaEventDestroy(finish_);
  cudaStreamDestroy(stream_);
}

void session::skip(subject const& s, char const* why) {
  skipped_ += (skipped_.empty() ? "\n{" : ",\n{") + text_of(s) + ", \"why\": \"" + why + "\"}";
}

bool session::has_room(subject const& s, std::size_t bytes) {
  if (clock::now() > end_) {
    skip(s, "no time was left");
    return false;
  }
  std::size_t left = 0, all = 0;
  require(cudaMemGetInfo(&left, &all), "size of the memory");
  if (bytes < left / 10 * 9) return true;
  skip(s, "it does not fit the memory");
  return false;
}

void session::run(subject const& s, std::vector<candidate> const& candidates) {
  std::vector<std::unique_ptr<calls>> turns;
  for (candidate const& c : candidates) {
    auto const several = [&] {
      for (std::size_t i = 0; i < 4; ++i)
        c.enqueue(stream_, i % s.sets);
    };
    double const one = seconds(stream_, begin_, finish_, several, several) / 4;
    auto const enough = static_cast<std::size_t>(seconds_of_turn / std::max(one, 1e-7)) + 1;
    turns.push_back(std::make_unique<calls>(
        c, std::clamp(enough, std::max<std::size_t>(s.sets, 2), most_calls), s.sets, stream_));
  }
  std::vector<std::vector<double>> times(turns.size());
  for (int round = 0; round < options_.rounds; ++round) {
    for (std::size_t t = 0; t < turns.size(); ++t) {
      double const turn = seconds(
          stream_, begin_, finish_, [&] { turns[t]->enqueue_before(); },
          [&] { turns[t]->enqueue(); });
      times[t].push_back(turn / static_cast<double>(turns[t]->count()));
    }
  }
  std::printf("%s\n{%s, \"candidates\": [", is_first_ ? "" : ",", text_of(s).c_str());
  is_first_ = false;
  for (std::size_t t = 0; t < turns.size(); ++t) {
    std::printf(
        "%s\n  {\"name\": \"%s\", \"bytes\": %g, \"captured\": %s, \"calls\": %zu, \"us\": %.6g, "
        "\"us_median\": %.6g}",
        t == 0 ? "" : ",", candidates[t].name.c_str(), candidates[t].bytes,
        candidates[t].is_captured ? "true" : "false", turns[t]->count(),
        1e6 * *std::min_element(times[t].begin(), times[t].end()), 1e6 * median_of(times[t]));
  }
  std::printf("]}");
  std::fflush(stdout);
}

std::size_t sets_beyond_cache(session const& s, std::size_t bytes_of_set) {
  return std::clamp<std::size_t>(3 * s.cache_bytes() / bytes_of_set + 1, 1, most_calls);
}

}  // namespace bench::cuda
