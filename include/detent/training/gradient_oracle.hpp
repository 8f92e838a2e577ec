// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Gradient oracles, and Hessian-vector products of them by differences and by dual numbers.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/observe.hpp>
#include <detent/execution/policy.hpp>
#include <detent/execution/run.hpp>
#include <detent/math/dual.hpp>
#include <detent/math/rounding.hpp>
#include <detent/statistic/norms.hpp>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace detent {

/// One tensor of a network as its oracle sees it: weights to read, a gradient to write.
template <class T>
struct oracle_layer {
  std::span<T> w;
  std::span<T> g;
};

/// All tensors of a network.
template <class T>
using oracle_layers = std::span<oracle_layer<T> const>;

/// A gradient oracle: a callable that writes the gradient of the loss at the current weights, for
/// one batch, over what the gradients held. It takes the layers, or nothing where the trainer's own
/// tensors are what the layers show.
///
/// Beyond what is written: it is a function of the weights. Every call sees the same batch, the
/// same dropout masks, the same noise of a quantizer; batch norm's running statistics stay as they
/// are (its batch statistics are part of the function). It leaves the weights alone and may throw.
template <class F, class T>
concept gradient_oracle = std::invocable<F&, oracle_layers<T>> || std::invocable<F&>;

/// A gradient oracle over dual numbers, for forward and backward passes that are templates over
/// their scalar: what it computes of weights w + εv is the gradient g + ε H v.
template <class F, class T>
concept dual_gradient_oracle = std::invocable<F&, oracle_layers<dual<T>>>;

/// One tensor of many, for `hessian_vector_product`.
template <class T>
struct directed_layer {
  std::span<T> w;        ///< weights; moved while the oracle is called, then back, bit for bit
  std::span<T> g;        ///< on entry the gradient at w, and on return
  std::span<T const> v;  ///< the direction
  std::span<T> product;  ///< H v, overwritten
};
template <class W, class G, class V, class P>
directed_layer(W&, G&, V&, P&) -> directed_layer<detail::element_of<W>>;

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

