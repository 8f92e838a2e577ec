// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The records of a run as fields of an archive.

namespace detent_trainer {

class archive;
struct epoch_record;
struct run_result;

void archive_record(archive& a, epoch_record& record);
void archive_record(archive& a, run_result& result);

}  // namespace detent_trainer
