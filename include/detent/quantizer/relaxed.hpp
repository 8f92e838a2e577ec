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

/// Largest error of `relaxed` in the units that its docstring states. Held by
/// tests/quantizer/relaxed_test.cpp over the whole range of noise, temperature and weights.
inline constexpr double relaxed_error_bound = 8;

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
/// the noise σ. Differentiable in all three for held draws.
///
/// Sound for every x and for every noise and temperature that the constructor takes: the mixture is
/// made of logarithms, relative to the nearest level. With s = α/σ, K levels on the grid, R = the
/// levels that take part less one, D = R + 1 + 18/s (40/s in double), ε of the compute type and
/// e = ε (1 + (1 + s)/τ), the relative error of a weight z, the errors are at most
/// `relaxed_error_bound` times
///
///     α (ε K + e R) of x̂,   d = e R (R + 1) s/τ of ∂x̂/∂x,   ε K + D d of ∂x̂/∂α,   s D d of ∂x̂/∂σ
///
/// Beyond 18 σ (40 σ) outside the grid x counts as that far, where nothing changes any more. Float
/// and double see the same draws, to 10⁻¹⁰.
///
/// Draws are addressed by (seed, step, tensor, element, level), so that backward sees what forward
/// drew, whatever the threads. `at(element)` is the quantizer of one element; the verbs ask for
/// it. At test time round on the same grid: `rounding{q.grid()}`.
///
/// Cost: a pair of exponentials, a division, a logarithm and a sixth of a Philox block for every
/// level that takes part; another logarithm and power unless τ is 1.
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
  relaxed(uniform<double> const& grid, detail::real noise, philox_draws const& draws,
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
      add_powers(first, places, mean);
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
    add_powers(first, places, slopes);
    slopes.pull(places, noise_.slant<T>(), static_cast<T>(inverse_temperature_), upstream, to);
  }

 private:
  /// Levels that draw from one block of Philox.
  static constexpr int block_draws = 6;

  /// A share whose power is 1.
  struct as_it_is {
    template <class T>
    DETENT_HD T operator()(std::size_t, T share, T) const noexcept {
      return share;
    }
  };
  /// Its power 1/τ.
  template <class T, std::size_t N>
  struct to_power {
    relaxed const& of;
    T const (&reference)[N];

    DETENT_HD T operator()(std::size_t i, T share, T beside) const noexcept {
      return of.tempered(share, reference[i] - of.noise_.turns_beyond(beside));
    }
  };

  /// The level of the largest A/E; of equal ones the nearest.
  template <class T, std::size_t N>
  struct largest_level {
    detail::level_places<T, N> const& places;
    T weight[N] = {}, code[N] = {};

    DETENT_HD void add(std::size_t i, T w, detail::seen_level<T> const& level) noexcept {
      T const next = absolute(places.offset[i] - level.code);
      T const best = absolute(places.offset[i] - code[i]);
      bool const is_larger = (w > weight[i]) | ((w == weight[i]) & (next < best));
      weight[i] = choose(is_larger, w, weight[i]);
      code[i] = choose(is_larger, level.code, code[i]);
    }
  };

  template <class T, std::size_t N>
  DETENT_HD void code_block(std::uint64_t first, T const (&x)[N],
                            std::int32_t (&code)[N]) const noexcept {
    detail::level_places<T, N> const places(grid_, noise_, x);
    largest_level<T, N> largest{places};
    // The power 1/τ changes no order.
    add_levels(first, places, largest, as_it_is{});
    T const low = static_cast<T>(grid_.lowest_code());
    DETENT_INDEPENDENT
    for (std::size_t i = 0; i < N; ++i) {
      T const n = places.code[i] + largest.code[i];
      code[i] = static_cast<std::int32_t>(choose(n == n, n, low));
    }
  }

  /// Adds to `sums` every level that takes part with its w = (A/E)^(1/τ), up to a factor.
  template <class Sums, class T, std::size_t N>
  DETENT_HD void add_powers(std::uint64_t first, detail::level_places<T, N> const& places,
                            Sums& sums) const noexcept {
    if (inverse_temperature_ == 1) {
      add_levels(first, places, sums, as_it_is{});
    } else {
      T reference[N];
      DETENT_INDEPENDENT
      for (std::size_t i = 0; i < N; ++i)
        reference[i] = reference_of(places.offset[i]);
      add_levels(first, places, sums, to_power<T, N>{*this, reference});
    }
  }

  /// Adds to `sums` every level that takes part with its power(i, share, beside), where the share
  /// is A/E up to a factor, and that of `level_noise::turns_beyond`.
  template <class Sums, class T, std::size_t N, class Power>
  DETENT_HD void add_levels(std::uint64_t first, detail::level_places<T, N> const& places,
                            Sums& sums, Power const& power) const noexcept {
    int const levels = is_full_ ? reach_ + 1 : 2 * reach_ + 1;
    for (int level = 0; level < levels; level += block_draws) {
      T exponential[block_draws][N];
      int const count = levels - level < block_draws ? levels - level : block_draws;
      draw(first, static_cast<std::uint32_t>(level / block_draws), count, exponential);
      // A device has registers for what k counts.
      DETENT_UNROLL
      for (int k = 0; k < count; ++k)
        add_level(places, level + k, exponential[k], sums, power);
    }
  }

  template <class Power, class Sums, class T, std::size_t N>
  DETENT_HD void add_level(detail::level_places<T, N> const& places, int level,
                           T const (&exponential)[N], Sums& sums,
                           Power const& power) const noexcept {
    T const n_full = static_cast<T>(level), n_local = static_cast<T>(level - reach_);
    DETENT_INDEPENDENT
    for (std::size_t i = 0; i < N; ++i) {
      T const n = choose(is_full_, n_full + places.lowest[i], n_local);
      T const beside = places.offset[i] - n;
      auto const ends = noise_.level(beside);
      T const e = exponential[i], share = T(1) / (ends.sum * e), inverse = share * e;
      bool const takes_part = (n >= places.lowest[i]) & (n <= places.highest[i]);
      sums.add(i, keep_if(takes_part, power(i, share, beside)),
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
        exponential[k][i] = -binary_logarithm(unit_of<T>(word[k][i]));
    }
  }

  /// The number of the open interval (0, 1) that a word of `sixths` stands for, the same in float
  /// as in double to 10⁻¹⁰: its 21 bits and the half below them.
  template <class T>
  DETENT_HD static T unit_of(std::uint32_t word) noexcept {
    if constexpr (sizeof(T) == 4) {
      return static_cast<T>(static_cast<std::int32_t>(word >> 9)) * T(0x1p-23);
    } else {
      return open_unit<T>(word);
    }
  }

  /// log₂ of how much the share of the nearest level falls short of 1: as much is given back to
  /// every level, so that the largest of them neither vanish nor overflow at any temperature.
  template <class T>
  DETENT_HD T reference_of(T offset) const noexcept {
    T const turns = noise_.turns(absolute(offset));
    return keep_if(turns > T(0), turns);
  }

  /// log₂ share + raised. In double the logarithm ends in a product, which a compiler must not fuse
  /// into the sum by itself.
  DETENT_HD static float raised_logarithm(float share, float raised) noexcept {
    return binary_logarithm(share) + raised;
  }
  DETENT_HD static double raised_logarithm(double share, double raised) noexcept {
    return fma(logarithm(share), 1.44269504088896341, raised);
  }

  /// (share·2^raised)^(1/τ), scaled. With E between 2^-22 and 2^5 the largest of a weight is within
  /// 2^-66 and 2^50: sums of 2^16 levels times a squared distance of 2^16 stay below 2^100, and
  /// a level below 2^-125 has no share in them.
  template <class T>
  DETENT_HD T tempered(T share, T raised) const noexcept {
    constexpr T limit = sizeof(T) == 4 ? T(125) : T(1000);
    T const exponent =
        static_cast<T>(inverse_temperature_) * raised_logarithm(share, raised - T(10));
    T const within = smaller(limit, larger(-limit, exponent));
    return keep_if(exponent > -limit, powers_of_two(within).up);
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
