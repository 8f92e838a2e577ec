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
target_compile_options(test_headers PRIVATE ${detent_warnings} -Werror)
add_test(NAME headers/library COMMAND test_headers)
set_tests_properties(headers/library PROPERTIES LABELS headers)

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
