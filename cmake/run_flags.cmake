# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Script: fails unless EMULATOR PROGRAM prints what ALONE prints; arguments separated by |.

foreach(name ALONE PROGRAM)
  set(command "${${name}}")
  if(name STREQUAL "PROGRAM" AND EMULATOR)
    set(command "${EMULATOR}|${command}")
  endif()
  string(REPLACE "|" ";" command "${command}")
  execute_process(COMMAND ${command} RESULT_VARIABLE result OUTPUT_VARIABLE ${name}_output
    ERROR_VARIABLE errors)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${command} ends with ${result}\n${errors}")
  endif()
endforeach()
if(NOT ALONE_output MATCHES "^[1-9][0-9]* numbers, [1-9]" OR NOT ALONE_output STREQUAL PROGRAM_output)
  message(FATAL_ERROR "alone: ${ALONE_output}\nlinked with other flags: ${PROGRAM_output}")
endif()
