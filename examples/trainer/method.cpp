// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The strengths of methods where none is given.

#include <string_view>

#include <trainer/method.hpp>

namespace detent_trainer {

double default_strength(std::string_view method) {
  if (method == "gradl1") return 0.0005;
  if (method == "gradl2") return 0.1;
  if (method == "kure") return 0.1;
  if (method == "bin") return 1;
  if (method.ends_with("+learned-bits")) return 0.01;
  return 0.1;
}

}  // namespace detent_trainer
