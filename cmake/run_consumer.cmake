# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Script: configures, builds and runs tests/consumers/CONSUMER in the empty folder FOLDER.

set(ENV{CXXFLAGS})
set(ENV{CMAKE_BUILD_TYPE})
file(REMOVE_RECURSE "${FOLDER}")
file(MAKE_DIRECTORY "${FOLDER}")
set(source "${ROOT}/tests/consumers")

set(cuda_options)
if(CONSUMER STREQUAL "cuda")
  set(cuda_options
    "-DCMAKE_CUDA_COMPILER=${CUDA_COMPILER}"
    "-DCMAKE_CUDA_HOST_COMPILER=${COMPILER}"
    "-DCMAKE_CUDA_ARCHITECTURES=${CUDA_ARCHITECTURES}")
endif()
if(CONSUMER STREQUAL "plain_include")
  execute_process(
    COMMAND "${COMPILER}" -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
      "-I${ROOT}/include" "${source}/main.cpp" -o "${FOLDER}/consumer"
    COMMAND_ERROR_IS_FATAL ANY)
else()
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${source}/${CONSUMER}" -B "${FOLDER}"
      "-DCMAKE_MAKE_PROGRAM=${MAKE_PROGRAM}"
      "-DCMAKE_CXX_COMPILER=${COMPILER}"
      ${cuda_options}
      "-DCMAKE_PREFIX_PATH=${PREFIX}"
      "-DCONSUMED_SOURCE=${ROOT}"
      "-DEXPECTED_VERSION=${VERSION}"
      -DFETCHCONTENT_FULLY_DISCONNECTED=ON
      "-DFETCHCONTENT_SOURCE_DIR_DETENT=${ROOT}"
    COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${FOLDER}" COMMAND_ERROR_IS_FATAL ANY)
endif()
execute_process(COMMAND "${FOLDER}/consumer" RESULT_VARIABLE result)
# It builds; whether a device is there is no matter of this test.
if(CONSUMER STREQUAL "cuda" AND result STREQUAL "77")
  set(result 0)
endif()
if(NOT result STREQUAL "0")
  message(FATAL_ERROR "${FOLDER}/consumer: ${result}")
endif()
