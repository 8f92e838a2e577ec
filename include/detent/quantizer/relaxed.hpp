// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// relaxed: rounding under logistic noise, drawn from a Concrete distribution (RQ).

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/philox.hpp>
#include <detent/math/rounding.hpp>
#include <detent/quantizer/logistic_noise.hpp>
#include <detent/quantizer/quantizer.hpp>

namespace detent::inline DETENT_ABI {

/// What a relaxed quantizer puts out.
enum class relaxed_output {
  sample,            ///< Σ z_i g_i, between the levels
  straight_through,  ///< the level of the largest z; the gradient is the sample's
};

/// How a relaxed quantizer draws.
struct relaxed_options {
  double temperature = 1;  ///< τ, 0.25 to 100
  /// The levels within so many σ of the nearest one take part, and that one's neighbours at least;
  /// 0: all levels. Source of 3: the paper's local grid.
  double local = 3;
};

/// RQ: a level drawn with the probability that logistic noise leaves it, relaxed to a mixture.
///
///     A_i = F(g_i + α/2) - F(g_i - α/2),   F(c) = 1/(1 + e^(-(c - x)/σ)),   g_i = α n_i
///     z_i ∝ (A_i/E_i)^(1/τ),   E_i ~ Exp(1)               x̂ = Σ z_i g_i
///
/// That is softmax((ln π_i + G_i)/τ) with Gumbel noise G = -ln E: the normalization of π is the
/// same for every level and drops out. theta[0] is the derivative by the step α, theta[1] that by
/// the noise σ. Differentiable in all three for held draws; sound for every x.
///
/// Draws are addressed by (seed, step, tensor, element, level), so that backward sees what forward
/// drew, whatever the threads. `at(element)` is the quantizer of one element; the verbs ask for
/// it. At test time round on the same grid: `rounding{q.grid()}`.
///
/// Cost: a pair of exponentials, a division, a logarithm and a sixth of a Philox block for every
/// level that takes part; another logarithm and exponential unless τ is 1.
/// Source: Louizos et al., "Relaxed quantization", arXiv:1810.01875, eq. 5 to 10.
template <relaxed_output Output = relaxed_output::sample>
class relaxed {
 public:
  static constexpr int parameters = 2;

  /// @param  grid   two's complement or unsigned; its step is α
  /// @param  noise  σ, in units of the weight, within 1e-6 to 1e3 steps
  /// @param  draws  seed, step and tensor
  /// Errors: invalid_argument for a noise or temperature outside these limits, a local range that
  /// is negative or NaN, or a grid whose phase is not 0.
  relaxed(uniform<double> const& grid, double noise, philox_draws const& draws,
          relaxed_options const& options = {})
      : grid_(grid),
        noise_(detail::slant_of(grid, noise, "relaxed")),
        inverse_temperature_(1 / options.temperature),
        draws_(draws) {
    if (!detail::is_finite(options.temperature) || options.temperature < 0.25 ||
        options.temperature > 100) {
      detail::fail("temperature",
                   "is " + detail::text(options.temperature) + "; allowed are 0.25 to 100");
    }
    if (!detail::is_finite(options.local) || options.local < 0) {
      detail::fail("local", "is " + detail::text(options.local) + "; 0 or above is needed");
    }
    double const reach = std::ceil(options.local * noise / grid.step());
    is_full_ = options.local == 0 || 2 * reach + 1 >= grid.size();
    reach_ = is_full_ ? grid.size() - 1 : static_cast<int>(reach);
  }

  uniform<double> const& grid() const noexcept { return grid_; }

  /// How many levels take part on either side of the nearest; all, where it is not local.
  int reach() const noexcept { return reach_; }
  bool is_local() const noexcept { return !is_full_; }

  /// The quantizer of one element, with its draws.
  class drawn {
   public:
    static constexpr int parameters = 2;

    DETENT_HD drawn(relaxed const& of, std::uint64_t element) noexcept
        : of_(&of), element_(element) {}

