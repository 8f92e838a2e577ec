// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// An executor over oneTBB: link TBB::tbb.

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <cstddef>

/// `detent::on(executor)` runs the chunks in the arena, on as many threads as it has.
struct tbb_executor {
  tbb::task_arena& arena;

  template <class F>
  void bulk(std::size_t count, F f) {
    arena.execute([&] { tbb::parallel_for(std::size_t{0}, count, f); });
  }
};
