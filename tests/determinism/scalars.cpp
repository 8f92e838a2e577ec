// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Functions of single numbers: mathematics, random words, dual numbers, grids.

#include <determinism/hashes.hpp>
#include <iterator>

namespace determinism {

namespace {

using namespace detent;

/// Numbers of every size, without NaN and infinity.
template <class T>
std::vector<T> numbers_of(std::size_t count) {
  std::vector<T> all = weights<T>(count, 3);
  T scale = T(0x1p-30);
  for (std::size_t i = 0; i < count; i += 3) {
    all[i] *= scale;
    scale *= T(2);
    if (scale > T(0x1p30)) scale = T(0x1p-30);
  }
  return all;
}

template <class T>
void mathematics(hashes& h) {
  auto const all = numbers_of<T>(600);
  for (std::size_t i = 0; i + 2 < all.size(); ++i) {
    T const x = all[i], y = all[i + 1], z = all[i + 2], positive_x = absolute(x) + T(0x1p-20);
    h("absolute", absolute(x));
    h("added_exactly", added_exactly(x, T(1), y));
    h("binary_logarithm", binary_logarithm(positive_x));
    h("choose", choose(x < y, y, z));
    h("clip", clip(x, T(-0.5), T(0.75)));
    h("exponential", exponential(x), exponential(T(30) * x));
    h("flip_sign", flip_sign(x, y));
    h("fma", detent::fma(x, y, z));
    h("hyperbolic_tangent", hyperbolic_tangent(x));
    h("keep_if", keep_if(x < y, z));
    h("larger", larger(x, y));
    h("smaller", smaller(x, y));
    h("logarithm", logarithm(positive_x));
    h("logistic", logistic(x));
    h("powers_of_two", powers_of_two(clip(x, T(-100), T(100))));
    h("round_half_even", detent::round_half_even(x), detent::round_half_even(T(4) * y));
    h("sinpi_squared", sinpi_squared(x));
    h("sinusoid", sinusoid(x));
    h("sinusoid_or_parabola", sinusoid_or_parabola(clip(x, T(-1), T(1)), clip(x, T(-1), T(1))));
    h("sinusoid_reduced", sinusoid_reduced(clip(x, T(-0.5), T(0.5))));
    h("with_sign", with_sign(x, y));
    h("from_compute", from_compute<half>(x), from_compute<bfloat16>(x), from_compute<float>(x));
    h("to_compute", to_compute(from_compute<half>(y)), to_compute(from_compute<bfloat16>(y)));
    h("storage16", static_cast<float>(from_compute<storage16<half_format>>(z)));

    dual<T> const a(x, y), b(clip(y, T(0.125), T(8)), z);
    h("dual", -(a * b), -(a * 0.5 - b * 0), a + b, a - b, a * b, a / b, -a, +a, a * b + b * b,
      a * 2 - b / 3, a < b, a == b);
    dual<T> sum = a;
    sum += b;
    sum *= b;
    sum -= a;
    sum /= b;
    h("dual", sum);
    h("dual::clamp", clamp(a, dual<T>(-0.5), dual<T>(0.5)));
    h("dual::max", max(a, b));
    h("dual::min", min(a, b));
    h("dual::select", select(x < y, a, b));
    h("abs", abs(a));
    h("rint", rint(a));
    h("round_half_even", round_half_even(a));
    h("floor", floor(a));
    h("square", square(a), square(a) + square(b));
    h("sqrt", sqrt(b), sqrt(b) + sqrt(b * b));
    h("exp", exp(clamp(a, dual<T>(-9), dual<T>(9))), exp(b) + exp(-b));
    h("tanh", tanh(a), tanh(a) - tanh(b));
    h("sinpi_squared/dual", sinpi_squared(a), sinpi_squared(a) + sinpi_squared(b));
    coordinate<T> const t = tanh_domain{}(x), d = dorefa_domain{false}(x);
    h("tanh_domain", t);
    h("identity_domain", identity_domain{}(x));
    h("dorefa_domain", d, dorefa_domain{true}(x));
  }
}

void random_words(hashes& h) {
  for (std::uint32_t i = 0; i < 200; ++i) {
    philox_words const one{{i, 2 * i, 3, ~i}}, other{{5, i, i * i, 1}};
    auto const pair = philox(one, other, 0x123456789abcdefu * i);
    h("philox", philox(one, 99u + i), pair.one, pair.other);
    philox_draws const draws{7, i, 3};
    auto const two = draws(i, 1000000007u + i, 2);
    h("philox_draws", draws(i), draws(i, 1), two.one, two.other);
    h("sixths", sixths(pair.one).word);
    h("open_unit", open_unit<float>(pair.one.word[0]), open_unit<double>(pair.one.word[1]));
  }
}

template <class T>
void on_grid(hashes& h, uniform<double> const& of) {
  uniform<T> const g = of.template as<T>();
  h("uniform", g);
  h("uniform::as", g);
  h("uniform::step", g.step());
  h("uniform::phase", g.phase());
  h("uniform::size", g.size());
  h("uniform::lowest", g.lowest());
  h("uniform::highest", g.highest());
  h("uniform::lowest_code", g.lowest_code());
  h("uniform::highest_code", g.highest_code());
  h("uniform::with_step", g.with_step(0.1 * of.step()), g.with_step(of.step() * 1.7));
  for (int code = g.lowest_code(); code <= g.highest_code(); code += 1 + g.size() / 20)
    h("uniform::level", g.level(code));
  for (T const w : wild_weights<T>(300, 17)) {
    h("uniform::code", g.code(w));
    h("uniform::nearest", g.nearest(w));
    h("uniform::turns", g.turns(w));
    h("uniform::confined", g.confined(w));
    h("uniform::is_within", g.is_within(w));
    h("uniform::is_outside", g.is_outside(w));
    if (!(absolute(w) < T(1e4))) continue;
    h("uniform::position", g.position(w));
    h("uniform::half_steps", g.half_steps(w));
    h("uniform::unbounded_position", g.unbounded_position(w));
  }
}

void on_any_grid(hashes& h, uniform<double> const& g) {
  on_grid<float>(h, g);
  on_grid<double>(h, g);
  for (double range : {0.1, 0.7, 1.0, 2.3, 1e-3})
    h("uniform::scaled", g.scaled(range));
}

void grids(hashes& h) {
  for (int b = 1; b <= 16; b += b < 5 ? 1 : 3) {
    bits const n(b);
    h("bits", bits(b));
    h("bits::count", n.count());
    h("bits::codes", n.codes());
    h("dorefa_grid", dorefa_grid(n));
    h("unit_grid", unit_grid(n));
    h("twos_complement_grid", twos_complement_grid(n, step_size(0.3)));
    h("unsigned_grid", unsigned_grid(n, step_size(0.07)));
    if (b > 1) h("wrpn_grid", wrpn_grid(n));
    on_any_grid(h, dorefa_grid(n));
    on_any_grid(h, twos_complement_grid(n, step_size(0.3)));
    for (int code : {-40000, -129, -4, -1, 0, 1, 3, 4, 127, 30000}) {
      h("nested_bits", nested_bits(code));
      h("mask_of", mask_of(mask_sharing::bitwise, 2, code),
        mask_of(mask_sharing::endpoints, 2, code));
    }
    h("mask_count", mask_count(mask_sharing::bitwise, bits(1), n),
      mask_count(mask_sharing::endpoints, bits(2), n));
  }
  for (double s : {1e-30, 0.1, 0.3, 1e19}) {
    h("step_size", step_size(s));
    h("step_size::value", step_size(s).value());
  }
}

template <bit_convention Convention>
void periods(hashes& h) {
  for (double b = 2; b < 9; b += 0.37) {
    for (double range : {0.3, 1.0, 1.9}) {
      period<Convention> const p(b, range);
      h("period", p.frequency());
      h("period::bit_width", p.bit_width());
      h("period::range", p.range());
      h("period::frequency", p.frequency());
      h("period::step", p.step());
      h("period::slope", p.slope());
      h("period::phase", p.phase());
      h("period::lowest", p.lowest());
      h("period::highest", p.highest());
      h("period::bits", p.bits());
      h("period::grid", p.grid());
      h("period::moved_to", p.moved_to(b + 0.1, 1.3).frequency(), p.moved_to(99, 0.7).slope());
    }
  }
}

}  // namespace

void scalars(hashes& h) {
  mathematics<float>(h);
  mathematics<double>(h);
  random_words(h);
  grids(h);
  periods<bit_convention::waveq>(h);
  periods<bit_convention::wrpn>(h);
  periods<bit_convention::dorefa>(h);
  periods<bit_convention::unsigned_unit>(h);
}

}  // namespace determinism
