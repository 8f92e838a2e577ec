// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Differences of gradients along a direction: their step, their errors, and the weights' way back.

#include <cmath>
#include <concepts>
#include <cstddef>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/lane_tree.hpp>
#include <detent/math/rounding.hpp>
#include <detent/numbers.hpp>
#include <detent/statistic/norms.hpp>
#include <detent/training/gradient_oracle.hpp>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace detent::inline DETENT_ABI {

/// Which difference of gradients stands for a Hessian-vector product.
enum class difference {
  one_sided,  ///< [∇E(w + hv) - ∇E(w)]/h: one evaluation more than training has
  central,    ///< [∇E(w + hv) - ∇E(w - hv)]/(2h): two, and an error of h²
};

/// How a difference is taken.
struct difference_options {
  difference form = difference::one_sided;
  /// h; 0 to choose it by `difference_step`.
  double step = 0;
  /// Whether the truncation error is measured, for one evaluation more: now and then is enough.
  bool check = false;
  /// The share of their own size by which the weights move, for `difference_step`; 0 for that of
  /// smooth networks, `difference_share`. With ReLU or max-pooling: `kinked_share`.
  double share = 0;
};

namespace detail {

/// In place of std::optional<double>, whose functions the linker shares between objects with
/// different flags.
class optional_number {
 public:
  optional_number() = default;
  explicit optional_number(double x) noexcept : x_(x), has_value_(true) {}

  bool has_value() const noexcept { return has_value_; }
  explicit operator bool() const noexcept { return has_value_; }
  double const& operator*() const noexcept { return x_; }
  /// Errors: std::bad_optional_access where there is none.
  double const& value() const {
    if (!has_value_) DETENT_THROW(std::bad_optional_access());
    return x_;
  }
  double value_or(double other) const noexcept { return has_value_ ? x_ : other; }
  operator std::optional<double>() const noexcept {
    return has_value_ ? std::optional<double>(x_) : std::nullopt;
  }

 private:
  double x_ = 0;
  bool has_value_ = false;
};

struct change_and_error {
  double change = 0, error = 0;
};

}  // namespace detail

/// What a Hessian-vector product was made with, and how good it is.
struct difference_report {
  /// h; 0 where no difference was taken: by dual numbers, or of no direction.
  double step = 0;
  /// Estimate of ‖error‖/‖H v‖ by rounding of gradients and weights.
  double rounding_error = 0;
  /// Estimate of ‖error‖/‖H v‖ because h is not 0; none where it was not measured.
  detail::optional_number truncation_error;
  /// How often the oracle was called.
  int evaluations = 0;

  /// Both together.
  double relative_error() const noexcept { return rounding_error + truncation_error.value_or(0); }
};

/// The share of their own size by which a difference moves the weights of a smooth network: √ε
/// one-sided, ∛ε central. Truncation grows with h (h²) and rounding falls with it; here the two are
/// alike where the gradient changes by about its own size when the weights do.
template <std::floating_point T>
double difference_share(difference form) noexcept {
  constexpr double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  constexpr double cube_root =
      std::same_as<T, float> ? 0x1.428a2f98d728bp-8 : 0x1.965fea53d6e3dp-18;
  return form == difference::one_sided ? std::sqrt(epsilon) : cube_root;
}

/// The share for networks with kinks, such as ReLU. A kink between the ends of a difference adds
/// its whole jump over h, so that a product over a short step is mostly 0 or far too much; a longer
/// one crosses many, and finds the curvature that rounding the weights would find.
inline constexpr double kinked_share = 0x1p-7;

/// The rule for h: the power of two nearest to share · ‖w‖/‖v‖, so that neither h v nor the
/// division by h rounds anything.
///
/// @param  share  of the weights' own size      @param  ratio  ‖w‖₂/‖v‖₂ over all layers
/// @return h > 0
/// Errors: invalid_argument for a share or ratio that is not finite or not above 0.
inline double difference_step(detail::real share, detail::real ratio) {
  detail::require_positive(share, "share of a difference");
  detail::require_positive(ratio, "‖w‖/‖v‖");
  int exponent = 0;
  double const head = std::frexp(share * ratio, &exponent);
  constexpr double root_half = 0.70710678118654752440;
  return std::ldexp(1.0, head < root_half ? exponent - 1 : exponent);
}

namespace detail {

/// A tensor whose weights are moved along a direction, with the memory that brings them back.
template <class T, class Direction>
struct moved_tensor {
  Direction direction;  ///< direction(i, gradient before), times `scale`, is v of element i
  double scale;
  T* w;
  T* g;
  std::size_t size;
  T* product;  ///< receives H v; null where it is added to g
  bool adds;   ///< whether H v is added to g
  T* kept_w;
  T* kept_g;
  T* kept_plus;   ///< ∇E(w + hv), where another evaluation follows
  T* kept_twice;  ///< ∇E(w + 2hv), likewise
};

/// Keeps weights and gradient, and moves the weights by `distance`.
template <class T, class Direction>
struct depart_kernel {
  using compute = T;
  static constexpr int sums = 0;
  Direction direction;
  T* w;
  T const* g;
  T* kept_w;
  T* kept_g;
  T distance;
  std::size_t size;

