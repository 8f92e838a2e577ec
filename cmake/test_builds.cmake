# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# How other projects get the library: requests of find_package, exported targets, two dependencies that
# both bring it, old and new CMake, and a plain configure without packages. See tests/consumers.

# Adds the test builds/<name>: CASE of run_build.cmake, with the CMake given as ARGN.
function(detent_add_build_test name case)
  add_test(NAME builds/${name}
    COMMAND "${CMAKE_COMMAND}" "-DCASE=${case}" "-DOTHER=${ARGN}"
      "-DROOT=${PROJECT_SOURCE_DIR}"
      "-DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/builds/${name}"
      "-DVERSION=${PROJECT_VERSION}"
      "-DCOMPILER=${CMAKE_CXX_COMPILER}"
      "-DGENERATOR=${CMAKE_GENERATOR}"
      "-DMAKE_PROGRAM=${CMAKE_MAKE_PROGRAM}"
      -P "${PROJECT_SOURCE_DIR}/cmake/run_build.cmake")
  set_tests_properties(builds/${name} PROPERTIES LABELS builds)
endfunction()

foreach(case requests exported twice_add_add twice_add_find twice_find_add twice_find_find
             twice_fetch_fetch twice_fetch_find twice_find_fetch old_parent plain)
  detent_add_build_test(${case} ${case})
endforeach()

# scripts/test installs these from wheels (ensure_wheels); without them the tests say that they are skipped.
foreach(version 3.20.5 3.22.6 4.1.2)
  file(GLOB other "${PROJECT_SOURCE_DIR}/build/venv/cmake-${version}/lib/python*/site-packages/cmake/data/bin/cmake")
  if(other)
    detent_add_build_test(cmake_${version} other_cmake "${other}")
  else()
    add_test(NAME builds/cmake_${version}
      COMMAND "${CMAKE_COMMAND}" -E echo "skipped: no build/venv/cmake-${version}, see scripts/packages.sh")
    set_tests_properties(builds/cmake_${version} PROPERTIES
      LABELS builds SKIP_REGULAR_EXPRESSION "^skipped")
  endif()
endforeach()
