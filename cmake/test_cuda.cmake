# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The device half beyond the emulated tests of tests/cuda: those would notice a bug in the kernels; Thrust's
# containers are the verbs' as well; and nvcc, where there is one, compiles every kernel for every architecture to
# code without a fault.

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
  COMMAND "${DETENT_PYTHON}" -B "${PROJECT_SOURCE_DIR}/tests/mutation/mutate.py" --compiler "${CMAKE_CXX_COMPILER}"
    cuda/block_tree.cuh cuda/pass.cuh)
add_test(NAME cuda/kernels
  COMMAND "${DETENT_PYTHON}" "${PROJECT_SOURCE_DIR}/tests/cuda/check_kernels.py" "${DETENT_NVCC}"
    "${CMAKE_CURRENT_BINARY_DIR}/cuda_kernels")
# The longest of all: CTest starts them first.
set_tests_properties(cuda/seeded_bugs cuda/kernels PROPERTIES
  LABELS cuda SKIP_RETURN_CODE 77 COST 1000)

# Thrust's devices are OpenMP's threads here, and the emulator stands in for CUDA.
cmake_path(GET DETENT_NVCC PARENT_PATH nvcc_folder)
find_path(DETENT_CCCL thrust/device_vector.h NO_DEFAULT_PATH
  PATHS "${nvcc_folder}/../include/cccl" /usr/local/cuda/include/cccl)
if(DETENT_CCCL AND OpenMP_CXX_FOUND)
  add_executable(test_thrust "${PROJECT_SOURCE_DIR}/tests/cuda/thrust_containers.cpp")
  target_include_directories(test_thrust PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_include_directories(test_thrust SYSTEM PRIVATE "${DETENT_CCCL}")
  target_link_libraries(test_thrust PRIVATE
    detent_test_main detent_development detent_openmp doctest::doctest)
  target_compile_options(test_thrust PRIVATE -O1)
  add_test(NAME cuda/thrust COMMAND test_thrust --no-intro)
  set_tests_properties(cuda/thrust PROPERTIES
    LABELS cuda FAIL_REGULAR_EXPRESSION "test cases: +0 ")
else()
  add_test(NAME cuda/thrust COMMAND "${CMAKE_COMMAND}" -E echo "skipped: no CCCL, or no OpenMP")
  set_tests_properties(cuda/thrust PROPERTIES LABELS cuda SKIP_REGULAR_EXPRESSION "^skipped")
endif()
