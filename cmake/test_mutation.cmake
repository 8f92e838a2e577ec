# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The tests must notice faults of the headers (tests/mutation/mutate.py): every fault of the table can still be put
# in, and a few of them are, one of which changes nothing. The whole round is a command in the head of the script.

if(CMAKE_CROSSCOMPILING OR NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  return()
endif()

find_program(DETENT_PYTHON python3)
if(NOT DETENT_PYTHON)
  message(STATUS "detent: python3 not found, no faults are put into the headers")
  return()
endif()

set(mutate "${DETENT_PYTHON}" -B "${PROJECT_SOURCE_DIR}/tests/mutation/mutate.py")
add_test(NAME mutation/table COMMAND ${mutate} --check)
add_test(NAME mutation/sample
  COMMAND ${mutate} --compiler "${CMAKE_CXX_COMPILER}"
    "philox.hpp: nine rounds" "schedule.hpp: the third phase" "bits.hpp: 0 bits" "pact.hpp: the limit itself"
    "quantizer.hpp: a quantizer without code" "numbers.hpp: slower growth")
set_tests_properties(mutation/table mutation/sample PROPERTIES LABELS mutation)
