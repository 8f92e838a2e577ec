// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
//
// Calls every public operation. Compiled with -DOPERATIONS=plain or other, so that copies with
// different flags can be linked together. Uses no container and no algorithm of the standard
// library itself, so that all of those in the object come from the library's headers.

#include <cstring>
#include <detent/detent.hpp>
#include <exception>
#include <flags/operations.hpp>
#include <span>

#define NAME_OF(function, suffix) function##_##suffix
#define NAME(function, suffix) NAME_OF(function, suffix)

// Types of a user's, which every object knows under one name. The functions are marked DETENT_HD,
// and so inlined: others would be shared, whatever the library does.
namespace flags_user {

/// A statistic that is no sum.
struct largest_index {
  std::uint64_t count = 0, index = 0;
  float most = -1;
  DETENT_HD largest_index() noexcept {}
  template <class T>
  DETENT_HD void observe(T w) noexcept {
    ++count;
    if (static_cast<float>(w) > most) {
      most = static_cast<float>(w);
      index = count;
    }
  }
  DETENT_HD void merge(largest_index const& other) noexcept {
    if (other.most > most) {
      most = other.most;
      index = count + other.index;
    }
    count += other.count;
  }
};

/// A regularizer with a parameter.
struct cubic {
  static constexpr int parameters = 1;
  template <class T>
  DETENT_HD detent::term<T, 1> operator()(T w) const noexcept {
    T const squared = w * w;
    return {squared, T(2) * w, {squared * w}};
  }
};

/// The gradient of Σ w⁴/4 + Σ w.
struct oracle {
  template <class T>
  DETENT_HD void operator()(detent::oracle_layers<T> layers) const {
    for (auto const& layer : layers) {
      for (std::size_t i = 0; i < layer.w.size(); ++i) {
        T const x = layer.w.data()[i];
        layer.g.data()[i] = x * x * x + T(1);
      }
    }
  }
};

/// An oracle that knows its layers itself.
struct still_oracle {
  DETENT_HD void operator()() const {}
};

}  // namespace flags_user

namespace {

using detent::bits;
using detent::seq;
using namespace flags_user;

struct writer {
  operations_memory& memory;

