# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# tests/compile_fail/*.cpp must not compile, with the message that their line `// expect: regex` names.

file(GLOB compile_fail_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/*.cpp")
foreach(source IN LISTS compile_fail_sources)
  cmake_path(GET source STEM name)
  add_test(NAME compile_fail/${name}
    COMMAND "${CMAKE_COMMAND}" "-DCOMPILER=${CMAKE_CXX_COMPILER}" "-DSOURCE=${source}"
      "-DINCLUDE=${PROJECT_SOURCE_DIR}/include"
      -P "${PROJECT_SOURCE_DIR}/cmake/run_compile_fail.cmake")
  set_tests_properties(compile_fail/${name} PROPERTIES LABELS compile_fail)
endforeach()
