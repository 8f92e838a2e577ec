# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Turns tests/<room>/*_test.cpp into executables and CTest tests.

# A sanitizer's preset: rooms that take longer to compile than to run.
set(DETENT_UNOPTIMIZED_ROOMS "" CACHE STRING "Rooms that a Debug build compiles with -O0")

set(detent_planned_rooms math grid regularizer quantizer statistic algorithm execution training trainer)

# Sets `result` to the folders of tests/ that hold *_test.cpp files.
function(detent_find_rooms result)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/tests"
    "${PROJECT_SOURCE_DIR}/tests/*_test.cpp")
  set(rooms)
  foreach(source IN LISTS sources)
    if(NOT source MATCHES "^[^/]+/[^/]+$")
      message(FATAL_ERROR "tests/${source}: a test file lies in tests/<room>/")
    endif()
    cmake_path(GET source PARENT_PATH room)
    list(APPEND rooms "${room}")
  endforeach()
  list(REMOVE_DUPLICATES rooms)
  set(${result} "${rooms}" PARENT_SCOPE)
endfunction()

# Adds the executable `target` of the rooms ROOMS and one CTest test per file, named
# PREFIX<room>/<file without _test>.
function(detent_add_test_executable target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "UNITY" "PREFIX" "ROOMS;LABELS")
  set(sources)
  foreach(room IN LISTS arg_ROOMS)
    file(GLOB room_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${room}/*_test.cpp")
    list(APPEND sources ${room_sources})
  endforeach()
  add_executable(${target} ${sources})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  if(arg_UNITY)
    # Small files, which spend their time on the library's headers: one translation unit takes half the
    # time of eight. Two files with the same name in their anonymous namespaces do not compile so.
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
  target_link_libraries(${target} PRIVATE detent_test_main detent_development doctest::doctest)

  foreach(source IN LISTS sources)
    cmake_path(GET source STEM stem)
    cmake_path(GET source PARENT_PATH folder)
    cmake_path(GET folder FILENAME room)
    string(REGEX REPLACE "_test$" "" name "${stem}")
    set(test "${arg_PREFIX}${room}/${name}")
    add_test(NAME "${test}"
      COMMAND ${target} --no-intro "--source-file=*/${room}/${stem}.cpp"
      WORKING_DIRECTORY "${PROJECT_BINARY_DIR}")
    # A file without cases would pass in silence.
    set_tests_properties("${test}" PROPERTIES
      LABELS "${room};${arg_LABELS}"
      SKIP_RETURN_CODE 77
      FAIL_REGULAR_EXPRESSION "test cases: +0 ")
    if(room STREQUAL "cuda")
      # An emulated thread has a stack of its own: a fake one for each takes longer than the tests.
      set_tests_properties("${test}" PROPERTIES ENVIRONMENT ASAN_OPTIONS=strict_string_checks=1)
    endif()
  endforeach()
endfunction()

# Adds the executable test_<room>. The library's rooms are compiled with a plain -O2; the rooms that
# run in parallel see OpenMP, the others show that the library does without.
function(detent_add_room room)
  set(unity)
  if(room MATCHES "^(grid|statistic|support)$")
    set(unity UNITY)
  endif()
  detent_add_test_executable(test_${room} ROOMS ${room} ${unity})
  if(room IN_LIST DETENT_UNOPTIMIZED_ROOMS)
    target_compile_options(test_${room} PRIVATE $<$<CONFIG:Debug>:-O0>)
  endif()
  if(room STREQUAL "trainer")
    include("${PROJECT_SOURCE_DIR}/cmake/trainer.cmake")
    target_link_libraries(test_${room} PRIVATE detent_trainer)
    # Tiny runs: compiling them for speed takes longer than they do.
    target_compile_options(test_${room} PRIVATE $<$<CONFIG:Release>:-O1>)
    return()
  endif()
  target_compile_options(test_${room} PRIVATE $<$<CONFIG:Release>:-O2>)
  if(room STREQUAL "algorithm")
    detent_require(Eigen3 libeigen3-dev NO_MODULE)
    target_link_libraries(test_${room} PRIVATE Eigen3::Eigen)
  endif()
  if(room MATCHES "^(algorithm|execution)$")
    find_package(Threads REQUIRED)
    target_link_libraries(test_${room} PRIVATE detent_openmp Threads::Threads)
  endif()
  if(room STREQUAL "training")
    detent_require(nlohmann_json nlohmann-json3-dev)
    target_link_libraries(test_${room} PRIVATE nlohmann_json::nlohmann_json)
  endif()
  if(room STREQUAL "execution" AND CMAKE_BUILD_TYPE STREQUAL "Release")
    # The stored bits once more with another optimizer's choices.
    add_executable(test_bits_O3 "${PROJECT_SOURCE_DIR}/tests/execution/lane_tree_test.cpp")
    target_include_directories(test_bits_O3 PRIVATE "${PROJECT_SOURCE_DIR}/tests")
    target_link_libraries(test_bits_O3 PRIVATE
      detent_test_main detent_development doctest::doctest)
    target_compile_options(test_bits_O3 PRIVATE -O3)
    foreach(isa baseline avx2 avx512)
      add_test(NAME "execution/lane_tree_O3_${isa}" COMMAND test_bits_O3 --no-intro)
      set_tests_properties("execution/lane_tree_O3_${isa}" PROPERTIES
        LABELS execution ENVIRONMENT DETENT_ISA=${isa} FAIL_REGULAR_EXPRESSION "test cases: +0 ")
    endforeach()
  endif()
  if(room STREQUAL "execution")  # tests the adapters of docs/snippets
    target_sources(test_${room} PRIVATE "${PROJECT_SOURCE_DIR}/tests/execution/every_verb.cpp")
    target_include_directories(test_${room} PRIVATE "${PROJECT_SOURCE_DIR}/docs")
    if(NOT CMAKE_CROSSCOMPILING)
      detent_require(TBB libtbb-dev CONFIG)
      target_link_libraries(test_${room} PRIVATE TBB::tbb)
      target_compile_definitions(test_${room} PRIVATE DETENT_TEST_TBB)
    endif()
  endif()
endfunction()
