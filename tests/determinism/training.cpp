// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Bit-width searches, gates, learned scales, schedules, gradient oracles.

#include <determinism/hashes.hpp>

namespace determinism {

namespace {

using namespace detent;

void read(hashes& h, bitwidth_search const& s) {
  h("bitwidth_search", s.bit_widths());
  h("bitwidth_search::bit_widths", s.bit_widths());
  h("bitwidth_search::average", s.average());
  h("bitwidth_search::clamped", s.clamped());
  h("bitwidth_search::frozen", s.frozen());
  h("bitwidth_search::size", s.size());
  auto const& state = s.state();
  h("bitwidth_search::state", state.smoothed, state.size, state.weight, state.steps);
  for (auto const& record : s.history())
    h("bitwidth_search::history", record.step, record.strength, record.bit_widths,
      record.data_pulls);
  for (std::size_t l = 0; l < s.size(); ++l) {
    h("bitwidth_search::bits", s.bits(l));
    h("bitwidth_search::alpha", s.alpha(l));
  }
}

void searches(hashes& h) {
  for (double rate : {0.02, 0.3}) {
    bitwidth_search s({0.1, 3, 5000, 77.7, 1e30}, {.target_bits = 4.3, .rate = rate});
    auto const pulls = weights<double>(2000, 3);
    for (std::size_t t = 0; t < 300; ++t) {
      double const share = static_cast<double>(t) / 200;
      h("bitwidth_search::towards_target", s.towards_target(share));
      s.step(std::span(pulls).subspan(5 * t, 5), s.towards_target(share));
      h("bitwidth_search::step", s.bit_widths());
    }
    read(h, s);
    auto again = bitwidth_search::restored(s.state());
    again.step(std::span(pulls).subspan(7, 5), 4.5);
    h("bitwidth_search::restored", again.bit_widths());
    s.freeze();
    h("bitwidth_search::freeze", s.bit_widths());
    read(h, s);
  }
}

void gates(hashes& h) {
  for (auto sharing : {mask_sharing::bitwise, mask_sharing::endpoints}) {
    bit_gates g(bits{5}, bits{2}, 0.83, sharing);
    h("bit_gates", g.logits());
    h("bit_gates::size", g.size());
    h("bit_gates::sharing", g.sharing());
    for (std::uint32_t step = 0; step < 40; ++step) {
      auto const draws = g.sample(philox_draws{5, step, 2}, step % 3);
      h("bit_gates::sample", draws, g.sample(0, (1.0 + step) / 64));
      auto const p = g.penalty();
      h("bit_gates::penalty", p.value, p.slopes);
      std::vector<double> slopes(g.size());
      for (std::size_t k = 0; k < slopes.size(); ++k)
        slopes[k] = step % 2 == 0 ? p.slopes[k] : -draws[k].slope;
      g.descend(slopes, 0.7);
      h("bit_gates::descend", g.logits());
      h("bit_gates::logits", g.logits());
      h("bit_gates::expected_bits", g.expected_bits());
      h("bit_gates::highest_code", g.highest_code());
      h("bit_gates::length", g.length());
      h("bit_gates::grid", g.grid(step_size{0.1}));
      for (std::size_t k = 0; k < g.size(); ++k) {
        h("bit_gates::open", g.open(k));
        h("bit_gates::open_slope", g.open_slope(k));
        h("bit_gates::cost", g.cost(k));
      }
    }
    bit_gates copy(bits{5}, bits{2}, 0.5, sharing);
    copy.restore(g.logits());
    h("bit_gates::restore", copy.logits(), copy.expected_bits());
    for (int code = -16; code < 16; ++code)
      h("bit_gates::gate_of", g.gate_of(code));
  }
}

template <class S>
void schedule_of(hashes& h, char const* name, char const* text, S const& s) {
  for (std::size_t i = 0; i <= 100; ++i)
    h(name, at_step(s, i, 100));
  h("at_step", at_step(s, 33, 100));
  h(text, std::string(s.text()));
}

void schedules(hashes& h) {
  schedule_of(h, "constant_schedule", "constant_schedule::text", constant_schedule(0.3));
  schedule_of(h, "rise_schedule", "rise_schedule::text", rise_schedule(0.4, 0.07));
  schedule_of(h, "window_schedule", "window_schedule::text", window_schedule(0.2, 0.7, 0.06));
  schedule_of(h, "exponential_schedule", "exponential_schedule::text",
              exponential_schedule(0.3, 4.7));
  schedule_of(h, "three_phase_schedule", "three_phase_schedule::text",
              three_phase_schedule(0.2, 0.7, 0.1, 0.5, 3));
  schedule_of(h, "product_schedule", "product_schedule::text",
              0.7 * rise_schedule(0.3) * exponential_schedule(1, -2));
}

void learned_scales(hashes& h) {
  positive s(0.37);
  h("positive", s.value());
  for (double const slope : weights<double>(500, 8)) {
    s.descend(slope, 0.03);
    h("positive::descend", s.value());
    h("positive::value", s.value());
  }
  h("positive::logarithm", s.logarithm());
  h("positive::restored", positive::restored(s.logarithm()).value());
}

/// A gradient of sums and products, over any scalar.
struct oracle {
  template <class S>
  void operator()(oracle_layers<S> layers) const {
    for (auto const& layer : layers) {
      std::size_t const n = layer.w.size();
      for (std::size_t i = 0; i < n; ++i) {
        S const beside = layer.w[(i + 1) % n], before = layer.w[(i + n - 1) % n];
        // A product by a power of two is exact: nothing changes where it is fused.
        S const own = layer.w[i] * layer.w[i] * S(0.25f);
        layer.g[i] = (beside + before) + layer.w[i] * S(0.5f) + own;
      }
    }
  }
};

template <class T>
void gradients(hashes& h, any_executor& executor) {
  std::vector<std::vector<T>> w, g, v, product;
  for (std::size_t const n : {std::size_t{5}, std::size_t{1030}, std::size_t{17000}}) {
    w.push_back(weights<T>(n, n));
    v.push_back(weights<T>(n, n + 1));
    g.emplace_back(n);
    product.emplace_back(n);
  }
  std::vector<directed_layer<T>> directed;
  std::vector<penalized_layer<T>> penalized;
  std::vector<oracle_layer<T>> seen;
  for (std::size_t l = 0; l < w.size(); ++l) {
    directed.push_back(directed_layer{w[l], g[l], v[l], product[l]});
    penalized.push_back(penalized_layer{w[l], g[l], 0.1 + 0.2 * static_cast<double>(l)});
    seen.push_back({w[l], g[l]});
  }
  oracle const of;
  auto const gradient = [&] { of(oracle_layers<T>(seen)); };
  auto const report = [&](char const* name, difference_report const& r) {
    h(name, r.step, r.rounding_error, r.evaluations, r.relative_error());
    h("difference_report::relative_error", r.relative_error());
    for (std::size_t l = 0; l < w.size(); ++l)
      h(name, product[l], g[l], w[l]);
  };
  difference_workspace<T> workspace(directed);
  dual_workspace<T> exact(directed);
  for (auto form : {difference::one_sided, difference::central}) {
    for (bool const check : {false, true}) {
      gradient();
      report("hessian_vector_product", hessian_vector_product(on(executor), of, directed, workspace,
                                                              {.form = form, .check = check}));
    }
    h("difference_share", difference_share<T>(form));
    h("difference_step", difference_step(difference_share<T>(form), 1.7));
  }
  h("difference_workspace", product[2]);
  gradient();
  report("hessian_vector_product", hessian_vector_product(on(executor), of, directed, exact));
  h("dual_workspace", product[2]);
  auto const penalize = [&](auto norm_of) {
    gradient();
    auto const by_difference =
        accumulate(on(executor), norm_of, of, penalized, workspace, {.check = true});
    h("accumulate", by_difference.value, by_difference.values);
    report("accumulate", by_difference.product);
    gradient();
    h("accumulate", accumulate(on(executor), norm_of, of, penalized, exact).value);
    for (auto const& one : g)
      h("accumulate", one);
  };
  penalize(gradient_norm<norm::l1>{});
  penalize(gradient_norm<norm::l2>{});
  penalize(gradient_norm<norm::maximum>{});
}

}  // namespace

void training(hashes& h, any_executor& executor) {
  searches(h);
  gates(h);
  schedules(h);
  learned_scales(h);
  gradients<float>(h, executor);
  gradients<double>(h, executor);
}

}  // namespace determinism
