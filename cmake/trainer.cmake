# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# detent_trainer: include path, libraries and flags of everything that includes the trainer's headers.

include_guard(GLOBAL)

option(DETENT_NATIVE "Compile the trainer for this machine's processor" ON)

detent_require(Eigen3 libeigen3-dev NO_MODULE)
detent_require(CLI11 libcli11-dev)
detent_require(nlohmann_json nlohmann-json3-dev)
detent_require(ZLIB zlib1g-dev)

add_library(detent_trainer_headers INTERFACE)
target_include_directories(detent_trainer_headers INTERFACE "${PROJECT_SOURCE_DIR}/examples")
target_link_libraries(detent_trainer_headers INTERFACE
  detent::detent detent_openmp Eigen3::Eigen CLI11::CLI11 nlohmann_json::nlohmann_json ZLIB::ZLIB)
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  # Eigen's types depend on -march: every file of an executable must be compiled alike.
  target_compile_options(detent_trainer_headers INTERFACE
    $<$<BOOL:${DETENT_NATIVE}>:-march=native>)
endif()
if(DETENT_NATIVE)
  # Compiled for this machine already: choosing at run time would only cost compile time.
  target_compile_definitions(detent_trainer_headers INTERFACE DETENT_ISA_DISPATCH=0)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 warns about its own AVX-512 intrinsics (GCC bug 105593).
  target_compile_options(detent_trainer_headers INTERFACE -Wno-maybe-uninitialized)
endif()

# Everything but the programs' own files. Eigen stays inside: no header of the trainer includes it.
file(GLOB_RECURSE detent_trainer_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/examples/trainer/*.cpp")
list(FILTER detent_trainer_sources EXCLUDE REGEX "/trainer/(train|compare|inspect)\\.cpp$")
add_library(detent_trainer STATIC EXCLUDE_FROM_ALL ${detent_trainer_sources})
target_link_libraries(detent_trainer PRIVATE detent_development PUBLIC detent_trainer_headers)

# What is no loop over numbers is not worth the time that -O3 takes.
set(detent_trainer_plain_sources ${detent_trainer_sources})
list(FILTER detent_trainer_plain_sources INCLUDE REGEX "/(checkpoint|export|report)/|/(options|paths|printable|settings)\\.cpp$")
set_source_files_properties(${detent_trainer_plain_sources} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-O1>)