    template <class T>
    DETENT_HD T operator()(T x) const noexcept {
      T const one[1] = {x};
      T level[1];
      of_->quantize_block(element_, one, level);
      return level[0];
    }

    /// The code that is the most likely of this draw; the lowest for NaN.
    template <class T>
    DETENT_HD std::int32_t code(T x) const noexcept {
      T const one[1] = {x};
      std::int32_t most_likely[1];
      of_->code_block(element_, one, most_likely);
      return most_likely[0];
    }

    template <class T>
    DETENT_HD pullback<T, 2> backward(T x, T upstream) const noexcept {
      T const one[1] = {x}, above[1] = {upstream};
      pullbacks<T, 2, 1> p;
      of_->backward_block(element_, one, above, p);
      return {p.gradient[0], {p.theta[0][0], p.theta[1][0]}};
    }

   private:
    relaxed const* of_;
    std::uint64_t element_;
  };

  DETENT_HD drawn at(std::uint64_t element) const noexcept { return {*this, element}; }

  /// The elements from `first` on, as `at` has them one by one. What the verbs call: a loop over
  /// levels around loops over elements, which vectorize.
  template <class T, std::size_t N>
  DETENT_HD void quantize_block(std::uint64_t first, T const (&x)[N], T (&out)[N]) const noexcept {
    if constexpr (Output == relaxed_output::straight_through) {
      auto const levels = grid_.template as<T>();
      std::int32_t code[N];
      code_block(first, x, code);
      DETENT_INDEPENDENT
      for (std::size_t i = 0; i < N; ++i)
        out[i] = levels.level(code[i]) + keep_if(x[i] != x[i], x[i]);
    } else {
      detail::level_places<T, N> const places(grid_, noise_, x);
      detail::level_mean<T, N> mean;
      add_levels(first, places, mean);
      T const step = static_cast<T>(grid_.step());
      DETENT_INDEPENDENT
      for (std::size_t i = 0; i < N; ++i)
        out[i] = step * (places.code[i] + mean.codes[i] / mean.weight[i]);
    }
  }

  template <class T, std::size_t N>
  DETENT_HD void backward_block(std::uint64_t first, T const (&x)[N], T const (&upstream)[N],
                                pullbacks<T, 2, N>& to) const noexcept {
    detail::level_places<T, N> const places(grid_, noise_, x);
    detail::level_mean_slopes<T, N> slopes;
    add_levels(first, places, slopes);
    slopes.pull(places, noise_.slant<T>(), static_cast<T>(inverse_temperature_), upstream, to);
  }

 private:
  /// Levels that draw from one block of Philox.
  static constexpr int block_draws = 6;

  template <class T, std::size_t N>
  struct largest_level {
    T weight[N] = {}, code[N] = {};

    DETENT_HD void add(std::size_t i, T w, detail::seen_level<T> const& level) noexcept {
      bool const is_larger = w > weight[i];
      weight[i] = choose(is_larger, w, weight[i]);
      code[i] = choose(is_larger, level.code, code[i]);
    }
  };

  template <class T, std::size_t N>
  DETENT_HD void code_block(std::uint64_t first, T const (&x)[N],
                            std::int32_t (&code)[N]) const noexcept {
    detail::level_places<T, N> const places(grid_, noise_, x);
    largest_level<T, N> largest;
    add_levels(first, places, largest);
    T const low = static_cast<T>(grid_.lowest_code());
    DETENT_INDEPENDENT
    for (std::size_t i = 0; i < N; ++i) {
      T const n = places.code[i] + largest.code[i];
      code[i] = static_cast<std::int32_t>(choose(n == n, n, low));
    }
  }

