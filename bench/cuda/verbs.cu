// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// Every verb on one large tensor, beside the copy of the same bytes.

#include <bench/cuda/contest.cuh>
#include <bench/cuda/memory.cuh>
#include <bench/support/functors.hpp>
#include <cstdint>
#include <detent/cuda/accumulate.cuh>
#include <detent/cuda/backward.cuh>
#include <detent/cuda/plan.cuh>
#include <detent/cuda/quantize.cuh>
#include <detent/cuda/reduce.cuh>
#include <detent/cuda/snap.cuh>
#include <detent/statistic/magnitude.hpp>

namespace bench::cuda {

namespace {

namespace device = detent::cuda;

class verbs {
 public:
  static constexpr std::size_t weights = std::size_t{1} << 26;
  /// Of the arrays here and of the largest copy.
  static constexpr std::size_t bytes = weights * (3 * sizeof(float) + 1 + 16);

  explicit verbs(session& s)
      : session_(s),
        w_(weights, 1.1f),
        upstream_(weights, 0.5f),
        g_(weights, 0.01f),
        codes_(weights),
        memory_(device::workspace_bytes(weights, 3)),
        workspace_(s.stream(), memory_.span()),
        value_(1),
        theta_(1),
        magnitude_(1) {}

  static subject about(char const* name) { return {"verbs", name, "float", "float", weights}; }

  void all() {
    row("penalty/bounded", 4,
        [this](cudaStream_t s, std::size_t) {
          device::penalty(s, bounded(), w_.span(), workspace_, value_.span());
        },
        {library_penalty(w_.data(), weights)});
    row("quantize/rounding", 8, [this](cudaStream_t s, std::size_t) {
      device::quantize(s, rounding(), w_.span(), g_.span());
    });
    row("backward/rounding", 16, [this](cudaStream_t s, std::size_t) {
      device::backward(s, rounding(), w_.span(), upstream_.span(), g_.span());
    });
    row("backward/lsq", 16, [this](cudaStream_t s, std::size_t) {
      device::backward(s, lsq(), w_.span(), upstream_.span(), g_.span(), workspace_, theta_.span());
    });
    row("reduce/magnitude", 4, [this](cudaStream_t s, std::size_t) {
      device::reduce(s, detent::magnitude(), w_.span(), workspace_, magnitude_.span());
    });
    // Last: it rounds the weights.
    row("snap/codes", 9,
        [this](cudaStream_t s, std::size_t) { device::snap(s, grid(), w_.span(), codes_.span()); });
  }

 private:
  template <class Enqueue>
  void row(char const* name, double of_weight, Enqueue enqueue, std::vector<candidate> more = {}) {
    if (!session_.has_room(about(name), weights * 16)) return;
    copied const copy(weights, of_weight, 1);
    std::vector<candidate> candidates{{"detent", of_weight, enqueue}, copy.candidate()};
    for (candidate& c : more)
      candidates.push_back(std::move(c));
    session_.run(about(name), candidates);
  }

  session& session_;
  device_array<float> w_, upstream_, g_;
  device_array<std::int8_t> codes_;
  device_array<std::byte> memory_;
  device::workspace workspace_;
  device_array<detent::result<>> value_;
  device_array<detent::result<1>> theta_;
  device_array<detent::magnitude> magnitude_;
};

}  // namespace

void compare_verbs(session& s) {
  if (!s.wanted().has(verbs::weights) || !s.has_room(verbs::about("all"), verbs::bytes)) return;
  verbs(s).all();
}

}  // namespace bench::cuda
