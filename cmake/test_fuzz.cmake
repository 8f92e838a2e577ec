# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# tests/fuzz/<name>_fuzz.cpp with libFuzzer, which comes with clang; tests/fuzz/<name>_corpus holds seeds.

set(DETENT_FUZZ_SECONDS 20 CACHE STRING "How long each fuzz target runs in the test suite")

file(GLOB fuzz_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/*_fuzz.cpp")
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(fuzz_sources)
endif()
if(fuzz_sources)
  include("${PROJECT_SOURCE_DIR}/cmake/trainer.cmake")
  # What reads files, once more: libFuzzer is led by what it does. And the networks made of them, whose
  # arithmetic would take longer to compile than the targets run.
  set(fuzzed_sources ${detent_trainer_sources})
  list(FILTER fuzzed_sources INCLUDE REGEX "/(data|export)/|/printable\\.cpp$")
  add_library(detent_fuzzed STATIC ${fuzzed_sources})
  target_compile_options(detent_fuzzed PRIVATE -O1 -fsanitize=undefined,fuzzer-no-link)
  set(network_sources ${detent_trainer_sources})
  list(FILTER network_sources INCLUDE REGEX "/nn/|/checkpoint/archive\\.cpp$")
  add_library(detent_fuzzed_networks STATIC ${network_sources})
  target_compile_options(detent_fuzzed_networks PRIVATE -O0)
  foreach(library detent_fuzzed detent_fuzzed_networks)
    target_link_libraries(${library} PRIVATE detent_development PUBLIC detent_trainer_headers)
    target_compile_options(${library} PUBLIC -g1 -UNDEBUG -fsanitize=address -fno-sanitize-recover=all)
  endforeach()
  target_link_libraries(detent_fuzzed PUBLIC detent_fuzzed_networks)
endif()
foreach(source IN LISTS fuzz_sources)
  cmake_path(GET source STEM target)
  string(REGEX REPLACE "_fuzz$" "" name "${target}")
  add_executable(${target} "${source}")
  target_link_libraries(${target} PRIVATE detent_development detent_fuzzed)
  target_compile_options(${target} PRIVATE -O1 -fsanitize=undefined,fuzzer)
  target_link_options(${target} PRIVATE -fsanitize=fuzzer,address,undefined)

  # What a run discovers stays in the build folder and is where the next run starts.
  set(found "${CMAKE_CURRENT_BINARY_DIR}/fuzz/${name}")
  file(MAKE_DIRECTORY "${found}")
  set(folders "${found}")
  if(IS_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/${name}_corpus")
    list(APPEND folders "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/${name}_corpus")
  endif()
  add_test(NAME fuzz/${name}
    COMMAND ${target} -max_total_time=${DETENT_FUZZ_SECONDS} -timeout=10 -rss_limit_mb=2048
      -print_final_stats=1 "-artifact_prefix=${CMAKE_CURRENT_BINARY_DIR}/fuzz/" ${folders}
    WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/fuzz")
  set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz TIMEOUT 300)
endforeach()
