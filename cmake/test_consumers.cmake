# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Projects that use the library in each of the ways that the README names, built from scratch.

set(consumer_prefix "${CMAKE_CURRENT_BINARY_DIR}/consumers/prefix")
set(consumers fetchcontent add_subdirectory plain_include)
if(DETENT_INSTALL)
  list(APPEND consumers find_package)
  add_test(NAME consumers/remove_installed
    COMMAND "${CMAKE_COMMAND}" -E rm -rf "${consumer_prefix}")
  add_test(NAME consumers/install
    COMMAND "${CMAKE_COMMAND}" --install "${PROJECT_BINARY_DIR}" --prefix "${consumer_prefix}")
  set_tests_properties(consumers/remove_installed PROPERTIES
    FIXTURES_SETUP detent_empty_prefix LABELS consumers)
  set_tests_properties(consumers/install PROPERTIES
    FIXTURES_REQUIRED detent_empty_prefix FIXTURES_SETUP detent_installed LABELS consumers)
endif()

foreach(consumer IN LISTS consumers)
  add_test(NAME consumers/${consumer}
    COMMAND "${CMAKE_COMMAND}"
      "-DCONSUMER=${consumer}"
      "-DROOT=${PROJECT_SOURCE_DIR}"
      "-DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/consumers/${consumer}"
      "-DPREFIX=${consumer_prefix}"
      "-DVERSION=${PROJECT_VERSION}"
      "-DCOMPILER=${CMAKE_CXX_COMPILER}"
      "-DGENERATOR=${CMAKE_GENERATOR}"
      "-DMAKE_PROGRAM=${CMAKE_MAKE_PROGRAM}"
      -P "${PROJECT_SOURCE_DIR}/cmake/run_consumer.cmake")
  set_tests_properties(consumers/${consumer} PROPERTIES LABELS consumers)
endforeach()
if(DETENT_INSTALL)
  set_tests_properties(consumers/find_package PROPERTIES FIXTURES_REQUIRED detent_installed)
endif()
