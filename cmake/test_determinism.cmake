# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The same bits from every public function: tests/determinism, compiled with several sets of flags and run
# with several numbers of threads and instruction sets, prints the hashes of tests/determinism/expected.txt.
# Each compiler, and aarch64, has its own preset.
# After a change that is meant to change results, expected.txt is replaced by the file that the failing test names.

set(determinism_folder "${CMAKE_CURRENT_SOURCE_DIR}/determinism")
file(GLOB determinism_sources CONFIGURE_DEPENDS "${determinism_folder}/*.cpp")
find_package(OpenMP QUIET COMPONENTS CXX)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# Adds the program determinism_<name>, compiled with the flags ARGN.
function(detent_add_determinism name)
  set(target determinism_${name})
  add_executable(${target} ${determinism_sources})
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE detent::detent Threads::Threads)
  if(OpenMP_CXX_FOUND)
    target_link_libraries(${target} PRIVATE OpenMP::OpenMP_CXX)
  endif()
  target_compile_options(${target} PRIVATE -Wall -Wextra ${ARGN})
endfunction()

# Names that may have other bits: with Clang's -ffp-contract=fast, products of dual numbers are fused
# with the additions of a user's lambda. Neither Clang nor GCC does so by default.
set(determinism_free)

# Adds the test determinism/<name>/<run>: the program of <name> on `isa`, with the arguments ARGN.
function(detent_add_determinism_run name run isa)
  add_test(NAME determinism/${name}/${run}
    COMMAND "${CMAKE_COMMAND}" "-DPROGRAM=$<TARGET_FILE:determinism_${name}>" "-DARGUMENTS=${ARGN}"
      "-DFREE=${determinism_free}"
      "-DEMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR}" "-DEXPECTED=${determinism_folder}/expected.txt"
      "-DPRINTED=${CMAKE_CURRENT_BINARY_DIR}/determinism_${name}_${run}.txt"
      -P "${determinism_folder}/compare.cmake")
  set_tests_properties(determinism/${name}/${run} PROPERTIES LABELS determinism
    ENVIRONMENT "DETENT_ISA=${isa}" SKIP_REGULAR_EXPRESSION "processor lacks")
endfunction()

# One instance of each loop, for the instruction set of the flags: a third of the time to compile.
set(one_instance -DDETENT_ISA_DISPATCH=0)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # Every public function is instantiated here, with the warnings that a user may have switched on.
  detent_add_determinism(plain -O2)
  target_compile_options(determinism_plain PRIVATE ${detent_header_warnings} -Werror)
  detent_add_determinism_run(plain baseline baseline seq)
  detent_add_determinism_run(plain avx2 avx2 openmp 2)
  detent_add_determinism_run(plain avx512 avx512 pool 3)
  detent_add_determinism(haswell -O2 -march=haswell -ffp-contract=fast ${one_instance})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    set(determinism_free dual exp tanh sinpi_squared/dual differentiate differentiated
      accumulate/differentiated)
  endif()
  detent_add_determinism_run(haswell pool baseline pool 2)
  set(determinism_free)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    detent_add_determinism(unoptimized -O0 ${one_instance})
    detent_add_determinism_run(unoptimized seq baseline seq)
    detent_add_determinism(avx512 -O3 -march=x86-64-v4 ${one_instance})
    detent_add_determinism_run(avx512 openmp baseline openmp 3)
  endif()
else()
  detent_add_determinism(plain -O2 -ffp-contract=fast)
  detent_add_determinism_run(plain pool baseline pool 2)
endif()

find_program(DETENT_PYTHON python3)
if(DETENT_PYTHON)
  add_test(NAME determinism/names COMMAND "${DETENT_PYTHON}" "${determinism_folder}/check_names.py"
    "${PROJECT_SOURCE_DIR}/include/detent" "${determinism_folder}")
  add_test(NAME determinism/names_are_found
    COMMAND "${DETENT_PYTHON}" "${determinism_folder}/check_names.py" --self-test)
  set_tests_properties(determinism/names determinism/names_are_found PROPERTIES LABELS determinism)
else()
  message(STATUS "detent: python3 not found, the names that are hashed are not checked")
endif()
