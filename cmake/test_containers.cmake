# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# tests/containers/*.cpp: the containers of other libraries, read and written element by element or refused. All of
# these libraries are headers; nothing of them is linked.

if(CMAKE_CROSSCOMPILING)
  return()
endif()

detent_require(Eigen3 libeigen3-dev NO_MODULE)
foreach(header_and_package armadillo:libarmadillo-dev xtensor/xtensor.hpp:libxtensor-dev
                           boost/multi_array.hpp:libboost-dev dlib/matrix.h:libdlib-dev)
  string(REGEX MATCH "^([^:]*):(.*)$" matched "${header_and_package}")
  set(header "${CMAKE_MATCH_1}")
  set(package "${CMAKE_MATCH_2}")
  string(MAKE_C_IDENTIFIER "DETENT_${header}" found)
  find_path(${found} "${header}")
  mark_as_advanced(${found})
  if(NOT ${found})
    message(FATAL_ERROR "detent: <${header}> not found; install it with\n  sudo apt-get install ${package}")
  endif()
endforeach()

file(GLOB container_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/containers/*.cpp")
add_executable(test_containers ${container_sources})
target_include_directories(test_containers PRIVATE "${PROJECT_SOURCE_DIR}/tests")
target_link_libraries(test_containers PRIVATE
  detent_test_main detent_development doctest::doctest Eigen3::Eigen)
# The libraries' headers lie where the compiler looks by itself, and take long to optimize.
target_compile_definitions(test_containers PRIVATE
  ARMA_DONT_USE_WRAPPER ARMA_DONT_USE_BLAS ARMA_DONT_USE_LAPACK)
target_compile_options(test_containers PRIVATE -O1)
foreach(source IN LISTS container_sources)
  cmake_path(GET source STEM name)
  add_test(NAME containers/${name}
    COMMAND test_containers --no-intro "--source-file=*/containers/${name}.cpp")
  set_tests_properties(containers/${name} PROPERTIES
    LABELS containers FAIL_REGULAR_EXPRESSION "test cases: +0 ")
endforeach()
