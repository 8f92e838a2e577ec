# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The tests that run on a device: tests/cuda, compiled by nvcc where DETENT_CUDA is on.

if(DETENT_CUDA)
  # A folder of its own, in which the same files are of another language.
  add_subdirectory("${PROJECT_SOURCE_DIR}/tests/cuda" device)
elseif("device" IN_LIST DETENT_TEST_ROOMS)
  message(FATAL_ERROR "DETENT_TEST_ROOMS: 'device' needs DETENT_CUDA")
endif()
