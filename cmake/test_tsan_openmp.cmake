# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Races between OpenMP's threads. g++'s thread sanitizer does not see the barriers of its OpenMP;
# clang's does, told by Archer, which comes with libomp. So these few tests are compiled by clang++
# whatever compiler the project has. Only where DETENT_TEST_ROOMS names tsan_openmp.

if(NOT "tsan_openmp" IN_LIST DETENT_TEST_ROOMS)
  return()
endif()

find_program(DETENT_CLANG clang++)
file(REAL_PATH "${DETENT_CLANG}" clang)
cmake_path(GET clang PARENT_PATH clang_folder)
find_library(DETENT_ARCHER archer HINTS "${clang_folder}/../lib")
if(NOT DETENT_CLANG OR NOT DETENT_ARCHER)
  message(FATAL_ERROR "detent: tsan_openmp needs clang++ and Archer; install them with\n"
    "  sudo apt-get install clang libclang-rt-dev libomp-dev")
endif()
cmake_path(GET DETENT_ARCHER PARENT_PATH archer_folder)
include("${PROJECT_SOURCE_DIR}/cmake/trainer.cmake")
get_target_property(eigen_include Eigen3::Eigen INTERFACE_INCLUDE_DIRECTORIES)
list(TRANSFORM eigen_include PREPEND "-isystem")
set(race_flags -std=c++20 -O1 -g1 -fsanitize=thread -fopenmp)

# Sets `result` to the object file of `source`.
function(detent_add_race_object result source)
  cmake_path(RELATIVE_PATH source BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE name)
  set(object "${CMAKE_CURRENT_BINARY_DIR}/race/${name}.o")
  cmake_path(GET object PARENT_PATH folder)
  file(MAKE_DIRECTORY "${folder}")
  add_custom_command(OUTPUT "${object}"
    COMMAND "${DETENT_CLANG}" ${race_flags} -MD -MF "${object}.d"
      "-I${PROJECT_SOURCE_DIR}/include" "-I${PROJECT_SOURCE_DIR}/examples"
      "-I${CMAKE_CURRENT_SOURCE_DIR}" ${eigen_include} -c "${source}" -o "${object}"
    DEPENDS "${source}" DEPFILE "${object}.d"
    COMMENT "Building ${name} with clang++" VERBATIM)
  set(${result} "${object}" PARENT_SCOPE)
endfunction()

# Adds the executable race_<name> of the sources ARGN.
function(detent_add_race_executable name)
  set(objects)
  foreach(source IN LISTS ARGN)
    detent_add_race_object(object "${source}")
    list(APPEND objects "${object}")
  endforeach()
  set(program "${CMAKE_CURRENT_BINARY_DIR}/race_${name}")
  add_custom_command(OUTPUT "${program}"
    COMMAND "${DETENT_CLANG}" ${race_flags} ${objects} -o "${program}"
      "-Wl,-rpath,${archer_folder}" -lz
    DEPENDS ${objects} COMMENT "Linking race_${name}" VERBATIM)
  add_custom_target(build_race_${name} ALL DEPENDS "${program}")
endfunction()

# Adds the test tsan_openmp/<name>: `program` with the arguments ARGN.
function(detent_add_race_test name program)
  add_test(NAME tsan_openmp/${name} COMMAND "${CMAKE_CURRENT_BINARY_DIR}/race_${program}" ${ARGN})
  set_tests_properties(tsan_openmp/${name} PROPERTIES
    LABELS tsan_openmp FAIL_REGULAR_EXPRESSION "test cases: +0 "
    ENVIRONMENT "OMP_TOOL_LIBRARIES=${DETENT_ARCHER};OMP_NUM_THREADS=2;OMP_WAIT_POLICY=passive;\
TSAN_OPTIONS=halt_on_error=1:ignore_noninstrumented_modules=1")
endfunction()

# One executable for all tests: what they have in common is compiled and linked once.
set(race_tests main.cpp execution/every_verb.cpp execution/policy_test.cpp
  trainer/nn_model_test.cpp trainer/training_test.cpp)
get_target_property(trainer_sources detent_trainer SOURCES)
# Neither the command line nor pages and tables are part of a run.
list(FILTER trainer_sources EXCLUDE REGEX
  "/(options|report/(html.*|json|svg|summary|robustness|.*_chart|ridgeline|penalty_surface))\\.cpp$")
detent_add_race_executable(seeded "${CMAKE_CURRENT_SOURCE_DIR}/tsan_openmp/seeded_race.cpp")
list(TRANSFORM race_tests PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
detent_add_race_executable(tests ${race_tests} ${trainer_sources})

# That races are found at all, and that work without one passes.
detent_add_race_test(seeded seeded with_race)
set_tests_properties(tsan_openmp/seeded PROPERTIES
  FAIL_REGULAR_EXPRESSION "" PASS_REGULAR_EXPRESSION "ThreadSanitizer: data race.*seeded_race")
detent_add_race_test(without seeded)
detent_add_race_test(verbs tests --no-intro "--source-file=*policy_test.cpp" "--test-case=*OpenMP*")
detent_add_race_test(model_step tests --no-intro "--source-file=*nn_model_test.cpp"
  "--test-case=*the same bits for*")
detent_add_race_test(whole_run tests --no-intro "--source-file=*training_test.cpp"
  "--test-case=*number of threads*")
