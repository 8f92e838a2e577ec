// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The whole library for code that nvcc compiles: the host verbs, and the same on a stream.
//
// CCCL has a namespace `cuda` of its own: a `using namespace detent;` beside it makes that name
// ambiguous, also in the code that nvcc generates. Name what you use, or `namespace dt = detent;`.

#include <detent/cuda/accumulate.cuh>
#include <detent/cuda/backward.cuh>
#include <detent/cuda/channels.cuh>
#include <detent/cuda/device_span.cuh>
#include <detent/cuda/packed_codes.cuh>
#include <detent/cuda/parameter.cuh>
#include <detent/cuda/plan.cuh>
#include <detent/cuda/quantize.cuh>
#include <detent/cuda/rebuild.cuh>
#include <detent/cuda/reduce.cuh>
#include <detent/cuda/snap.cuh>
#include <detent/cuda/stream.cuh>