  /// Adds to `sums` every level that takes part with its w = (A/E)^(1/τ).
  template <class Sums, class T, std::size_t N>
  DETENT_HD void add_levels(std::uint64_t first, detail::level_places<T, N> const& places,
                            Sums& sums) const noexcept {
    int const levels = is_full_ ? reach_ + 1 : 2 * reach_ + 1;
    for (int level = 0; level < levels; level += block_draws) {
      T exponential[block_draws][N];
      int const count = levels - level < block_draws ? levels - level : block_draws;
      draw(first, static_cast<std::uint32_t>(level / block_draws), count, exponential);
      // A device has registers for what k counts.
      DETENT_UNROLL
      for (int k = 0; k < count; ++k) {
        if (inverse_temperature_ == 1) {
          add_level(places, level + k, exponential[k], sums, [](T w) { return w; });
        } else {
          add_level(places, level + k, exponential[k], sums, [this](T w) { return tempered(w); });
        }
      }
    }
  }

  /// Adds one level; w = power(A/E), up to a factor.
  template <class Power, class Sums, class T, std::size_t N>
  DETENT_HD void add_level(detail::level_places<T, N> const& places, int level,
                           T const (&exponential)[N], Sums& sums, Power power) const noexcept {
    T const n_full = static_cast<T>(level), n_local = static_cast<T>(level - reach_);
    DETENT_INDEPENDENT
    for (std::size_t i = 0; i < N; ++i) {
      T const n = choose(is_full_, n_full + places.lowest[i], n_local);
      T const beside = places.offset[i] - n;
      auto const ends = noise_.level(beside);
      T const e = exponential[i], share = T(1) / (ends.sum * e), inverse = share * e;
      bool const takes_part = (n >= places.lowest[i]) & (n <= places.highest[i]);
      sums.add(i, keep_if(takes_part, power(share)),
               detail::seen(n, beside, ends.lean * inverse, ends.edge * inverse));
    }
  }

  /// E/ln 2 of the levels that share a block, E = -ln U.
  template <class T, std::size_t N>
  DETENT_HD void draw(std::uint64_t first, std::uint32_t block, int count,
                      T (&exponential)[block_draws][N]) const noexcept {
    std::uint32_t word[block_draws][N];
    constexpr std::size_t rest = N / 2;  // with N = 1 an element is its own partner
    DETENT_INDEPENDENT
    for (std::size_t i = 0; i < N - rest; ++i) {
      std::uint64_t const element = first + i;
      auto const words = draws_(element, element + rest, block);
      auto const one = sixths(words.one), other = sixths(words.other);
      // Written out: around a loop over the six GCC would not vectorize.
      word[0][i] = one.word[0];
      word[1][i] = one.word[1];
      word[2][i] = one.word[2];
      word[3][i] = one.word[3];
      word[4][i] = one.word[4];
      word[5][i] = one.word[5];
      word[0][i + rest] = other.word[0];
      word[1][i + rest] = other.word[1];
      word[2][i + rest] = other.word[2];
      word[3][i + rest] = other.word[3];
      word[4][i + rest] = other.word[4];
      word[5][i + rest] = other.word[5];
    }
    DETENT_UNROLL
    for (int k = 0; k < count; ++k) {
      DETENT_INDEPENDENT
      for (std::size_t i = 0; i < N; ++i)
        exponential[k][i] = -binary_logarithm(open_unit<T>(word[k][i]));
    }
  }

  /// w^(1/τ)
  template <class T>
  DETENT_HD T tempered(T w) const noexcept {
    T const tiny = T(sizeof(T) == 4 ? 1e-37 : 1e-300);
    T const power = static_cast<T>(inverse_temperature_) * logarithm(choose(w > tiny, w, tiny));
    return detent::exponential(power);
  }

  uniform<double> grid_;
  detail::level_noise noise_;
  double inverse_temperature_;
  philox_draws draws_;
  int reach_ = 0;
  bool is_full_ = true;
};

relaxed(uniform<double> const&, double, philox_draws const&, relaxed_options const&)->relaxed<>;

static_assert(drawing_quantizer<relaxed<>>);
static_assert(drawing_quantizer<relaxed<relaxed_output::straight_through>>);

}  // namespace detent::inline DETENT_ABI
