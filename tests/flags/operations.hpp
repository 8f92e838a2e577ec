// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Every operation of the library, compiled under a name and with flags of its own.

#include <cstddef>
#include <cstdint>

/// Memory of one run: `tensors` tensors of `size` floats each, and numbers.
struct operations_memory {
  static constexpr std::size_t tensors = 80, most_numbers = 512;

  float const* w;         ///< the weights
  float const* upstream;  ///< gradients
  std::size_t size;
  float* out;           ///< tensors × size, zeros on entry
  std::uint8_t* bytes;  ///< 4 × size, zeros on entry
  double* numbers;      ///< most_numbers
  std::size_t count;    ///< of the numbers that were written
  std::size_t used;     ///< of the tensors that were written
};

// One for each set of flags: the tests link them in several orders.
void operations_plain(operations_memory& memory);
void operations_other(operations_memory& memory);

// Instruction sets are shared by the whole program.
void limit_plain(int isa);
void limit_other(int isa);
int active_plain();
int active_other();

// Throw detent::invalid_argument, which every object catches.
void refuse_plain();
void refuse_other();
