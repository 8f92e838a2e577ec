# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# What only this repository's own executables use: warnings, output folder, optional OpenMP.

include_guard(GLOBAL)

option(DETENT_WARNINGS_AS_ERRORS
  "Fail on a warning of a compiler that the project is tested with" ${detent_is_top_level})
option(DETENT_OPENMP "Use OpenMP in tests, benchmarks and examples where it is found" ON)

if(detent_is_top_level)
  set(CMAKE_CXX_EXTENSIONS OFF)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  get_property(detent_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT detent_multi_config AND NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()
endif()

set(detent_warnings -Wall -Wextra -Wpedantic -Wconversion -Wshadow)

# What the library's headers pass, which users include with the warnings of their own code.
set(detent_header_warnings ${detent_warnings}
  -Wsign-conversion -Wold-style-cast -Wdouble-promotion -Wcast-qual -Wcast-align -Wnon-virtual-dtor
  -Woverloaded-virtual -Wundef -Wimplicit-fallthrough -Wredundant-decls -Wextra-semi)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND detent_header_warnings
    -Wuseless-cast -Wduplicated-cond -Wduplicated-branches -Wlogical-op
    -Wzero-as-null-pointer-constant -Wsuggest-override)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^(14|19)\\.")
  # Less what says that the code is C++20, laid out without padding in mind, and made of headers
  # alone (vtables, the destructor of a thread's buffer), that numbers are compared exactly where that
  # is meant, and that memory is reached by pointers, as in every loop here.
  list(APPEND detent_header_warnings -Weverything -Wno-unknown-warning-option
    -Wno-c++98-compat -Wno-c++98-compat-pedantic -Wno-c++20-compat -Wno-padded -Wno-weak-vtables
    -Wno-exit-time-destructors -Wno-float-equal -Wno-unsafe-buffer-usage)
endif()

add_library(detent_development INTERFACE)
target_link_libraries(detent_development INTERFACE detent::detent)
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(detent_development INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:${detent_warnings}>")
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 warns about its own std::string (GCC bug 105651).
  target_compile_options(detent_development INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()

# A newer compiler's new warning must not break a user's build; these are the ones that are tested.
set(detent_tested_compiler FALSE)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^12\\.")
  set(detent_tested_compiler TRUE)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^(14|19)\\.")
  set(detent_tested_compiler TRUE)
endif()
if(DETENT_WARNINGS_AS_ERRORS AND detent_tested_compiler)
  target_compile_options(detent_development INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # These depend on what the optimizer inlines and err on vectorized code: shown, not fatal.
    foreach(warning array-bounds dangling-pointer free-nonheap-object maybe-uninitialized nonnull
                    restrict stringop-overflow stringop-overread use-after-free)
      target_compile_options(detent_development INTERFACE
        $<$<COMPILE_LANGUAGE:CXX>:-Wno-error=${warning}>)
    endforeach()
  endif()
endif()

# Links OpenMP when it is wanted and found; without it detent::openmp does not exist.
add_library(detent_openmp INTERFACE)
if(DETENT_OPENMP)
  find_package(OpenMP QUIET COMPONENTS CXX)
  if(OpenMP_CXX_FOUND)
    target_link_libraries(detent_openmp INTERFACE OpenMP::OpenMP_CXX)
  else()
    message(STATUS "detent: OpenMP not found, building without it")
  endif()
endif()

# Finds a package that development needs, or says how to get it.
macro(detent_require package debian_package)
  find_package(${package} QUIET ${ARGN})
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR
      "detent: ${package} not found; install it with\n"
      "  sudo apt-get install ${debian_package}\n"
      "or turn off DETENT_BUILD_TESTS, DETENT_BUILD_BENCHMARKS or DETENT_BUILD_EXAMPLES.")
  endif()
endmacro()
