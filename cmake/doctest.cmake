# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Provides doctest::doctest and detent_test_main, the compiled main function.

find_package(doctest 2.4.9 QUIET CONFIG)
if(NOT doctest_FOUND)
  message(STATUS "detent: doctest not found, downloading it (Debian: apt-get install doctest-dev)")
  include(FetchContent)
  set(DOCTEST_WITH_TESTS OFF)
  set(DOCTEST_NO_INSTALL ON)
  FetchContent_Declare(doctest
    URL https://github.com/doctest/doctest/archive/refs/tags/v2.4.11.tar.gz
    URL_HASH SHA256=632ed2c05a7f53fa961381497bf8069093f0d6628c5f26286161fbd32a560186)
  FetchContent_MakeAvailable(doctest)
endif()

add_library(detent_test_main OBJECT "${PROJECT_SOURCE_DIR}/tests/main.cpp")
target_compile_features(detent_test_main PRIVATE cxx_std_20)
target_link_libraries(detent_test_main PUBLIC doctest::doctest)
target_compile_options(detent_test_main PRIVATE $<$<CONFIG:Release>:-O1>)
