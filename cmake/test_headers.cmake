# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# One generated file per header, which includes it twice and nothing else, with warnings as errors;
# linked together they also show that no header defines a symbol twice.

# Sets `result` to generated sources, one for each header of `headers` below `base`.
function(detent_generate_header_sources result base headers)
  set(sources)
  foreach(header IN LISTS headers)
    cmake_path(RELATIVE_PATH header BASE_DIRECTORY "${base}" OUTPUT_VARIABLE include)
    string(REPLACE "/" "_" name "${include}")
    set(source "${CMAKE_CURRENT_BINARY_DIR}/headers/${name}.cpp")
    file(CONFIGURE OUTPUT "${source}" @ONLY
      CONTENT "#include <@include@>\n#include <@include@>\n")
    list(APPEND sources "${source}")
  endforeach()
  set(${result} "${sources}" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE library_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/detent/*.hpp")
detent_generate_header_sources(
  library_header_sources "${PROJECT_SOURCE_DIR}/include" "${library_headers}")
add_executable(test_headers
  headers/first.cpp headers/second.cpp ${library_header_sources})
target_link_libraries(test_headers PRIVATE detent::detent)
target_compile_options(test_headers PRIVATE ${detent_header_warnings} -Werror)
add_test(NAME headers/library COMMAND test_headers)
set_tests_properties(headers/library PROPERTIES LABELS headers)

# The templates warn where they are instantiated. The programs of tests/determinism, which call every
# public function, are compiled with these warnings as errors; the emulated tests call every kernel.
function(detent_add_warnings_test name source include)
  list(JOIN detent_header_warnings "|" warnings)
  add_test(NAME headers/${name}
    COMMAND "${CMAKE_COMMAND}" "-DCOMPILER=${CMAKE_CXX_COMPILER}" "-DSOURCE=${source}"
      "-DFLAGS=-std=c++20|-fsyntax-only|${warnings}|-I${include}|-I${CMAKE_CURRENT_SOURCE_DIR}"
      -P "${PROJECT_SOURCE_DIR}/cmake/run_warnings.cmake")
  set_tests_properties(headers/${name} PROPERTIES LABELS headers)
endfunction()
set(instantiating_sources "${CMAKE_CURRENT_SOURCE_DIR}/execution/every_verb.cpp"
  "${CMAKE_CURRENT_SOURCE_DIR}/execution/observe_test.cpp")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND instantiating_sources "${CMAKE_CURRENT_SOURCE_DIR}/cuda/verbs_test.cpp"
    "${CMAKE_CURRENT_SOURCE_DIR}/cuda/quantizers_test.cpp")
endif()
foreach(source IN LISTS instantiating_sources)
  cmake_path(GET source STEM name)
  detent_add_warnings_test(warnings_${name} "${source}" "${PROJECT_SOURCE_DIR}/include")
endforeach()
# That a warning in an instantiated template is found.
set(seeded "${CMAKE_CURRENT_BINARY_DIR}/headers/seeded/include")
file(WRITE "${seeded}/detent/seeded.hpp"
  "#pragma once\ntemplate <class T>\nunsigned long seeded(T x) {\n  return x;\n}\n")
file(WRITE "${seeded}/seeded.cpp"
  "#include <detent/seeded.hpp>\nint main() {\n  return seeded(-1) == 0 ? 1 : 0;\n}\n")
detent_add_warnings_test(warnings_seeded "${seeded}/seeded.cpp" "${seeded}")
set_tests_properties(headers/warnings_seeded PROPERTIES
  PASS_REGULAR_EXPRESSION "seeded.hpp:4:[0-9]+: warning")

file(GLOB_RECURSE trainer_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/examples/trainer/*.hpp")
if(trainer_headers AND DETENT_BUILD_EXAMPLES)
  include("${PROJECT_SOURCE_DIR}/cmake/trainer.cmake")
  detent_generate_header_sources(
    trainer_header_sources "${PROJECT_SOURCE_DIR}/examples" "${trainer_headers}")
  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/headers/trainer_main.cpp" @ONLY
    CONTENT "int main() {}\n")
  set_source_files_properties(${trainer_header_sources} PROPERTIES COMPILE_OPTIONS -O0)
  add_executable(test_trainer_headers
    "${CMAKE_CURRENT_BINARY_DIR}/headers/trainer_main.cpp" ${trainer_header_sources})
  target_link_libraries(test_trainer_headers PRIVATE detent_trainer_headers)
  target_compile_options(test_trainer_headers PRIVATE ${detent_warnings} -Werror)
  add_test(NAME headers/trainer COMMAND test_trainer_headers)
  set_tests_properties(headers/trainer PROPERTIES LABELS headers)
endif()
