// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
//
// Every public function that refuses a number that is not finite, for builds with -ffast-math:
// NaN and the infinities, as constants and as what the compiler cannot know. Prints what was
// accepted. usage: refuses nan inf

#include <cstdio>
#include <cstdlib>
#include <detent/detent.hpp>
#include <limits>
#include <span>
#include <vector>

namespace {

using detent::bits;
using detent::step_size;

int tried = 0, accepted = 0;

template <class F>
void refuses(char const* name, char const* value, F const& f) {
  ++tried;
  try {
    f();
    std::printf("accepted: %s of %s\n", name, value);
    ++accepted;
  } catch (detent::invalid_argument const&) {
  }
}

struct quartic {
  template <class T>
  void operator()(detent::oracle_layers<T> layers) const {
    for (auto const& layer : layers) {
      for (std::size_t i = 0; i < layer.w.size(); ++i)
        layer.g[i] = layer.w[i] * layer.w[i] * layer.w[i];
    }
  }
};

/// A number that the compiler does not know, and constants.
struct unknown {
  double value;
};
struct volatile_number {
  double volatile value;
};
struct constant_nan {
  static constexpr double value = std::numeric_limits<double>::quiet_NaN();
};
struct constant_infinity {
  static constexpr double value = std::numeric_limits<double>::infinity();
};
struct constant_negative {
  static constexpr double value = -std::numeric_limits<double>::infinity();
};

template <class Number>
void check(char const* value, Number const number) {
  std::vector<float> w{0.1f, -0.4f, 0.8f, 0.3f}, g(4), v{1, 1, 1, 1}, product(4);
  auto const grid = detent::twos_complement_grid(bits{3}, step_size{0.25});
  detent::sinusoidal const reg{grid};
  detent::philox_draws const draws{};
  auto const with = [&](double x) {
    auto copy = w;
    copy[1] = static_cast<float>(x);
    return copy;
  };
  auto const m = detent::reduce(detent::magnitude{}, w),
             bad = detent::reduce(detent::magnitude{}, with(number.value));
  std::vector<detent::result<>> results(1);

  // clang-format off
  refuses("accumulate, scale", value, [&] { detent::accumulate(reg, w, g, number.value); });
  refuses("accumulate, layers", value, [&] {
    std::vector<detent::regularized_layer<detent::sinusoidal<>, float, float>> const layers{{reg, w, g, number.value}};
    detent::accumulate(detent::seq, layers, results); });
  refuses("accumulate, channels", value, [&] {
    detent::accumulate(detent::seq, detent::channel_extents{1, 1, 4}, std::vector{reg}, w, g, number.value, results); });
  refuses("fit_range", value, [&] { detent::fit_range(detent::wrpn_grid(bits{3}), with(number.value)); });
  refuses("step_size", value, [&] { step_size{number.value}; });
  refuses("uniform, phase", value, [&] { detent::uniform<double>{step_size{1}, number.value, 0, 3}; });
  refuses("uniform, scaled", value, [&] { static_cast<void>(grid.scaled(number.value)); });
  refuses("period, bit-width", value, [&] { detent::period<>{number.value}; });
  refuses("period, range", value, [&] { detent::period<>{2.0, number.value}; });
  refuses("dorefa_weights, weights", value, [&] { detent::dorefa_weights{bits{3}, bad}; });
  refuses("dorefa_weights, one bit", value, [&] { detent::dorefa_weights{bits{1}, bad}; });
  refuses("dorefa_weights, range", value, [&] { detent::dorefa_weights{bits{3}, m, number.value}; });
  refuses("dorefa_activations", value, [&] { detent::dorefa_activations{bits{3}, number.value}; });
  refuses("wrpn_weights", value, [&] { detent::wrpn_weights{bits{3}, number.value}; });
  refuses("pact", value, [&] { detent::pact{bits{3}, number.value}; });
  refuses("lsq, start", value, [&] { detent::lsq::start(3, bad); });
  refuses("noisy_range, weights", value, [&] { detent::noisy_range::weights(bits{3}, bad); });
  refuses("noisy_range, activations", value, [&] { detent::noisy_range::activations(bits{3}, bad); });
  refuses("relaxed, noise", value, [&] { detent::relaxed<>{grid, number.value, draws}; });
  refuses("relaxed, temperature", value, [&] { detent::relaxed<>{grid, 0.1, draws, {.temperature = number.value}}; });
  refuses("relaxed, local", value, [&] { detent::relaxed<>{grid, 0.1, draws, {.local = number.value}}; });
  refuses("semi_relaxed", value, [&] { detent::semi_relaxed<>{grid, number.value}; });
  refuses("drop_bits, noise", value, [&] { detent::drop_bits<1>{bits{3}, step_size{1}, number.value, {1.0}}; });
  refuses("drop_bits, mask", value, [&] { detent::drop_bits<1>{bits{3}, step_size{1}, 0.3, {number.value}}; });
  refuses("kurtosis", value, [&] { detent::kurtosis{detent::reduce(detent::moments{}, w), number.value}; });
  refuses("bit_gates, keep", value, [&] { detent::bit_gates{bits{4}, bits{2}, number.value}; });
  refuses("bit_gates, sample", value, [&] { detent::bit_gates{bits{4}}.sample(0, number.value); });
  refuses("bit_gates, rate", value, [&] { detent::bit_gates{bits{3}}.descend(std::vector<double>{1.0}, number.value); });
  refuses("bit_gates, slopes", value, [&] { detent::bit_gates{bits{3}}.descend(std::vector<double>{number.value}, 0.1); });
  refuses("histogram, lowest", value, [&] { detent::histogram<4>{number.value, 1.0}; });
  refuses("histogram, highest", value, [&] { detent::histogram<4>{-1.0, number.value}; });
  refuses("positive", value, [&] { detent::positive{number.value}; });
  refuses("positive, slope", value, [&] { detent::positive{1.0}.descend(number.value, 0.1); });
  refuses("positive, rate", value, [&] { detent::positive{1.0}.descend(0.1, number.value); });
  refuses("constant_schedule", value, [&] { detent::constant_schedule{number.value}; });
  refuses("product of schedules", value, [&] { static_cast<void>(number.value * detent::rise_schedule{0.5}); });
  refuses("rise_schedule, at", value, [&] { detent::rise_schedule{number.value}; });
  refuses("rise_schedule, width", value, [&] { detent::rise_schedule{0.5, number.value}; });
  refuses("window_schedule, begin", value, [&] { detent::window_schedule{number.value, 0.5}; });
  refuses("window_schedule, end", value, [&] { detent::window_schedule{0.5, number.value}; });
  refuses("exponential_schedule, start", value, [&] { detent::exponential_schedule{number.value, 1.0}; });
  refuses("exponential_schedule, rate", value, [&] { detent::exponential_schedule{1.0, number.value}; });
  refuses("three_phase_schedule, second", value, [&] { detent::three_phase_schedule{number.value, 0.5, 1, 2, 3}; });
  refuses("three_phase_schedule, third", value, [&] { detent::three_phase_schedule{0.5, number.value, 1, 2, 3}; });
  refuses("three_phase_schedule, value", value, [&] { detent::three_phase_schedule{0.2, 0.5, 1, number.value, 3}; });
  refuses("bitwidth_search, costs", value, [&] { detent::bitwidth_search{{1.0, number.value}}; });
  refuses("bitwidth_search, start", value, [&] { detent::bitwidth_search{{1.0, 1.0}, {}, {4.0, number.value}}; });
  refuses("bitwidth_search, target", value, [&] { detent::bitwidth_search{{1.0}, {.target_bits = number.value}}; });
  refuses("bitwidth_search, min", value, [&] { detent::bitwidth_search{{1.0}, {.min_bits = number.value}}; });
  refuses("bitwidth_search, max", value, [&] { detent::bitwidth_search{{1.0}, {.max_bits = number.value}}; });
  refuses("bitwidth_search, start_bits", value, [&] { detent::bitwidth_search{{1.0}, {.start_bits = number.value}}; });
  refuses("bitwidth_search, rate", value, [&] { detent::bitwidth_search{{1.0}, {.rate = number.value}}; });
  refuses("bitwidth_search, momentum", value, [&] { detent::bitwidth_search{{1.0}, {.momentum = number.value}}; });
  refuses("bitwidth_search, pulls", value, [&] { detent::bitwidth_search{{1.0}}.step(std::vector<double>{number.value}, 6); });
  refuses("bitwidth_search, wanted", value, [&] { detent::bitwidth_search{{1.0}}.step(std::vector<double>{1.0}, number.value); });
  for (int field = 0; field < 5; ++field) {
    refuses("bitwidth_search, restored", value, [&] {
      detent::bitwidth_search search{{1.0, 2.0}};
      search.step(std::vector<double>{1.0, 2.0}, 6);
      auto state = search.state();
      double* const fields[] = {&state.bit_widths[0], &state.smoothed[0], &state.size, &state.weight, &state.costs[1]};
      *fields[field] = number.value;
      detent::bitwidth_search::restored(state); });
  }
  refuses("difference_step, share", value, [&] { detent::difference_step(number.value, 1.0); });
  refuses("difference_step, ratio", value, [&] { detent::difference_step(1.0, number.value); });
  refuses("hessian_vector_product, step", value, [&] {
    std::vector<detent::directed_layer<float>> const layers{{w, g, v, product}};
    detent::difference_workspace<float> workspace{layers};
    detent::difference_options options;
    options.step = number.value;
    detent::hessian_vector_product(detent::seq, quartic{}, layers, workspace, options); });
  refuses("hessian_vector_product, share", value, [&] {
    std::vector<detent::directed_layer<float>> const layers{{w, g, v, product}};
    detent::difference_workspace<float> workspace{layers};
    detent::difference_options options;
    options.share = number.value;
    detent::hessian_vector_product(detent::seq, quartic{}, layers, workspace, options); });
  for (int tensor = 0; tensor < 3; ++tensor) {
    refuses("hessian_vector_product, tensors", value, [&] {
      auto a = tensor == 0 ? with(number.value) : w, b = tensor == 1 ? with(number.value) : w, c = tensor == 2 ? with(number.value) : w;
      std::vector<detent::directed_layer<float>> const layers{{a, b, c, product}};
      detent::difference_workspace<float> workspace{layers};
      detent::hessian_vector_product(detent::seq, quartic{}, layers, workspace); });
  }
  refuses("gradient penalty, scale", value, [&] {
    std::vector<detent::penalized_layer<float>> const layers{{w, g, number.value}};
    detent::difference_workspace<float> workspace{layers};
    detent::accumulate(detent::seq, detent::gradient_norm<detent::norm::l1>{}, quartic{}, layers, workspace); });
  refuses("gradient penalty, magnitude", value, [&] {
    std::vector<detent::penalized_layer<float>> const layers{{w, g, 1.0, detent::gradient_of::activations, number.value}};
    detent::difference_workspace<float> workspace{layers};
    detent::accumulate(detent::seq, detent::gradient_norm<detent::norm::l1>{}, quartic{}, layers, workspace); });
  // clang-format on
}

}  // namespace

int main(int, char** argv) {
  double const nan = std::strtod(argv[1], nullptr), infinity = std::strtod(argv[2], nullptr);
  check("NaN", unknown{nan});
  check("infinity", unknown{infinity});
  check("-infinity", unknown{-infinity});
  check("volatile NaN", volatile_number{nan});
  check("constant NaN", constant_nan{});
  check("constant infinity", constant_infinity{});
  check("constant -infinity", constant_negative{});
  std::printf("%d of %d accepted\n", accepted, tried);
  return accepted == 0 && tried > 400 ? 0 : 1;
}
