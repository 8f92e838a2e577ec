// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Saves and restores the state of a bit-width search as JSON, by nlohmann-json. Opt-in: the
// umbrella does not include it.

#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/training/bitwidth_search.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace detent::inline DETENT_ABI {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(bitwidth_options, target_bits, min_bits, max_bits, start_bits,
                                   rate, momentum)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(bitwidth_record, step, strength, bit_widths, data_pulls)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(bitwidth_state, options, costs, bit_widths, smoothed, size,
                                   weight, clamped, steps, frozen, history)

/// The search as JSON text; numbers have all their digits, so that nothing is lost.
inline std::string save(bitwidth_search const& search) {
  return nlohmann::json(search.state()).dump();
}

/// The search that `save` wrote.
/// Errors: invalid_argument for text that is no JSON (with its offset) or no state of a search.
inline bitwidth_search restore_bitwidth_search(std::string const& text) {
  try {
    return bitwidth_search::restored(nlohmann::json::parse(text).get<bitwidth_state>());
  } catch (nlohmann::json::exception const& e) {
    detail::fail("state of a bit-width search", e.what());
  }
}

}  // namespace detent::inline DETENT_ABI
