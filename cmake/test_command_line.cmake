# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# detent_add_command_test and, where it exists, tests/trainer/command_line.cmake, which calls it.

# Runs COMMAND in an empty folder and checks its exit code, and, where given, that its error output
# is exactly one line matching ERROR_LINE and that its standard output matches OUTPUT.
function(detent_add_command_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "EXIT_CODE;ERROR_LINE;OUTPUT" "COMMAND")
  list(JOIN arg_COMMAND "|" command)
  add_test(NAME command_line/${name}
    COMMAND "${CMAKE_COMMAND}" "-DCOMMAND=${command}" "-DEXIT_CODE=${arg_EXIT_CODE}"
      "-DERROR_LINE=${arg_ERROR_LINE}" "-DOUTPUT=${arg_OUTPUT}"
      "-DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/command_line/${name}"
      -P "${PROJECT_SOURCE_DIR}/cmake/run_command.cmake")
  set_tests_properties(command_line/${name} PROPERTIES LABELS command_line)
endfunction()

if(TARGET detent-train)
  include("${CMAKE_CURRENT_SOURCE_DIR}/trainer/command_line.cmake" OPTIONAL)
endif()