  std::span<float const> w() const { return {memory.w, memory.size}; }
  std::span<float const> upstream() const { return {memory.upstream, memory.size}; }
  /// A tensor of zeros that is compared at the end.
  std::span<float> tensor() const {
    return {memory.out + memory.used++ * memory.size, memory.size};
  }
  /// A copy of the weights.
  std::span<float> copy() const {
    auto const t = tensor();
    for (std::size_t i = 0; i < t.size(); ++i)
      t[i] = memory.w[i];
    return t;
  }
  void number(double x) const { memory.numbers[memory.count++] = x; }
  template <int P>
  void result(detent::result<P> const& r) const {
    number(r.value);
    for (int p = 0; p < P; ++p)
      number(r.theta.data()[p]);
  }
};

/// Runs the chunks in the order from the last.
struct backwards {
  template <class F>
  void bulk(std::size_t count, F const& f) {
    while (count > 0)
      f(--count);
  }
};

template <class Policy, class R>
void regularize(writer const& to, Policy const& policy, R const& reg) {
  to.result(detent::accumulate(policy, reg, to.w(), to.tensor(), 0.25));
  to.result(detent::penalty(policy, reg, to.w()));
}

template <class Policy, class Q>
void quantize(writer const& to, Policy const& policy, Q const& q) {
  detent::quantize(policy, q, to.w(), to.tensor());
  to.result(detent::backward(policy, q, to.w(), to.upstream(), to.tensor()));
}

template <class Policy>
void statistics(writer const& to, Policy const& policy) {
  auto const w = to.w();
  auto const m = detent::reduce(policy, detent::magnitude{}, w);
  auto const q = detent::rounding(detent::wrpn_grid(bits{3}));
  auto const moments = detent::reduce(policy, detent::moments{0.1}, w);
  auto const norms = detent::reduce(policy, detent::norms{}, w);
  auto const error = detent::reduce(policy, detent::quantization_error{q}, w);
  auto const counts = detent::reduce(policy, detent::histogram<16>{-1.0, 1.0}, w);
  auto const bins = detent::reduce(policy, detent::bins<16>{q.grid()}, w);
  auto const seen =
      detent::reduce(policy, detent::through(detent::tanh_domain{}, detent::moments{}), w).inner;
  double const numbers[] = {m.mean(),
                            moments.mean(),
                            moments.variance(),
                            moments.third(),
                            moments.fourth(),
                            moments.kurtosis(),
                            norms.l1(),
                            norms.l2(),
                            norms.nonzero(),
                            norms.counted(),
                            error.mean_squared_error(),
                            error.sqnr_db(),
                            error.on_grid_fraction(),
                            static_cast<double>(counts.counts().data()[3]),
                            static_cast<double>(counts.below() + counts.above()),
                            static_cast<double>(counts.not_a_number()),
                            bins.offsets(),
                            bins.variances(),
                            seen.fourth(),
                            static_cast<double>(detent::reduce(policy, largest_index{}, w).index)};
  for (double const number : numbers)
    to.number(number);
  detent::observed_layer<detent::moments, float> const layers[] = {{detent::moments{}, w},
                                                                   {detent::moments{0.5}, w}};
  detent::moments results[2];
  detent::reduce(policy, std::span(layers), std::span(results));
  to.number(results[1].third());
  detent::observed_layer<largest_index, float> const indices[] = {{{}, w}};
  largest_index index[1];
  detent::reduce(policy, std::span(indices), std::span(index));
  to.number(static_cast<double>(index[0].index));
}

template <class Policy>
void functors(writer const& to, Policy const& policy) {
  auto const w = to.w();
  auto const m = detent::reduce(policy, detent::magnitude{}, w);
  auto const grid = detent::twos_complement_grid(bits{3}, detent::step_size{0.25});
  detent::dorefa_weights const dorefa{bits{3}, m};
  detent::dorefa_weights const binary{bits{1}, m};
  regularize(to, policy, detent::matched(dorefa));
  regularize(to, policy, detent::sinusoidal<detent::extent::periodic>{grid});
  regularize(to, policy, detent::waveq<>{detent::period<>{2.5, 1.0}});
  regularize(to, policy, detent::kurtosis{detent::reduce(policy, detent::moments{}, w)});
  regularize(to, policy, detent::bin<16>{detent::reduce(policy, detent::bins<16>{grid}, w)});
  regularize(to, policy,
             detent::gradient_norm<detent::norm::l2>{detent::reduce(policy, detent::norms{}, w)});
  regularize(to, policy,
             detent::differentiate([](auto x) { return detent::sinpi_squared(4 * x); }));
  regularize(to, policy, detent::differentiate([](auto x) {
               auto const y = abs(x) + 0.5f;
               return sqrt(y) + exp(x) * sin(x) + cos(x) * log(y) + tanh(x) * pow(y, 1.5) +
                      floor(x) * rint(x) + square(x);
             }));
  regularize(to, policy, cubic{});
  quantize(to, policy, dorefa);
  quantize(to, policy, binary);
  quantize(to, policy, detent::wrpn_weights{bits{4}, 1.5});
  quantize(to, policy, detent::dorefa_activations{bits{2}, 0.5});
  quantize(to, policy, detent::lsq::weights(bits{3}, detent::lsq::start(3, m)));
  quantize(to, policy, detent::pact{bits{3}, 0.7});
  detent::philox_draws const draws{.seed = 7, .step = 3, .tensor = 1};
  auto const range = detent::noisy_range::weights(bits{3}, m);
  auto const noisy = detent::twos_complement_grid(bits{3}, range.step);
  quantize(to, policy, detent::relaxed<>{noisy, range.noise, draws});
  quantize(to, policy, detent::semi_relaxed<>{noisy, range.noise});
  detent::bit_gates gates{bits{4}};
  auto const first = gates.sample(0, 0.25);
  quantize(to, policy, detent::drop_bits<1>{bits{3}, range.step, range.noise, {first.mask}});
}

template <class Policy>
void layers(writer const& to, Policy const& policy) {
  auto const w = to.w(), upstream = to.upstream();
  auto const grid = detent::wrpn_grid(bits{3});
  detent::sinusoidal const reg{grid};
  detent::lsq const q{grid};
  std::size_t const half = w.size() / 2, rest = w.size() - half;
  auto const a = [half](auto x) { return x.first(half); };
  auto const b = [rest](auto x) { return x.last(rest); };
  auto const g = to.tensor(), back = to.tensor(), out = to.tensor();
  detent::regularized_layer<detent::sinusoidal<>, float, float> const regularized[] = {
      {reg, a(w), a(g), 0.2}, {reg, b(w), b(g), 0.3}};
  detent::result<> sums[2];
  detent::accumulate(policy, std::span(regularized), std::span(sums));
  to.number(sums[1].value);
  detent::penalty(policy, std::span(regularized), std::span(sums));
  to.number(sums[0].value);
  detent::straight_through_layer<detent::lsq, float, float, float> const straight[] = {
      {q, a(w), a(upstream), a(back)}, {q, b(w), b(upstream), b(back)}};
  detent::result<1> pulls[2];
  detent::backward(policy, std::span(straight), std::span(pulls));
  to.number(pulls[0].theta.data()[0]);
  detent::quantized_layer<detent::lsq, float, float> const quantized[] = {{q, a(w), a(out)},
                                                                          {q, b(w), b(out)}};
  detent::quantize(policy, std::span(quantized));
  auto const snapped = to.copy(), packed = to.copy();
  std::uint8_t* const bytes = to.memory.bytes;
  std::span<std::uint8_t> const stream(bytes, detent::packed_size(w.size(), bits{3}));
  detent::snapped_layer<float> const to_snap[] = {{grid, a(snapped)}, {grid, b(snapped)}};
  detent::packed_layer<float> const to_pack[] = {
      {grid, packed, detent::packed_codes<std::uint8_t>{stream, bits{3}}}};
  detent::snap(policy, std::span(to_snap));
  detent::snap(policy, std::span(to_pack));
  detent::unpack(policy, grid, detent::packed_codes<std::uint8_t>{stream, bits{3}}, to.tensor());

  // Four channels; every tensor has a multiple of four weights.
  detent::channel_extents const extents{1, 4, w.size() / 4};
  detent::sinusoidal<> const regs[] = {reg, reg, reg, reg};
  detent::lsq const quantizers[] = {q, q, q, q};
  detent::result<> each[4];
  detent::result<1> each_pull[4];
  detent::accumulate(policy, extents, std::span(regs), w, to.tensor(), 0.1, std::span(each));
  to.number(each[2].value);
  detent::penalty(policy, extents, std::span(regs), w, std::span(each));
  to.number(each[3].value);
  detent::quantize(policy, extents, std::span(quantizers), w, to.tensor());
  detent::backward(policy, extents, std::span(quantizers), w, upstream, to.tensor(),
                   std::span(each_pull));
  to.number(each_pull[1].theta.data()[0]);
}

template <class Policy>
void in_place(writer const& to, Policy const& policy) {
  auto const grid = detent::dorefa_grid(bits{3}).scaled(0.9);
  std::uint8_t* const bytes = to.memory.bytes;
  std::size_t const n = to.memory.size;
  detent::snap(policy, grid, to.copy());
  detent::snap(policy, grid, to.copy(), std::span(reinterpret_cast<std::int8_t*>(bytes + n), n));
  detent::packed_codes<std::uint8_t> const codes{
      std::span<std::uint8_t>(bytes + 2 * n, detent::packed_size(n, bits{3})), bits{3}};
  detent::snap(policy, grid, to.copy(), codes);
  detent::unpack(policy, grid, codes, to.tensor());
  to.number(detent::fit_range(policy, detent::wrpn_grid(bits{3}), to.w().first(256)));
  // 16-bit weights and double gradients.
  detent::half halves[64];
  double doubles[64] = {};
  for (std::size_t i = 0; i < 64; ++i)
    halves[i] = detent::half(to.memory.w[i]);
  detent::sinusoidal const reg{grid};
  to.result(detent::accumulate(policy, reg, std::span(halves), std::span(doubles), 0.1));
  to.number(doubles[5]);
}

/// Gates, searches, schedules, learned scales.
void training(writer const& to) {
  detent::positive scale{0.5};
  scale.descend(0.3, 0.1);
  to.number(scale.value());
  auto const schedule = 2.0 * detent::rise_schedule{0.2} * detent::window_schedule{0.1, 0.9};
  to.number(detent::at_step(schedule, 3, 10));
  to.number(static_cast<double>(schedule.text().size()));
  to.number(static_cast<double>(detent::exponential_schedule{1.0, 2.0}.text().size()));
  to.number(detent::three_phase_schedule{0.2, 0.5, 1, 2, 3}(0.4));
  to.number(static_cast<double>(detent::three_phase_schedule{0.2, 0.5, 1, 2, 3}.text().size()));

  double const costs[] = {100, 300, 50};
  double const pulls[] = {-1, -0.5, -2};
  detent::bitwidth_search search{{costs, costs + 3}};
  for (int step = 0; step < 5; ++step)
    search.step(pulls, search.towards_target(0.2 * step));
  auto const state = search.state();
  search = detent::bitwidth_search::restored(state);
  search.freeze();
  to.number(search.average());
  to.number(search.alpha(0));
  to.number(state.bit_widths[1] + state.smoothed[2]);
  to.number(search.history().data()[3].data_pulls[0]);
  to.number(state == search.state() ? 1 : 0);

  detent::bit_gates gates{bits{6}, bits{2}, 0.9, detent::mask_sharing::endpoints};
  detent::philox_draws const draws{.seed = 7, .step = 3, .tensor = 1};
  auto const masks = gates.sample(draws);
  auto const cost = gates.penalty();
  gates.descend(cost.slopes, 0.5);
  to.number(masks.data()[3].mask);
  to.number(cost.value);
  to.number(gates.expected_bits() + gates.length().count() + gates.open_slope(0) +
            gates.logits().data()[1]);
  to.number(gates.grid(detent::step_size{0.1}).highest());
}

template <class Policy>
void curvature(writer const& to, Policy const& policy) {
  auto const w = to.copy(), g = to.tensor(), product = to.tensor(), v = to.copy();
  oracle const gradient;
  detent::oracle_layer<float> const shown[] = {{w, g}};
  gradient(detent::oracle_layers<float>(shown));
  detent::directed_layer<float> const directed[] = {{w, g, v, product}};
  detent::difference_workspace<float> differences{std::span(directed)};
  detent::difference_options options;
  options.check = true;
  for (auto const form : {detent::difference::one_sided, detent::difference::central}) {
    options.form = form;
    auto const report =
        detent::hessian_vector_product(policy, gradient, std::span(directed), differences, options);
    to.number(report.step);
    to.number(report.relative_error());
  }
  detent::hessian_vector_product(policy, still_oracle{}, std::span(directed), differences);
  detent::dual_workspace<float> duals{std::span(directed)};
  detent::hessian_vector_product(policy, gradient, std::span(directed), duals);
  detent::penalized_layer<float> const penalized[] = {{w, g, 0.1}};
  to.number(detent::accumulate(policy, detent::gradient_norm<detent::norm::l1>{}, gradient,
                               std::span(penalized), differences)
                .value);
  to.number(detent::accumulate(policy, detent::gradient_norm<detent::norm::maximum>{}, gradient,
                               std::span(penalized), duals)
                .value);
}

/// Every kind of refusal: its message is made, and counted.
template <class F>
void refused(writer const& to, F f) {
#if defined(__cpp_exceptions)
  double length = 0;
  try {
    f();
  } catch (std::exception const& e) {
    for (char const* c = e.what(); *c != 0; ++c)
      length += 1;
  }
  to.number(length);
#else
  static_cast<void>(to);
  static_cast<void>(f);
#endif
}

void refusals(writer const& to) {
  auto const w = to.w();
  auto const g = to.tensor();
  detent::sinusoidal const reg{detent::wrpn_grid(bits{3})};
  refused(to, [&] { detent::accumulate(reg, w, g.first(1), 1.0); });
  refused(to, [&] {
    detent::accumulate(reg, std::span<float const>(static_cast<float const*>(nullptr), g.size()), g,
                       1.0);
  });
  refused(to, [&] { bits{40}; });
  refused(to, [&] { detent::step_size{-1.0}; });
  refused(to, [&] { detent::period<>{20.0}; });
  refused(to, [&] { detent::positive{0.0}; });
  refused(to, [&] { detent::bit_gates{bits{4}}.sample(9, 0.5); });
  refused(to, [&] { detent::window_schedule{0.5, 0.1}; });
  refused(to, [&] {
    std::uint8_t byte[1];
    detent::snap(detent::wrpn_grid(bits{3}), g,
                 detent::packed_codes<std::uint8_t>{std::span(byte), bits{3}});
  });
}

/// NaN among the weights: every output tells of it, and what is made of statistics refuses it.
void not_a_number(writer const& to) {
  auto const w = to.copy();
  std::uint32_t const pattern = 0x7fc00000u;
  std::memcpy(w.data() + 17, &pattern, sizeof pattern);
  auto const m = detent::reduce(detent::magnitude{}, w);
  auto const grid = detent::wrpn_grid(bits{3});
  to.number(m.maximum());
  to.number(detent::reduce(detent::norms{}, w).maximum());
  to.result(detent::accumulate(detent::sinusoidal{grid}, w, to.tensor(), 0.25));
  to.result(detent::penalty(detent::kurtosis{detent::reduce(detent::moments{}, w)}, w));
  detent::quantize(detent::rounding{grid}, w, to.tensor());
  refused(to, [&] { detent::dorefa_weights{bits{3}, m}; });
  refused(to, [&] { detent::fit_range(grid, w); });
  refused(to, [&] { detent::accumulate(detent::sinusoidal{grid}, w, to.tensor(), m.maximum()); });
  refused(to, [&] { detent::positive{0.5}.descend(m.maximum(), 0.1); });
  detent::snap(grid, w);
}

template <class Policy>
void every_operation(writer const& to, Policy const& policy) {
  statistics(to, policy);
  functors(to, policy);
  layers(to, policy);
  in_place(to, policy);
  curvature(to, policy);
}

}  // namespace

void NAME(operations, OPERATIONS)(operations_memory& memory) {
  writer const to{memory};
  memory.count = memory.used = 0;
  every_operation(to, seq);
  backwards executor;
  statistics(to, detent::on(executor));
  training(to);
  refusals(to);
  not_a_number(to);
}

void NAME(limit, OPERATIONS)(int isa) {
  detent::limit_isa(static_cast<detent::isa>(isa));
}
int NAME(active, OPERATIONS)() {
  return static_cast<int>(detent::active_isa());
}
void NAME(refuse, OPERATIONS)() {
  detent::detail::fail("argument", "is refused");
}
