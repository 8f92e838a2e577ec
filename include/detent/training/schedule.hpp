// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Schedules: how a strength goes over a run, as pure functions of its share.

#include <concepts>
#include <cstddef>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/math/scalar.hpp>
#include <string>

namespace detent::inline DETENT_ABI {

/// A schedule: maps the share of a run that is done, 0 to 1, to a strength, and says what it is.
/// Shares beyond are allowed: a schedule has no state and no end.
template <class S>
concept schedule = requires(S const s, double share) {
  { s(share) } -> std::convertible_to<double>;
  { s.text() } -> std::convertible_to<std::string>;
};

/// The same strength all along.
class constant_schedule {
 public:
  /// Errors: invalid_argument unless value is finite.
  explicit constant_schedule(detail::real value) : value_(value) {
    detail::require_finite(value, "value of a schedule");
  }
  double operator()(double) const noexcept { return value_; }
  std::string text() const { return detail::text(value_); }

 private:
  double value_;
};

/// A smooth step from 0 to 1: ½ (1 + tanh((share - at)/width)).
class rise_schedule {
 public:
  /// @param  at     the share where half is reached
  /// @param  width  share of the run from a half to 88 %; above 0
  /// Errors: invalid_argument for what is not finite, or a width that is not above 0.
  explicit rise_schedule(detail::real at, detail::real width = 0.05) : at_(at), width_(width) {
    detail::require_finite(at, "at of a schedule");
    detail::require_positive(width, "width of a schedule");
  }
  double operator()(double share) const noexcept {
    return detail::rounded(0.5 * (1 + detail::tangent((share - at_) / width_)));
  }
  std::string text() const {
    return "rise(" + detail::text(at_) + ", " + detail::text(width_) + ")";
  }

 private:
  double at_, width_;
};

/// A smooth rise and fall: rise(begin) - rise(end). WaveQ's bit term acts within such a window.
class window_schedule {
 public:
  /// Errors: as for `rise_schedule`, and an end that is not after the beginning.
  window_schedule(detail::real begin, detail::real end, detail::real width = 0.05)
      : up_(begin, width), down_(end, width), text_{begin, end, width} {
    if (!(begin < end)) {
      detail::fail("end of a schedule",
                   "is " + detail::text(end) + ", not after its begin " + detail::text(begin));
    }
  }
  double operator()(double share) const noexcept { return up_(share) - down_(share); }
  std::string text() const {
    return "window(" + detail::text(text_[0]) + ", " + detail::text(text_[1]) + ", " +
           detail::text(text_[2]) + ")";
  }

 private:
  rise_schedule up_, down_;
  double text_[3];
};

/// start·e^(rate·share): the other form of the WaveQ authors' code.
class exponential_schedule {
 public:
  /// Errors: invalid_argument for what is not finite, and for a rate that makes the strength at the
  /// end of the run, share 1, so large that no number holds it.
  exponential_schedule(detail::real start, detail::real rate) : start_(start), rate_(rate) {
    detail::require_finite(start, "start of a schedule");
    detail::require_finite(rate, "rate of a schedule");
    if (!detail::is_finite((*this)(1.0))) {
      detail::fail("rate of a schedule",
                   "is " + detail::text(rate) + "; at the end the strength is not finite");
    }
  }
  double operator()(double share) const noexcept {
    if (start_ == 0) return 0;  // also where e^(rate·share) is infinite
    double const power = detail::rounded_product(rate_, share);
    // In two halves, of which the strength may be finite where the whole power is not.
    double const root = detail::natural_exponential(0.5 * power);
    return detail::rounded_product(detail::rounded_product(start_, root), root);
  }
  std::string text() const {
    return "exponential(" + detail::text(start_) + ", " + detail::text(rate_) + ")";
  }

 private:
  double start_, rate_;
};

/// One of three values: before `second`, from there, and from `third` on. WaveQ's phases are the
/// task alone, weights and bits together, and weights alone with frozen bits.
class three_phase_schedule {
 public:
  /// Errors: invalid_argument for what is not finite, or phases in the wrong order.
  three_phase_schedule(detail::real second, detail::real third, detail::real value1,
                       detail::real value2, detail::real value3)
      : begin_{second, third}, value_{value1, value2, value3} {
    detail::require_finite(second, "second phase of a schedule");
    detail::require_finite(third, "third phase of a schedule");
    for (double const v : value_)
      detail::require_finite(v, "value of a schedule");
    if (!(second <= third)) {
      detail::fail(
          "third phase of a schedule",
          "begins at " + detail::text(third) + ", before the second at " + detail::text(second));
    }
  }
  double operator()(double share) const noexcept {
    return share < begin_[0] ? value_[0] : share < begin_[1] ? value_[1] : value_[2];
  }
  std::string text() const {
    return "phases(" + detail::text(value_[0]) + " until " + detail::text(begin_[0]) + ", " +
           detail::text(value_[1]) + " until " + detail::text(begin_[1]) + ", " +
           detail::text(value_[2]) + ")";
  }

 private:
  double begin_[2];
  double value_[3];
};

/// The product of two schedules: `2.0 * rise_schedule{0.2}`.
template <schedule A, schedule B>
class product_schedule {
 public:
  product_schedule(A a, B b) : a_(a), b_(b) {}
  double operator()(double share) const noexcept {
    return detail::rounded_product(a_(share), b_(share));
  }
  std::string text() const { return a_.text() + " * " + b_.text(); }

 private:
  A a_;
  B b_;
};

template <schedule A, schedule B>
product_schedule<A, B> operator*(A a, B b) {
  return {a, b};
}
template <schedule B>
product_schedule<constant_schedule, B> operator*(detail::real factor, B b) {
  return {constant_schedule(factor), b};
}

/// The strength at a step of a run of `steps` steps.
/// Errors: invalid_argument for a run without steps.
template <schedule S>
double at_step(S const& s, std::size_t step, std::size_t steps) {
  if (steps == 0) detail::fail("steps", "is 0; a run has at least 1");
  return s(static_cast<double>(step) / static_cast<double>(steps));
}

}  // namespace detent::inline DETENT_ABI
