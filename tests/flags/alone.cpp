// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
//
// In place of an object with other flags: the plain object is then alone.

#include <flags/operations.hpp>

void operations_other(operations_memory&) {}
void limit_other(int) {}
int active_other() {
  return 0;
}
void refuse_other() {}
