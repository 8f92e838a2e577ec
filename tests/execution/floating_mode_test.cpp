// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Rounding modes and flush-to-zero: refused on the calling thread, without effect on any other.

#include <doctest/doctest.h>

#include <bit>
#include <cfenv>
#include <cstddef>
#include <cstdint>
#include <detent/detent.hpp>
#include <detent/math/floating_mode.hpp>
#include <string>
#include <support/random.hpp>
#include <support/tensors.hpp>
#include <thread>
#include <vector>

using namespace detent;
using tensors::message_of;

namespace {

constexpr int wrong_modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};

/// Sets a rounding mode for its lifetime.
class rounding_mode {
 public:
  explicit rounding_mode(int mode) : before_(std::fegetround()) { std::fesetround(mode); }
  ~rounding_mode() { std::fesetround(before_); }
  rounding_mode(rounding_mode const&) = delete;
  rounding_mode& operator=(rounding_mode const&) = delete;

 private:
  int before_;
};

/// Runs each chunk on a thread of its own, whose floating-point mode is another one.
struct strange_executor {
  int mode;
  bool flushes;

  template <class F>
  void bulk(std::size_t count, F const& f) const {
    for (std::size_t i = 0; i < count; ++i) {
      std::thread([&, i] {
        std::fesetround(mode);
        if (flushes) detail::set_floating_mode(detail::floating_mode() | detail::subnormal_bits);
        auto const before = detail::floating_mode() & modes;
        f(i);
        if ((detail::floating_mode() & modes) != before) is_restored = false;
      }).join();
    }
  }

  static constexpr auto modes = detail::rounding_bits | detail::subnormal_bits;
  static inline bool is_restored = true;
};

std::vector<float> weights(std::size_t count) {
  detent_test::random_numbers r(7);
  std::vector<float> w(count);
  for (float& x : w)
    x = static_cast<float>(r.between(-1, 1));
  return w;
}

/// The bits of what every operation makes of some weights, of which a few are subnormal.
template <class Policy>
std::vector<std::uint64_t> outputs(Policy const& policy) {
  std::vector<float> w = weights(40000), g(w.size(), 1e-40f), level(w.size());
  for (std::size_t i = 0; i < w.size(); i += 97)
    w[i] = 3e-42f * static_cast<float>(i % 7);
  dorefa_weights const q(bits{3}, reduce(policy, magnitude{}, w));
  std::vector<std::uint64_t> all;
  auto const add = [&](double number) { all.push_back(std::bit_cast<std::uint64_t>(number)); };
  auto const keep = [&](std::vector<float> const& numbers) {
    for (float const& x : numbers)
      all.push_back(std::bit_cast<std::uint32_t>(x));
  };
  add(accumulate(policy, sinusoidal{q.grid()}, w, g, 0.1).value);
  keep(g);
  quantize(policy, q, w, level);
  keep(level);
  backward(policy, q, w, level, g);
  keep(g);
  add(reduce(policy, moments{}, w).variance());
  add(reduce(policy, norms{}, w).l2());
  add(reduce(policy, bins<>{q.grid()}, w).variances());
  add(penalty(policy, kurtosis(reduce(policy, moments{}, w)), w).value);
  snap(policy, q.grid(), w);
  keep(w);
  return all;
}

}  // namespace

TEST_CASE("floating mode: an operation refuses a thread that does not round to nearest") {
  std::vector<float> w = weights(1000), g(w.size(), 0.5f), level(w.size(), 7.0f);
  rounding const q(wrpn_grid(bits{3}));
  semi_relaxed<> const learned(twos_complement_grid(bits{3}, step_size{0.2}), 0.05);
  sinusoidal const reg(q.grid());
  std::vector<std::uint8_t> bytes(packed_size(w.size(), bits{3}), 9);
  packed_codes const codes{bytes, bits{3}};
  auto const w_before = w, g_before = g, level_before = level;
  auto const bytes_before = bytes;
  std::vector const layers{regularized_layer{reg, w, g, 0.1}};
  std::vector<result<>> results(1);
  for (int const mode : wrong_modes) {
    CAPTURE(mode);
    rounding_mode const set(mode);
    auto const refused = [](auto f) {
      return message_of(f).starts_with("detent: rounding mode: is not to nearest");
    };
    CHECK(refused([&] { accumulate(reg, w, g, 0.1); }));
    CHECK(refused([&] { accumulate(seq, layers, results); }));
    CHECK(refused([&] { (void)penalty(reg, w); }));
    CHECK(refused([&] { quantize(q, w, level); }));
    CHECK(refused([&] { quantize(learned, w, level); }));
    CHECK(refused([&] { backward(q, w, level, g); }));
    CHECK(refused([&] { (void)backward(learned, w, level, g); }));
    CHECK(refused([&] { snap(q.grid(), w); }));
    CHECK(refused([&] { snap(q.grid(), w, codes); }));
    CHECK(refused([&] { unpack(q.grid(), codes, w); }));
    CHECK(refused([&] { (void)reduce(magnitude{}, w); }));
    CHECK(refused([&] { (void)reduce(histogram<8>{-1, 1}, w); }));
    CHECK(refused([&] { (void)fit_range(q.grid(), w); }));
    CHECK(refused([] { (void)wrpn_grid(bits{3}); }));
    CHECK(refused([&] { (void)q.grid().scaled(0.7); }));
    CHECK(refused([] { (void)bit_gates(bits{3}); }));
    CHECK(refused([] { (void)positive(0.3); }));
    CHECK(refused([] { (void)bitwidth_search({1, 2}); }));
    CHECK(std::fegetround() == mode);
  }
  CHECK(w == w_before);
  CHECK(g == g_before);
  CHECK(level == level_before);
  CHECK(bytes == bytes_before);
}

