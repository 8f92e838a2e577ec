// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The part of a comparison that sets learned bit-widths against the same bits everywhere.

#include <string>
#include <vector>

#include <trainer/report/summary.hpp>

namespace detent_trainer::html {

/// A chart of accuracy over average bits for each model, data and schedule that has learned bits,
/// whatever the forward form; empty where no bits were learned.
std::string accuracy_by_bits(const std::vector<summary_row>& rows);

}  // namespace detent_trainer::html
