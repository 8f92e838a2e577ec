# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Script: runs COMMAND (arguments separated by |) in the empty folder FOLDER; see test_command_line.

file(REMOVE_RECURSE "${FOLDER}")
file(MAKE_DIRECTORY "${FOLDER}")
string(REPLACE "|" ";" command "${COMMAND}")
execute_process(
  COMMAND ${command} WORKING_DIRECTORY "${FOLDER}"
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors)
set(seen "exit code ${result}\nstandard output:\n${output}\nerror output:\n${errors}")
if(NOT result STREQUAL "${EXIT_CODE}")
  message(FATAL_ERROR "expected exit code ${EXIT_CODE}; ${seen}")
endif()
if(ERROR_LINE AND NOT errors MATCHES "^[^\n]*${ERROR_LINE}[^\n]*\n$")
  message(FATAL_ERROR "expected one error line matching '${ERROR_LINE}'; ${seen}")
endif()
if(OUTPUT AND NOT output MATCHES "${OUTPUT}")
  message(FATAL_ERROR "expected output matching '${OUTPUT}'; ${seen}")
endif()