/// What a Hessian-vector product was made with, and how good it is.
struct difference_report {
  /// h; 0 where no difference was taken: by dual numbers, or of no direction.
  double step = 0;
  /// Estimate of ‖error‖/‖H v‖ by rounding of gradients and weights.
  double rounding_error = 0;
  /// Estimate of ‖error‖/‖H v‖ because h is not 0; none where it was not measured.
  std::optional<double> truncation_error;
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
  double const epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  return form == difference::one_sided ? std::sqrt(epsilon) : std::cbrt(epsilon);
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
inline double difference_step(double share, double ratio) {
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

/// v is given.
template <class T>
struct given_direction {
  T const* v;
  DETENT_HD T operator()(std::size_t i, T) const noexcept { return v[i]; }
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

/// Runs the kernel that `make` makes of every tensor. The kernels lie in memory that the thread
/// keeps.
template <class Policy, class Tensor, class Make>
void run_each(Policy const& policy, std::span<Tensor const> tensors, Make make,
              double* sums = nullptr) {
  using kernel = std::invoke_result_t<Make, Tensor const&>;
  scratch<kernel, use::tensor_sums> kernels(tensors.size());
  for (std::size_t t = 0; t < tensors.size(); ++t)
    kernels.data()[t] = make(tensors[t]);
  run(policy, std::span<kernel const>(kernels.data(), tensors.size()), sums);
}

/// What a statistic learns of every tensor, without an allocation after a thread's first call.
template <class Policy, class S, class Tensor, class Make>
void reduce_each(Policy const& policy, std::span<Tensor const> tensors, Make make, S* results) {
  using observed = std::invoke_result_t<Make, Tensor const&>;
  scratch<observed, use::tensor_sums> all(tensors.size());
  for (std::size_t t = 0; t < tensors.size(); ++t)
    all.data()[t] = make(tensors[t]);
  observe(policy, std::span<observed const>(all.data(), tensors.size()), results);
}

template <class F, class T>
void call_oracle(F& oracle, oracle_layers<T> layers) {
  if constexpr (std::invocable<F&, oracle_layers<T>>) {
    static_cast<void>(std::invoke(oracle, layers));
  } else {
    static_cast<void>(std::invoke(oracle));
  }
}

/// Brings weights and gradients back when the oracle throws. Copies: an executor could throw too.
template <class Tensor>
class brought_back {
 public:
  explicit brought_back(std::span<Tensor const> tensors) noexcept : tensors_(tensors) {}
  ~brought_back() {
    for (auto const& t : tensors_) {
      std::copy_n(t.kept_w, t.size, t.w);
      std::copy_n(t.kept_g, t.size, t.g);
    }
  }
  brought_back(brought_back const&) = delete;
  brought_back& operator=(brought_back const&) = delete;

  void release() noexcept { tensors_ = {}; }

 private:
  std::span<Tensor const> tensors_;
};

/// The sizes of layers, held when a workspace is made and asked of every call.
class layer_sizes {
 public:
  template <class Layers>
  explicit layer_sizes(Layers const& layers) {
    first_.push_back(0);
    for (auto const& layer : as_span(layers))
      first_.push_back(first_.back() + layer.w.size());
  }

  std::size_t count() const noexcept { return first_.size() - 1; }
  std::size_t total() const noexcept { return first_.back(); }
  std::size_t first(std::size_t layer) const noexcept { return first_[layer]; }

  /// Errors: invalid_argument for other layers than the workspace was made for, null data, and
  /// gradients of another size.
  template <class Layers>
  void require(Layers const& layers) const {
    require_same_size(static_cast<std::size_t>(layers.size()), "layers", count(), "the workspace");
    std::size_t l = 0;
    for (auto const& layer : as_span(layers)) {
      auto const w = write_view(layer.w, "w of a layer");
      auto const g = write_view(layer.g, "g of a layer");
      require_same_size(w.size, "w of a layer", first_[l + 1] - first_[l],
                        "the layer of the workspace");
      require_same_size(g.size, "g of a layer", w.size, "its w");
      ++l;
    }
  }

 private:
  std::vector<std::size_t> first_;
};

/// The memory of a workspace, for the verbs.
struct workspace_access {
  template <class Workspace>
  static auto& memory(Workspace& workspace) noexcept {
    return workspace.memory_;
  }
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
    auto const at = [&](std::vector<T>& kept) { return kept.empty() ? nullptr : &kept[first]; };
    // An empty layer may lie at the very end.
    if (layer.w.empty()) {
      return {direction, scale,   nullptr, nullptr, 0,      product,
              adds,      nullptr, nullptr, nullptr, nullptr};
    }
    return {direction, scale,      layer.w.data(), layer.g.data(), layer.w.size(), product,
            adds,      at(kept_w), at(kept_g),     at(kept_plus),  at(kept_twice)};
  }

  layer_sizes sizes;
  std::vector<T> kept_w, kept_g, kept_plus, kept_twice;
  std::vector<oracle_layer<T>> layers;
  std::vector<norms> statistics;
  std::vector<double> sums, values;
};

template <class T>
struct dual_memory {
  template <class Layers>
  explicit dual_memory(Layers const& all)
      : sizes(all),
        w(sizes.total()),
        g(sizes.total()),
        statistics(sizes.count()),
        values(sizes.count()) {
    for (std::size_t l = 0; l < sizes.count(); ++l) {
      std::size_t const first = sizes.first(l), size = sizes.first(l + 1) - first;
      layers.push_back({std::span(w).subspan(first, size), std::span(g).subspan(first, size)});
    }
  }

  layer_sizes sizes;
  std::vector<dual<T>> w, g;
  std::vector<oracle_layer<dual<T>>> layers;
  std::vector<norms> statistics;
  std::vector<double> values;
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
std::pair<double, double> arrive(Policy const& policy,
                                 std::span<moved_tensor<T, Direction> const> tensors,
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
  std::pair<double, double> total{0, 0};
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    if (Adds && !tensors[t].adds) continue;
    total.first += sums[2 * t];
    total.second += sums[2 * t + 1];
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
  difference_report report{h, 0, std::nullopt, 0};

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

  double const epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  if (change > 0) {
    report.rounding_error = 2 * epsilon * size.gradient / std::sqrt(change) +
                            0.5 * epsilon * size.weights / (h * size.direction);
  }
  if (options.check) report.truncation_error = change > 0 ? std::sqrt(error / change) : 0;
  return report;
}

inline void require_step(difference_options const& options) {
  if (options.step != 0) require_positive(options.step, "step of a difference");
  if (options.share != 0) require_positive(options.share, "share of a difference");
}

/// Writes w + εv over the dual weights.
template <class T, class Direction>
struct seed_kernel {
  using compute = T;
  static constexpr int sums = 0;
  Direction direction;
  T const* w;
  T const* g;
  dual<T>* seeded;
  T scale;
  std::size_t size;

  DETENT_LOOP lane_terms<T, 0> operator()(std::size_t i) const noexcept {
    seeded[i].value = w[i];
    seeded[i].slope = scale * direction(i, g == nullptr ? T(0) : g[i]);
    return {};
  }
};

/// Takes H v out of the dual gradients.
template <class T, bool Adds>
struct harvest_kernel {
  using compute = T;
  static constexpr int sums = 0;
  dual<T> const* of;
  T* to;
  std::size_t size;

  DETENT_LOOP lane_terms<T, 0> operator()(std::size_t i) const noexcept {
    if constexpr (Adds) {
      to[i] += of[i].slope;
    } else {
      to[i] = of[i].slope;
    }
    return {};
  }
};

/// √Σ ‖x‖² of the tensors' statistics.
inline double joint_norm(std::span<norms const> all) noexcept {
  double square = 0;
  for (auto const& one : all)
    square = fma(one.l2(), one.l2(), square);
  return std::sqrt(square);
}

template <class Layers>
void require_directions(Layers const& layers) {
  for (auto const& layer : as_span(layers)) {
    auto const v = read_view(layer.v, "v of a layer");
    auto const product = write_view(layer.product, "product of a layer");
    require_same_size(v.size, "v of a layer", layer.w.size(), "its w");
    require_same_size(product.size, "product of a layer", layer.w.size(), "its w");
  }
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

/// Memory of dual weights and gradients for the layers of one network, four times that of its
/// weights. Made once.
template <std::floating_point T>
class dual_workspace {
 public:
  /// @param  layers  contiguous container of layers, of which the sizes are kept
  template <class Layers>
  explicit dual_workspace(Layers const& layers) : memory_(layers) {}

 private:
  friend struct detail::workspace_access;
  detail::dual_memory<T> memory_;
};
template <class Layers>
dual_workspace(Layers const&)
    -> dual_workspace<typename decltype(detail::element_of<Layers const>::w)::element_type>;

/// product = H v for all layers together, by a difference of gradients.
///
/// @param  policy     `seq`, `openmp`, or `on(executor)`, for the passes over the weights; the
///                    oracle is called on this thread
/// @param  oracle     a `gradient_oracle`; it may throw, and everything but the products is then
///                    what it was
/// @param  layers     contiguous container of `directed_layer`; g holds the gradient at w, which
///                    the caller has from its own step
/// @param  workspace  made of layers of these sizes
/// @param  options    form, step, and whether to measure the truncation error
/// @return the step, the estimates of the relative error, and the number of evaluations; where v is
/// 0, so is the product, and the oracle is not called
/// Errors: invalid_argument for sizes that differ, null data, a step that is not finite or below 0,
/// and w, g or v that are not finite, before anything is written.
/// Cost: per evaluation one call of the oracle and one pass over w and g; one pass more at the end.
/// Accuracy: see `difference_report`. The weights come back bit for bit, and so do the gradients.
/// Determinism: that of the oracle; the passes give the same bits under every policy.
template <execution_policy Policy, std::floating_point T, gradient_oracle<T> F,
          layers_of<directed_layer> Layers>
difference_report hessian_vector_product(Policy const& policy, F&& oracle, Layers const& layers,
                                         difference_workspace<T>& workspace,
                                         difference_options const& options = {}) {
  using direction = detail::given_direction<T>;
  using tensor = detail::moved_tensor<T, direction>;
  auto& memory = detail::workspace_access::memory(workspace);
  memory.sizes.require(layers);
  detail::require_directions(layers);
  detail::require_step(options);
  memory.make_room(options);
  std::size_t const count = memory.sizes.count();
  detail::scratch<tensor, detail::use::tensor_sums> buffer(count);
  for (std::size_t l = 0; l < count; ++l) {
    auto const& layer = detail::as_span(layers)[l];
    buffer.data()[l] =
        memory.moved(l, layer, direction{layer.v.data()}, 1.0, layer.product.data(), false);
  }
  std::span<tensor const> const tensors(buffer.data(), count);
  auto const norm_of = [&](auto pointer_of, char const* name) {
    detail::reduce_each(
        policy, tensors,
        [=](tensor const& t) {
          return detail::observed_tensor<norms, T>{norms{}, pointer_of(t), t.size};
        },
        memory.statistics.data());
    double const size = detail::joint_norm(memory.statistics);
    detail::require_finite(size, name);
    return size;
  };
  double const w = norm_of([](tensor const& t) { return t.w; }, "w of the layers");
  double const g = norm_of([](tensor const& t) { return t.g; }, "g of the layers");
  double const v = norm_of([](tensor const& t) { return t.direction.v; }, "v of the layers");
  if (!(v > 0)) {
    for (auto const& t : tensors)
      std::fill_n(t.product, t.size, T(0));
    return {};
  }
  double const size = w > 0 ? w : std::sqrt(static_cast<double>(memory.sizes.total()));
  return detail::take_difference<false>(policy, oracle, memory, tensors,
                                        detail::direction_size{size / v, w, v, g}, options);
}

/// product = H v for all layers together, exactly, by dual numbers (Pearlmutter's R-operator).
///
/// @param  oracle     a `dual_gradient_oracle`; it sees copies of the weights, seeded with v
/// @param  layers     contiguous container of `directed_layer`, whose w and g stay as they are
/// @param  workspace  made of layers of these sizes
/// @return evaluations = 1; there is no step and no error but the oracle's own rounding
/// Errors: invalid_argument for sizes that differ and null data, before anything is written.
/// Cost: one call of the oracle, which does two to three times the work of a plain one.
/// Source: Pearlmutter, "Fast exact multiplication by the Hessian", 1994.
template <execution_policy Policy, std::floating_point T, dual_gradient_oracle<T> F,
          layers_of<directed_layer> Layers>
difference_report hessian_vector_product(Policy const& policy, F&& oracle, Layers const& layers,
                                         dual_workspace<T>& workspace) {
  using direction = detail::given_direction<T>;
  using layer_type = directed_layer<T>;
  auto& memory = detail::workspace_access::memory(workspace);
  memory.sizes.require(layers);
  detail::require_directions(layers);
  std::span<layer_type const> const all(layers.data(), memory.sizes.count());
  auto const first = [&](layer_type const& layer) {
    return memory.sizes.first(static_cast<std::size_t>(&layer - all.data()));
  };
  detail::run_each(policy, all, [&](layer_type const& t) {
    return detail::seed_kernel<T, direction>{
        {t.v.data()}, t.w.data(), nullptr, memory.w.data() + first(t), T(1), t.w.size()};
  });
  std::invoke(oracle, oracle_layers<dual<T>>(memory.layers));
  detail::run_each(policy, all, [&](layer_type const& t) {
    return detail::harvest_kernel<T, false>{memory.g.data() + first(t), t.product.data(),
                                            t.w.size()};
  });
  return {0, 0, 0.0, 1};
}

}  // namespace detent