  DETENT_LOOP lane_terms<T, 0> operator()(std::size_t i) const noexcept {
    T const from = w[i], gradient = g[i];
    kept_w[i] = from;
    kept_g[i] = gradient;
    w[i] = fma(distance, direction(i, gradient), from);
    return {};
  }
};

/// Keeps the gradient of the last evaluation, and moves the weights elsewhere.
template <class T, class Direction>
struct move_kernel {
  using compute = T;
  static constexpr int sums = 0;
  Direction direction;
  T* w;
  T const* g;
  T const* kept_w;
  T const* kept_g;
  T* kept;
  T distance;
  std::size_t size;

  DETENT_LOOP lane_terms<T, 0> operator()(std::size_t i) const noexcept {
    kept[i] = g[i];
    w[i] = fma(distance, direction(i, kept_g[i]), kept_w[i]);
    return {};
  }
};

/// Brings weights and gradient back and writes H v, or adds it; sums (H v)² and its error².
template <class T, difference Form, bool Checked, bool Adds>
struct arrive_kernel {
  using compute = double;
  static constexpr int sums = 2;
  T* w;
  T* g;
  T* product;
  bool adds;
  T const* kept_w;
  T const* kept_g;
  T const* kept_plus;
  T const* kept_twice;
  T per_step;  ///< 1/h one-sided, 1/(2h) central
  std::size_t size;

  DETENT_LOOP lane_terms<double, 2> operator()(std::size_t i) const noexcept {
    T const before = kept_g[i], last = g[i];
    T change = 0, error = 0;
    if constexpr (Form == difference::one_sided && !Checked) {
      change = last - before;
    } else if constexpr (Form == difference::one_sided) {
      // One-sided minus central.
      T const plus = kept_plus[i];
      change = plus - before;
      error = T(0.5) * ((plus - before) + (last - before));
    } else {
      T const plus = kept_plus[i];
      change = plus - last;
      // h² E‴v³/6 from the third difference.
      if constexpr (Checked) {
        T const third = fma(T(-3), plus - before, kept_twice[i] - last);
        error = third * T(1.0 / 3.0);
      }
    }
    w[i] = kept_w[i];
    if constexpr (Adds) {
      g[i] = choose(adds, fma(per_step, change, before), before);
    } else {
      product[i] = per_step * change;
      g[i] = before;
    }
    double const c = static_cast<double>(change), e = static_cast<double>(error);
    return {{c * c, e * e}};
  }
};

/// Brings weights and gradients back when the oracle throws. Copies: an executor could throw too.
template <class Tensor>
class brought_back {
 public:
  explicit brought_back(std::span<Tensor const> tensors) noexcept : tensors_(tensors) {}
  ~brought_back() {
    for (auto const& t : tensors_) {
      copy(t.kept_w, t.size, t.w);
      copy(t.kept_g, t.size, t.g);
    }
  }
  brought_back(brought_back const&) = delete;
  brought_back& operator=(brought_back const&) = delete;

  void release() noexcept { tensors_ = {}; }

 private:
  std::span<Tensor const> tensors_;
};

template <class T>
struct difference_memory {
  template <class Layers>
  explicit difference_memory(Layers const& all)
      : sizes(all),
        kept_w(sizes.total()),
        kept_g(sizes.total()),
        layers(sizes.count()),
        statistics(sizes.count()),
        sums(2 * sizes.count()),
        values(sizes.count()) {}

  /// Room for as many evaluations as the options ask for.
  void make_room(difference_options const& options) {
    bool const central = options.form == difference::central;
    if (central || options.check) kept_plus.resize(sizes.total());
    if (central && options.check) kept_twice.resize(sizes.total());
  }

  /// The tensor of layer l, which is then shown to the oracle.
  template <class Direction, class Layer>
  moved_tensor<T, Direction> moved(std::size_t l, Layer const& layer, Direction const& direction,
                                   double scale, T* product, bool adds) noexcept {
    layers[l] = {layer.w, layer.g};
    std::size_t const first = sizes.first(l);
    auto const at = [&](numbers<T>& kept) { return kept.empty() ? nullptr : &kept[first]; };
    // An empty layer may lie at the very end.
    if (layer.w.empty()) {
      return {direction, scale,   nullptr, nullptr, 0,      product,
              adds,      nullptr, nullptr, nullptr, nullptr};
    }
    return {direction, scale,      layer.w.data(), layer.g.data(), layer.w.size(), product,
            adds,      at(kept_w), at(kept_g),     at(kept_plus),  at(kept_twice)};
  }

