# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Enables the language CUDA for this repository's own tests, benchmarks and examples (DETENT_CUDA):
#
#   if(DETENT_CUDA)
#     add_executable(x x.cu)
#     target_link_libraries(x PRIVATE detent_cuda_development)   # detent::cuda, and warnings
#   endif()

include_guard(GLOBAL)

# Before the language is enabled, which cannot ask for the device of a machine without one.
set(CMAKE_CUDA_ARCHITECTURES 90 CACHE STRING "Architectures to compile device code for")
if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
  find_program(CMAKE_CUDA_COMPILER nvcc PATHS /usr/local/cuda/bin)
endif()
if(NOT CMAKE_CUDA_HOST_COMPILER AND NOT DEFINED ENV{CUDAHOSTCXX})
  set(CMAKE_CUDA_HOST_COMPILER "${CMAKE_CXX_COMPILER}")
endif()
enable_language(CUDA)
find_package(CUDAToolkit REQUIRED)

# What this repository's own .cu files are compiled with.
add_library(detent_cuda_development INTERFACE)
target_link_libraries(detent_cuda_development INTERFACE detent::cuda)
if(DETENT_WARNINGS_AS_ERRORS AND CMAKE_CUDA_COMPILER_ID STREQUAL "NVIDIA")
  target_compile_options(detent_cuda_development INTERFACE
    "$<$<COMPILE_LANGUAGE:CUDA>:SHELL:-Werror all-warnings>")
endif()
