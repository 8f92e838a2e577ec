// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Statistics and what is searched by them.

#include <determinism/hashes.hpp>

namespace determinism {

namespace {

using namespace detent;

/// A user's statistic.
struct fourth_powers : summing<fourth_powers, 2, 1> {
  template <class T>
  DETENT_HD observation<2, 1> terms(T w) const noexcept {
    double const x = static_cast<double>(w);
    return {{x, x * x}, {x}};
  }
  double sum(int k) const { return mean_of(k); }
};

void read(hashes& h, magnitude const& m) {
  h("reduce", m.mean());
  h("magnitude::smallest", m.smallest());
  h("magnitude::largest", m.largest());
  h("magnitude::maximum", m.maximum());
  h("magnitude::mean", m.mean());
  h("summing::count", m.count());
}
void read(hashes& h, moments const& m) {
  h("moments", m.mean());
  h("moments::mean", m.mean());
  h("moments::variance", m.variance());
  h("moments::third", m.third());
  h("moments::fourth", m.fourth());
  h("moments::kurtosis", m.kurtosis());
}
void read(hashes& h, norms const& n) {
  h("norms", n.l1());
  h("norms::l1", n.l1());
  h("norms::l2", n.l2());
  h("norms::maximum", n.maximum());
  h("norms::nonzero", n.nonzero());
  h("norms::counted", n.counted());
}
template <class Q>
void read(hashes& h, quantization_error<Q> const& e) {
  h("quantization_error", e.mean_squared_error());
  h("quantization_error::mean_squared_error", e.mean_squared_error());
  h("quantization_error::sqnr_db", e.sqnr_db());
  h("quantization_error::on_grid_fraction", e.on_grid_fraction());
}
void read(hashes& h, bins<> const& b) {
  h("bins", b.size());
  h("bins::grid", b.grid());
  h("bins::size", b.size());
  h("bins::offsets", b.offsets());
  h("bins::variances", b.variances());
  for (std::size_t i = 0; i < b.size(); ++i) {
    h("bins::count", b.count(i));
    h("bins::offset", b.offset(i));
    h("bins::variance", b.variance(i));
  }
}
void read(hashes& h, histogram<32> const& g) {
  h("histogram", g.counts());
  h("histogram::counts", g.counts());
  h("histogram::below", g.below());
  h("histogram::above", g.above());
  h("histogram::not_a_number", g.not_a_number());
  h("histogram::lowest", g.lowest());
  h("histogram::highest", g.highest());
}
void read(hashes& h, fourth_powers const& f) {
  h("summing", f.sum(0), f.sum(1));
}
template <class D, class S>
void read(hashes& h, observed_through<D, S> const& o) {
  read(h, o.inner);
}

/// Of tensors, then of single weights and merged.
template <class W, class S>
void statistic_of(hashes& h, any_executor& executor, S const& initial) {
  for (std::size_t const n : sizes)
    read(h, reduce(on(executor), initial, weights<W>(n, n + 9)));
  if constexpr (std::same_as<S, histogram<32>>)
    read(h, reduce(on(executor), initial, wild_weights<W>(999, 1)));
  S one = initial, other = initial;
  for (W const w : weights<W>(100, 1)) {
    one.observe(to_compute(w));
    other.observe(to_compute(w) * compute_type<W>(0.5));
    if constexpr (summing_statistic<S>) {
      auto const terms = one.terms(to_compute(w));
      h(
          std::same_as<S, moments>         ? "moments::terms"
          : std::same_as<S, norms>         ? "norms::terms"
          : std::same_as<S, magnitude>     ? "magnitude::terms"
          : requires(S s) { s.inner; }     ? "observed_through::terms"
          : std::same_as<S, fourth_powers> ? "summing::observe"
                                           : "quantization_error::terms",
          terms);
      other.add(terms, 1);
    }
  }
  one.merge(other);
  read(h, one);
}

}  // namespace

void statistics(hashes& h, any_executor& executor) {
  auto const grid = wrpn_grid(bits{3}).scaled(0.9);
  magnitude m;
  for (float const w : weights<float>(500, 2))
    m.observe(w);
  dorefa_weights const q(bits{3}, m);
  statistic_of<float>(h, executor, magnitude{});
  statistic_of<double>(h, executor, magnitude{});
  statistic_of<half>(h, executor, magnitude{});
  statistic_of<float>(h, executor, moments{});
  statistic_of<double>(h, executor, moments{0.3});
  statistic_of<bfloat16>(h, executor, moments{});
  statistic_of<float>(h, executor, norms{0.25});
  statistic_of<double>(h, executor, norms{});
  statistic_of<float>(h, executor, quantization_error{rounding(grid)});
  statistic_of<double>(h, executor, quantization_error{q});
  statistic_of<float>(h, executor, fourth_powers{});
  statistic_of<float>(h, executor, through(tanh_domain{}, moments{}));
  statistic_of<float>(h, executor, bins<>(grid));
  statistic_of<double>(h, executor, bins<>(q.grid()));
  statistic_of<float>(h, executor, histogram<32>(-1.3, 1.7));
  statistic_of<double>(h, executor, through(tanh_domain{}, bins<>(q.grid())));
  // Of each kind there is a merge, an addition and an observation by hand.
  auto const by_hand = [&](char const* merge, char const* observe, auto one) {
    auto other = one;
    for (float const w : weights<float>(300, 6)) {
      one.observe(w);
      other.observe(w * 0.5f);
    }
    one.merge(other);
    read(h, one);
    if constexpr (requires { one.mean(); }) {
      h(merge, one.mean());
      h(observe, one.mean());
    } else if constexpr (requires { one.counts(); }) {
      h(merge, one.counts());
      h(observe, one.counts());
    } else if constexpr (requires { one.inner; }) {
      h(merge, one.inner.mean());
      h(observe, one.inner.mean());
    } else {
      h(merge, one.offsets());
      h(observe, one.variances());
    }
  };
  by_hand("summing::merge", "summing::observe", moments{});
  by_hand("bins::merge", "bins::observe", bins<>(grid));
  by_hand("histogram::merge", "histogram::observe", histogram<32>(-1.0, 1.0));
  by_hand("observed_through::merge", "observed_through::observe",
          through(tanh_domain{}, moments{}));
  auto added = through(tanh_domain{}, moments{});
  moments plain;
  for (float const w : weights<float>(300, 7)) {
    added.add(added.terms(w), 1);
    plain.add(plain.terms(w), 1);
  }
  h("observed_through::add", added.inner.variance());
  h("summing::add", plain.variance());

  for (int b : {2, 3, 4, 8}) {
    for (std::size_t const n : {std::size_t{500}, std::size_t{20000}}) {
      auto w = weights<float>(n, n);
      for (float& x : w)
        x *= 0.1f;  // a largest magnitude with all its digits
      h("fit_range", fit_range(on(executor), wrpn_grid(bits{b}), w),
        fit_range(on(executor), dorefa_grid(bits{b}), weights<double>(n, 1)));
      w[n / 2] = 150;
      h("fit_range", fit_range(on(executor), wrpn_grid(bits{b}), w));
    }
  }
}

}  // namespace determinism
