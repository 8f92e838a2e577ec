# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Decides whether tests, benchmarks and examples are built. A plain configure must work on a machine
# without their packages and without a network, so AUTO leaves out the parts that lack a package.

# Sets the variable `part` to ON or OFF. Each of ARGN is a package of find_package or a header.
macro(detent_decide part name)
  if(detent_is_top_level)
    set(${part} AUTO CACHE STRING "Build the ${name}: ON, OFF, or AUTO: if all packages are found")
  else()
    set(${part} OFF CACHE STRING "Build the ${name}: ON or OFF")
  endif()
  if("${${part}}" STREQUAL "AUTO")
    set(${part} ON)
    set(detent_missing)
    if(CMAKE_VERSION VERSION_LESS 3.25)
      list(APPEND detent_missing "CMake 3.25")
    else()
      foreach(package IN ITEMS ${ARGN})
        detent_find(detent_found "${package}")
        if(NOT detent_found)
          list(APPEND detent_missing "${package}")
        endif()
      endforeach()
    endif()
    if(detent_missing)
      set(${part} OFF)
      list(JOIN detent_missing ", " detent_missing)
      message(STATUS "detent: no ${name}, for want of ${detent_missing}")
    endif()
  endif()
endmacro()

# Sets `result` to whether `package`, or where it has a dot or slash the header, is found.
function(detent_find result package)
  if(package MATCHES "[./]")
    string(MAKE_C_IDENTIFIER "DETENT_${package}" found)
    find_path(${found} "${package}")
    mark_as_advanced(${found})
  else()
    find_package(${package} QUIET)
    set(found ${package}_FOUND)
  endif()
  if(${found})
    set(${result} TRUE PARENT_SCOPE)
  else()
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

detent_decide(DETENT_BUILD_TESTS tests
  doctest Eigen3 nlohmann_json TBB armadillo xtensor/xtensor.hpp boost/multi_array.hpp dlib/matrix.h)
detent_decide(DETENT_BUILD_BENCHMARKS benchmarks benchmark Eigen3)
detent_decide(DETENT_BUILD_EXAMPLES examples Eigen3 CLI11 nlohmann_json ZLIB)