  layer_sizes sizes;
  numbers<T> kept_w, kept_g, kept_plus, kept_twice;
  std::vector<oracle_layer<T>> layers;
  std::vector<norms> statistics;
  numbers<double> sums, values;
};

/// What the step and the estimate of its error follow from, over all layers.
struct direction_size {
  double ratio;      ///< ‖w‖/‖v‖ for the rule
  double weights;    ///< ‖w‖
  double direction;  ///< ‖v‖
  double gradient;   ///< ‖g‖
};

/// Keeps the gradient of the last evaluation where `kept` says, and moves the weights to w +
/// distance·v.
template <class Policy, class T, class Direction>
void move_weights(Policy const& policy, std::span<moved_tensor<T, Direction> const> tensors,
                  double distance, T* moved_tensor<T, Direction>::*kept) {
  run_each(policy, tensors, [=](moved_tensor<T, Direction> const& t) {
    return move_kernel<T, Direction>{
        t.direction, t.w, t.g, t.kept_w, t.kept_g, t.*kept, static_cast<T>(distance * t.scale),
        t.size};
  });
}

/// Brings everything back with its product, and gives ‖change‖² and ‖error‖² of what counts.
template <difference Form, bool Checked, bool Adds, class Policy, class T, class Direction>
change_and_error arrive(Policy const& policy, std::span<moved_tensor<T, Direction> const> tensors,
                        double per_step, double* sums) {
  run_each(
      policy, tensors,
      [=](moved_tensor<T, Direction> const& t) {
        return arrive_kernel<T, Form, Checked, Adds>{
            t.w,         t.g,          t.product,
            t.adds,      t.kept_w,     t.kept_g,
            t.kept_plus, t.kept_twice, static_cast<T>(per_step),
            t.size};
      },
      sums);
  change_and_error total;
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    if (Adds && !tensors[t].adds) continue;
    total.change += sums[2 * t];
    total.error += sums[2 * t + 1];
  }
  return total;
}

/// A Hessian-vector product by differences, of tensors whose directions are not all 0.
template <bool Adds, class Policy, class F, class T, class Direction>
difference_report take_difference(Policy const& policy, F& oracle, difference_memory<T>& memory,
                                  std::span<moved_tensor<T, Direction> const> tensors,
                                  direction_size const& size, difference_options const& options) {
  using tensor = moved_tensor<T, Direction>;
  bool const central = options.form == difference::central;
  double const share = options.share > 0 ? options.share : difference_share<T>(options.form);
  double const h = options.step > 0 ? options.step : difference_step(share, size.ratio);
  oracle_layers<T> const layers(memory.layers);
  double const per_step = central ? 0.5 / h : 1 / h;
  require_finite(static_cast<double>(static_cast<T>(per_step)), "1/step of a difference");
  difference_report report{h, 0, {}, 0};

  double distance = central && options.check ? 2 * h : h;
  run_each(policy, tensors, [=](tensor const& t) {
    return depart_kernel<T, Direction>{
        t.direction, t.w, t.g, t.kept_w, t.kept_g, static_cast<T>(distance * t.scale), t.size};
  });
  brought_back<tensor> guard(tensors);
  auto const evaluate = [&] {
    call_oracle<F, T>(oracle, layers);
    ++report.evaluations;
  };
  evaluate();
  if (central && options.check) {
    move_weights(policy, tensors, h, &tensor::kept_twice);
    evaluate();
  }
  if (central || options.check) {
    move_weights(policy, tensors, -h, &tensor::kept_plus);
    evaluate();
  }
  double* const sums = memory.sums.data();
  auto const come = [&]<bool Checked>() {
    constexpr auto one_sided = difference::one_sided, both = difference::central;
    return central ? arrive<both, Checked, Adds>(policy, tensors, per_step, sums)
                   : arrive<one_sided, Checked, Adds>(policy, tensors, per_step, sums);
  };
  auto const [change, error] =
      options.check ? come.template operator()<true>() : come.template operator()<false>();
  guard.release();

  constexpr double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  if (change > 0) {
    report.rounding_error = 2 * epsilon * size.gradient / std::sqrt(change) +
                            0.5 * epsilon * size.weights / (h * size.direction);
  }
  if (options.check)
    report.truncation_error = optional_number(change > 0 ? std::sqrt(error / change) : 0.0);
  return report;
}

inline void require_step(difference_options const& options) {
  // Under -ffast-math NaN may well be equal to 0.
  auto const is_given = [](double const& x) { return !is_finite(x) || x != 0; };
  if (is_given(options.step)) require_positive(options.step, "step of a difference");
  if (is_given(options.share)) require_positive(options.share, "share of a difference");
}

}  // namespace detail

/// Memory of differences for the layers of one network, two to four times that of its weights. Made
/// once: only a call with more evaluations than any before allocates.
template <std::floating_point T>
class difference_workspace {
 public:
  /// @param  layers  contiguous container of layers, of which the sizes are kept
  template <class Layers>
  explicit difference_workspace(Layers const& layers) : memory_(layers) {}

 private:
  friend struct detail::workspace_access;
  detail::difference_memory<T> memory_;
};
template <class Layers>
difference_workspace(Layers const&)
    -> difference_workspace<typename decltype(detail::element_of<Layers const>::w)::element_type>;

}  // namespace detent::inline DETENT_ABI
