// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The main function of every doctest executable, compiled once.

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
