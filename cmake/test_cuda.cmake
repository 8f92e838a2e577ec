# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The device half beyond the emulated tests of tests/cuda: those would notice a bug in the kernels, and nvcc, where
# there is one, compiles every kernel for every architecture to code without a fault.

if(CMAKE_CROSSCOMPILING OR NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  return()
endif()

find_program(DETENT_PYTHON python3)
if(NOT DETENT_PYTHON)
  message(STATUS "detent: python3 not found, the device kernels are not checked")
  return()
endif()
find_program(DETENT_NVCC nvcc PATHS /usr/local/cuda/bin)
if(NOT DETENT_NVCC)
  message(STATUS "detent: nvcc not found, the device kernels are emulated, but not compiled")
endif()

add_test(NAME cuda/seeded_bugs
  COMMAND "${DETENT_PYTHON}" "${PROJECT_SOURCE_DIR}/tests/cuda/seeded_bugs.py" "${CMAKE_CXX_COMPILER}"
    "${CMAKE_CURRENT_BINARY_DIR}/cuda_seeded_bugs")
add_test(NAME cuda/kernels
  COMMAND "${DETENT_PYTHON}" "${PROJECT_SOURCE_DIR}/tests/cuda/check_kernels.py" "${DETENT_NVCC}"
    "${CMAKE_CURRENT_BINARY_DIR}/cuda_kernels")
# The longest of all: CTest starts them first.
set_tests_properties(cuda/seeded_bugs cuda/kernels PROPERTIES
  LABELS cuda SKIP_RETURN_CODE 77 COST 1000)
