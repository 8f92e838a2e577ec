// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What the name of a method says about it.

#include <string_view>

namespace detent_trainer {

/// Whether the method trains in full precision with a penalty, for networks that are rounded
/// afterwards: the gradient's norm, kurtosis, or bins.
inline bool is_float_penalty(std::string_view method) {
  return method == "gradl1" || method == "gradl2" || method == "kure" || method == "bin";
}

/// λ where none is given.
double default_strength(std::string_view method);

}  // namespace detent_trainer
