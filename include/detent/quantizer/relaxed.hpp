// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// relaxed: rounding under logistic noise, drawn from a Concrete distribution (RQ).

#include <cmath>
#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/philox.hpp>
#include <detent/math/rounding.hpp>
#include <detent/quantizer/logistic_noise.hpp>
#include <detent/quantizer/quantizer.hpp>

namespace detent {

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
/// Cost: about 2 logistic functions, one logarithm and one exponential a level that takes part.
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
        slant_(detail::slant_of(grid, noise, "relaxed")),
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
      auto const s = of_->summed(x, element_);
      if constexpr (Output == relaxed_output::straight_through) {
        return of_->grid_.template as<T>().level(static_cast<int>(s.code_of_largest));
      }
      return static_cast<T>(of_->grid_.step()) * (s.codes / s.weight);
    }

    /// The code that is the most likely of this draw.
    template <class T>
    DETENT_HD std::int32_t code(T x) const noexcept {
      return static_cast<std::int32_t>(of_->summed(x, element_).code_of_largest);
    }

    template <class T>
    DETENT_HD pullback<T, 2> backward(T x, T upstream) const noexcept {
      auto const s = of_->summed(x, element_);
      T const mean = s.codes / s.weight;
      T const slope = upstream * static_cast<T>(of_->inverse_temperature_) / s.weight;
      T const rho = static_cast<T>(of_->slant_);
      return {slope * rho * fma(-mean, s.by_position, s.codes_by_position),
              {fma(slope * rho, fma(-mean, s.by_step, s.codes_by_step), upstream * mean),
               slope * rho * fma(-mean, s.by_noise, s.codes_by_noise)}};
    }

   private:
    relaxed const* of_;
    std::uint64_t element_;
  };

  DETENT_HD drawn at(std::uint64_t element) const noexcept { return {*this, element}; }

 private:
  /// Sums over the levels that take part, w_i = (A_i/E_i)^(1/τ): of w, of w n, of w times the
  /// derivatives of ln A by x (times σ), α (times σ) and σ (times σ), and of all that times n.
  template <class T>
  struct sums {
    T weight, codes;
    T by_position, by_step, by_noise;
    T codes_by_position, codes_by_step, codes_by_noise;
    T largest, code_of_largest;
  };

  template <class T>
  DETENT_HD sums<T> summed(T x, std::uint64_t element) const noexcept {
    auto const p = grid_.template as<T>().position(x);
    T const low = static_cast<T>(grid_.lowest_code()), high = static_cast<T>(grid_.highest_code());
    T const rho = static_cast<T>(slant_);
    T const offset = detail::held_near(p.offset, low - p.code, high - p.code, slant_);
    T const first = is_full_ ? low : p.code - static_cast<T>(reach_);
    int const slots = is_full_ ? reach_ + 1 : 2 * reach_ + 1;
    sums<T> s{};
    s.largest = T(-1);
    for (int slot = 0; slot < slots; slot += 4) {
      philox_words const words = draws_(element, static_cast<std::uint32_t>(slot) / 4);
      for (int k = 0; k < 4; ++k) {
        T const n = first + static_cast<T>(slot + k);
        bool const takes_part = (slot + k < slots) & (n >= low) & (n <= high);
        add(s, n, (n - p.code) - offset, rho, open_unit<T>(words.word[k]), takes_part);
      }
    }
    return s;
  }

  /// Adds level n, which lies `to` steps above x.
  template <class T>
  DETENT_HD void add(sums<T>& s, T n, T to, T rho, T unit, bool takes_part) const noexcept {
    T const u = (to + T(0.5)) * rho, l = (T(0.5) - to) * rho;
    auto const su = logistic(u), sl = logistic(l);
    T const share = (su.up * sl.up) / -logarithm(unit);
    T w = share;
    if (inverse_temperature_ != 1) {
      T const tiny = T(sizeof(T) == 4 ? 1e-37 : 1e-300);
      w = exponential(static_cast<T>(inverse_temperature_) *
                      logarithm(choose(share > tiny, share, tiny)));
    }
    w = keep_if(takes_part, w);
    T const by_position = sl.down - su.down;
    T const by_step = fma(n + T(0.5), su.down, (T(0.5) - n) * sl.down);
    T const by_noise = -fma(u, su.down, l * sl.down);
    T const wn = w * n;
    s.weight += w;
    s.codes += wn;
    s.by_position = fma(w, by_position, s.by_position);
    s.by_step = fma(w, by_step, s.by_step);
    s.by_noise = fma(w, by_noise, s.by_noise);
    s.codes_by_position = fma(wn, by_position, s.codes_by_position);
    s.codes_by_step = fma(wn, by_step, s.codes_by_step);
    s.codes_by_noise = fma(wn, by_noise, s.codes_by_noise);
    bool const larger = w > s.largest;
    s.largest = choose(larger, w, s.largest);
    s.code_of_largest = choose(larger, n, s.code_of_largest);
  }

  uniform<double> grid_;
  double slant_;  // α/σ
  double inverse_temperature_;
  philox_draws draws_;
  int reach_ = 0;
  bool is_full_ = true;
};

static_assert(drawing_quantizer<relaxed<>>);
static_assert(drawing_quantizer<relaxed<relaxed_output::straight_through>>);

}  // namespace detent
