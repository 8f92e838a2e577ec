# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The device half beyond the emulated tests of tests/cuda: that those would notice a bug in the kernels.

if(CMAKE_CROSSCOMPILING OR NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  return()
endif()

find_program(DETENT_PYTHON python3)
if(NOT DETENT_PYTHON)
  message(STATUS "detent: python3 not found, no bugs are seeded into the device kernels")
  return()
endif()
add_test(NAME cuda/seeded_bugs
  COMMAND "${DETENT_PYTHON}" "${PROJECT_SOURCE_DIR}/tests/cuda/seeded_bugs.py" "${CMAKE_CXX_COMPILER}"
    "${CMAKE_CURRENT_BINARY_DIR}/seeded_bugs")
set_tests_properties(cuda/seeded_bugs PROPERTIES LABELS cuda)
