# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Runs compiled test files a second time on an emulated Nehalem, an x86-64 processor without AVX, AVX2 and FMA:
# an instruction that it lacks ends the test. The files chosen reach every loop in about a minute;
# suite `flags` links objects of different flags and emulates the same processor.

if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  return()
endif()
find_program(DETENT_QEMU_X86_64 qemu-x86_64)
if(NOT DETENT_QEMU_X86_64)
  message(FATAL_ERROR "detent: qemu-x86_64 not found; install it with\n  sudo apt-get install qemu-user")
endif()

foreach(file grid/uniform grid/convention statistic/moments statistic/norms statistic/histogram
             algorithm/backward algorithm/channels algorithm/packed_codes algorithm/quantize
             algorithm/reduce algorithm/snap algorithm/view execution/observe)
  cmake_path(GET file PARENT_PATH folder)
  if(NOT TARGET test_${folder})
    continue()
  endif()
  add_test(NAME "nehalem/${file}"
    COMMAND "${DETENT_QEMU_X86_64}" -cpu Nehalem "$<TARGET_FILE:test_${folder}>" --no-intro
      "--source-file=*/${file}_test.cpp"
    WORKING_DIRECTORY "${PROJECT_BINARY_DIR}")
  set_tests_properties("nehalem/${file}" PROPERTIES
    LABELS nehalem SKIP_RETURN_CODE 77 FAIL_REGULAR_EXPRESSION "test cases: +0 ")
endforeach()
