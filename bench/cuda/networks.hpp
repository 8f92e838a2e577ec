// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The networks whose tensors are measured in one launch.

#include <cstddef>
#include <span>

namespace bench {

struct network {
  char const* name;
  std::span<std::size_t const> sizes;  ///< weights of every tensor

  std::size_t weights() const;
};

std::span<network const> networks();

}  // namespace bench
