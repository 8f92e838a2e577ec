// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The whole library for host code.

#include <detent/algorithm/accumulate.hpp>
#include <detent/algorithm/backward.hpp>
#include <detent/algorithm/channels.hpp>
#include <detent/algorithm/fit_range.hpp>
#include <detent/algorithm/packed_codes.hpp>
#include <detent/algorithm/quantize.hpp>
#include <detent/algorithm/reduce.hpp>
#include <detent/algorithm/snap.hpp>
#include <detent/algorithm/unpack.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/isa.hpp>
#include <detent/execution/policy.hpp>
#include <detent/grid/convention.hpp>
#include <detent/grid/domain.hpp>
#include <detent/grid/period.hpp>
#include <detent/grid/uniform.hpp>
#include <detent/math/dual.hpp>
#include <detent/math/elementary.hpp>
#include <detent/math/philox.hpp>
#include <detent/math/sinusoid.hpp>
#include <detent/math/storage.hpp>
#include <detent/quantizer/dorefa_activations.hpp>
#include <detent/quantizer/dorefa_weights.hpp>
#include <detent/quantizer/lsq.hpp>
#include <detent/quantizer/pact.hpp>
#include <detent/quantizer/relaxed.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/quantizer/semi_relaxed.hpp>
#include <detent/quantizer/wrpn_weights.hpp>
#include <detent/regularizer/bit_gates.hpp>
#include <detent/regularizer/differentiate.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <detent/regularizer/through.hpp>
#include <detent/regularizer/waveq.hpp>
#include <detent/statistic/histogram.hpp>
#include <detent/statistic/magnitude.hpp>
#include <detent/statistic/moments.hpp>
#include <detent/statistic/quantization_error.hpp>
#include <detent/training/bitwidth_search.hpp>
#include <detent/training/positive.hpp>
#include <detent/training/schedule.hpp>
#include <detent/version.hpp>
