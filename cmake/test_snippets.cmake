# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# docs/snippets/*.cpp are compiled and run; where a .out file lies beside one, it is the output.

find_package(Threads REQUIRED)
file(GLOB snippet_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/snippets/*.cpp")
foreach(source IN LISTS snippet_sources)
  cmake_path(GET source STEM name)
  add_executable(snippet_${name} "${source}")
  target_link_libraries(snippet_${name} PRIVATE detent_development detent_openmp Threads::Threads)
  target_include_directories(snippet_${name} PRIVATE "${PROJECT_SOURCE_DIR}/docs")
  if(name STREQUAL "tbb_executor")
    detent_require(TBB libtbb-dev CONFIG)
    target_link_libraries(snippet_${name} PRIVATE TBB::tbb)
  endif()
  cmake_path(REPLACE_EXTENSION source LAST_ONLY out OUTPUT_VARIABLE expected)
  add_test(NAME snippets/${name}
    COMMAND "${CMAKE_COMMAND}" "-DPROGRAM=$<TARGET_FILE:snippet_${name}>" "-DEXPECTED=${expected}"
      "-DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/snippets/${name}"
      -P "${PROJECT_SOURCE_DIR}/cmake/run_snippet.cmake")
  set_tests_properties(snippets/${name} PROPERTIES LABELS snippets)
endforeach()

add_test(NAME snippets/readme
  COMMAND "${CMAKE_COMMAND}" "-DSOURCE=${PROJECT_SOURCE_DIR}" -P "${PROJECT_SOURCE_DIR}/cmake/check_readme.cmake")
set_tests_properties(snippets/readme PROPERTIES LABELS snippets)
