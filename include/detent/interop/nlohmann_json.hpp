// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Saves and restores the state of a bit-width search as JSON, by nlohmann-json. Opt-in: the
// umbrella does not include it.

#include <cstdint>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/numbers.hpp>
#include <detent/training/bitwidth_search.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace detent::inline DETENT_ABI {

template <class T>
void to_json(nlohmann::json& json, numbers<T> const& values) {
  json = static_cast<std::vector<T>>(values);
}
template <class T>
void from_json(nlohmann::json const& json, numbers<T>& values) {
  values = json.get<std::vector<T>>();
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(bitwidth_options, target_bits, min_bits, max_bits, start_bits,
                                   rate, momentum)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(bitwidth_record, step, strength, bit_widths, data_pulls)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(bitwidth_state, options, costs, bit_widths, smoothed, size,
                                   weight, clamped, steps, frozen, history)

/// The search as JSON text; numbers have all their digits, so that nothing is lost.
inline std::string save(bitwidth_search const& search) {
  return nlohmann::json(search.state()).dump();
}

namespace detail {

/// Counts as they are in the text: a conversion would cut a fraction off, and wrap a number that no
/// std::int64_t holds.
inline void require_count(nlohmann::json const& number, char const* name) {
  bool const fits = number.is_number_unsigned()
                        ? number.get<std::uint64_t>() <=
                              static_cast<std::uint64_t>((std::numeric_limits<std::int64_t>::max)())
                        : number.is_number_integer();
  if (!fits) fail(name, "is " + number.dump() + "; a whole number is needed");
}

inline void require_counts(nlohmann::json const& state) {
  require_count(state.at("steps"), "steps of the state");
  for (auto const& number : state.at("clamped"))
    require_count(number, "clamped of the state");
  for (auto const& record : state.at("history"))
    require_count(record.at("step"), "step of the history");
}

}  // namespace detail

/// The search that `save` wrote.
/// Errors: invalid_argument for text that is no JSON (with its offset) or no state of a search: see
/// `bitwidth_search::restored`.
inline bitwidth_search restore_bitwidth_search(std::string const& text) {
#if defined(__cpp_exceptions)
  try {
    auto const json = nlohmann::json::parse(text);
    detail::require_counts(json);
    return bitwidth_search::restored(json.get<bitwidth_state>());
  } catch (nlohmann::json::exception const& e) {
    detail::fail("state of a bit-width search", e.what());
  }
#else
  auto const json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) detail::fail("state of a bit-width search", "is no JSON");
  return bitwidth_search::restored(json.get<bitwidth_state>());
#endif
}

}  // namespace detent::inline DETENT_ABI
