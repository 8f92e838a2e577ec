// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// What must be equal for a run to go on where a checkpoint stands.

#include <string>
#include <utility>
#include <vector>

#include <trainer/settings.hpp>

namespace detent_trainer {

struct dataset;

/// Options by name with their values as text.
using fingerprint = std::vector<std::pair<std::string, std::string>>;

/// Everything that decides the bits of a run. The number of threads and the folder of the data do
/// not; the images do, by their checksum.
fingerprint fingerprint_of(const settings& s, const dataset& data);

/// What the runs of a comparison have in common, whatever the lists of methods, bits and seeds.
fingerprint common_fingerprint(const settings& s);

/// The first entry that differs, as "--lr is 0.02 there and 0.03 here"; empty where none does.
std::string difference_between(const fingerprint& there, const fingerprint& here);

/// 16 digits that name a run among others.
std::string short_name(const fingerprint& of);

}  // namespace detent_trainer