TEST_CASE("floating mode: a step of training is refused before anything moves") {
  bit_gates gates(bits{4});
  positive scale(0.7);
  bitwidth_search search({1, 3}, {.target_bits = 4});
  double const logit = gates.logits()[0], value = scale.value();
  bitwidth_state const state = search.state();
  for (int const mode : wrong_modes) {
    rounding_mode const set(mode);
    auto const refused = [](auto f) { return message_of(f).starts_with("detent: rounding mode"); };
    CHECK(refused([&] { gates.descend(std::vector<double>{1, 1}, 0.1); }));
    CHECK(refused([&] { (void)gates.sample(0, 0.3); }));
    CHECK(refused([&] { scale.descend(1, 0.1); }));
    CHECK(refused([&] { search.step(std::vector<double>{1, 2}, 5); }));
    CHECK(refused([&] { search.freeze(); }));
    CHECK(refused([&] { (void)bitwidth_search::restored(state); }));
  }
  CHECK(gates.logits()[0] == logit);
  CHECK(scale.value() == value);
  CHECK(search.state() == state);
}

TEST_CASE("floating mode: the threads of a policy may have any, and get it back") {
  auto const expected = outputs(seq);
  for (bool const flushes : {false, true}) {
    for (int const mode : {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
      CAPTURE(mode);
      CAPTURE(flushes);
      strange_executor executor{mode, flushes};
      CHECK(outputs(on(executor)) == expected);
    }
  }
  CHECK(strange_executor::is_restored);
}

TEST_CASE("floating mode: flush-to-zero on the calling thread changes no bit of the tensors") {
  auto const expected = outputs(seq);
  auto const before = detail::floating_mode();
  detail::set_floating_mode(before | detail::subnormal_bits);
  auto const flushed = outputs(seq);
  bool const is_kept = (detail::floating_mode() & detail::subnormal_bits) == detail::subnormal_bits;
  detail::set_floating_mode(before);
  CHECK(flushed == expected);
  CHECK(is_kept);
}

TEST_CASE("floating mode: exception flags raised in between stay") {
  std::fesetround(FE_UPWARD);
  std::feclearexcept(FE_ALL_EXCEPT);
  {
    detail::standard_floating_mode const mode;
    CHECK((detail::floating_mode() & detail::rounding_bits) == 0);
    std::feraiseexcept(FE_DIVBYZERO);
  }
  CHECK(std::fegetround() == FE_UPWARD);
  CHECK(std::fetestexcept(FE_DIVBYZERO) != 0);
  std::feclearexcept(FE_ALL_EXCEPT);
  std::fesetround(FE_TONEAREST);
}

#if defined(__x86_64__) && defined(__GNUC__)
namespace {

/// Whether the sum of |w| is that of numbers that are not 0, by bits: the mode may flush others.
bool mean_is_exact(std::vector<float> const& w) {
  double const mean = reduce(magnitude{}, w).mean();
  return std::bit_cast<std::uint64_t>(mean) == std::bit_cast<std::uint64_t>(0x1p-140);
}

}  // namespace

TEST_CASE("floating mode: subnormal operands that count as zero on the caller change no bit") {
  // One operation, the largest of a tensor that has nothing but subnormal numbers.
  std::vector<float> const w(100, 0x1p-140f);
  auto const before = detail::floating_mode();
  for (detail::mode_word const flag : {0x40u, 0x8000u, 0x8040u}) {
    detail::set_floating_mode(before | flag);
    bool const is_kept = mean_is_exact(w);
    detail::set_floating_mode(before);
    CHECK(is_kept);
  }
}
#endif
