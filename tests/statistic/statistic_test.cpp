// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The concept of a statistic: what the library ships, the least that fits, and near misses.

#include <doctest/doctest.h>

#include <cstddef>
#include <detent/algorithm/reduce.hpp>
#include <detent/config.hpp>
#include <detent/quantizer/dorefa_weights.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <detent/statistic/histogram.hpp>
#include <detent/statistic/magnitude.hpp>
#include <detent/statistic/moments.hpp>
#include <detent/statistic/quantization_error.hpp>
#include <support/tensors.hpp>
#include <vector>

namespace {

/// The least that is a statistic.
struct counter {
  std::size_t count = 0;
  void observe(double) { ++count; }
  void merge(counter const& other) { count += other.count; }
};

struct without_merge {
  void observe(double) {}
};
struct merges_others {
  void observe(double) {}
  void merge(counter const&) {}
};
struct keeps_weights {
  std::vector<double> weights;
  void observe(double w) { weights.push_back(w); }
  void merge(keeps_weights const&) {}
};

static_assert(detent::statistic<counter>);
static_assert(detent::statistic<detent::magnitude>);
static_assert(detent::statistic<detent::moments>);
static_assert(detent::statistic<detent::histogram<3>>);
static_assert(detent::statistic<detent::quantization_error<detent::wrpn_weights>>);
static_assert(detent::statistic<detent::quantization_error<detent::dorefa_weights>>);
static_assert(!detent::statistic<without_merge>);
static_assert(!detent::statistic<merges_others>);
static_assert(!detent::statistic<keeps_weights>);
static_assert(!detent::statistic<float>);

/// The least that is a statistic of sums.
struct squares : detent::summing<squares, 1> {
  template <class T>
  DETENT_HD detent::observation<1> terms(T w) const noexcept {
    double const x = static_cast<double>(w);
    return {{x * x}};
  }
  double sum() const noexcept { return total().sum[0]; }
};

struct without_terms : detent::summing<without_terms, 1> {};
struct says_another_number : detent::summing<says_another_number, 2> {
  template <class T>
  DETENT_HD detent::observation<1> terms(T) const noexcept {
    return {};
  }
};

static_assert(detent::summing_statistic<squares>);
static_assert(detent::summing_statistic<detent::magnitude>);
static_assert(detent::summing_statistic<detent::moments>);
static_assert(detent::summing_statistic<detent::quantization_error<detent::wrpn_weights>>);
static_assert(detent::summing_statistic<detent::quantization_error<detent::dorefa_weights>>);
static_assert(!detent::summing_statistic<detent::histogram<3>>);
static_assert(!detent::summing_statistic<counter>);
static_assert(!detent::summing_statistic<without_terms>);
static_assert(!detent::summing_statistic<says_another_number>);

}  // namespace

TEST_CASE("statistic: an archetype observes every weight once") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    std::vector<float> const w(size);
    CHECK(detent::reduce(counter{}, w).count == size);
  }
}

TEST_CASE("statistic: an archetype of sums observes every weight once") {
  for (std::size_t const size : tensors::awkward_sizes()) {
    std::vector<float> const w(size, 3.0f);
    auto const s = detent::reduce(squares{}, w);
    CHECK(s.count() == size);
    CHECK(s.sum() == 9.0 * static_cast<double>(size));
  }
}
