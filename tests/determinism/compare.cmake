# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Runs PROGRAM with ARGUMENTS, by EMULATOR if there is one, and compares what it prints with EXPECTED, but
# for the names FREE.

cmake_minimum_required(VERSION 3.20)

execute_process(COMMAND ${EMULATOR} "${PROGRAM}" ${ARGUMENTS}
  OUTPUT_VARIABLE printed ERROR_VARIABLE complaint RESULT_VARIABLE code)
if(code EQUAL 77)
  message("the processor lacks the instructions of these flags")
  return()
elseif(NOT code EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ${ARGUMENTS} ends with ${code}: ${complaint}")
endif()
file(READ "${EXPECTED}" expected)
if(printed STREQUAL expected)
  return()
endif()
file(WRITE "${PRINTED}" "${printed}")
string(REGEX MATCHALL "[^\n]+" printed_lines "${printed}")
string(REGEX MATCHALL "[^\n]+" expected_lines "${expected}")
set(others)
foreach(line IN LISTS printed_lines)
  if(NOT line IN_LIST expected_lines)
    string(REGEX REPLACE " .*" "" name "${line}")
    list(APPEND others "${name}")
  endif()
endforeach()
if(FREE)
  list(REMOVE_ITEM others ${FREE})
endif()
list(LENGTH printed_lines printed_count)
list(LENGTH expected_lines expected_count)
if(NOT others AND printed_count EQUAL expected_count)
  return()
endif()
list(JOIN others ", " others)
message(FATAL_ERROR "other bits than expected: ${others}\nAll hashes are in ${PRINTED}; where the change is meant, "
  "they replace ${EXPECTED}.")
