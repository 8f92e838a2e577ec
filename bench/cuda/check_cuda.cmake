# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# bench_cuda rejects a wrong command line, says where there is no GPU, and else prints JSON with what
# scripts/performance_cuda_table.py reads: cmake -DPROGRAM=… -P. No time is looked at, only that there
# is one.

cmake_minimum_required(VERSION 3.23)

foreach(bad "--largest;9" "--rounds;many" "--seconds;0" "--group;nothing" "--rounds" "extra")
  execute_process(COMMAND "${PROGRAM}" ${bad}
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT code EQUAL 2 OR NOT errors MATCHES "^usage: ")
    message(FATAL_ERROR "${PROGRAM} ${bad}: exit code ${code}, ${errors}")
  endif()
endforeach()

execute_process(COMMAND "${PROGRAM}" --largest 16 --rounds 1
  RESULT_VARIABLE code OUTPUT_VARIABLE json ERROR_VARIABLE errors)
if(code EQUAL 77 AND errors STREQUAL "bench_cuda: no GPU here, nothing was measured\n")
  message("SKIPPED: no GPU here")
  return()
endif()
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${PROGRAM}: exit code ${code}\n${errors}")
endif()

string(JSON name GET "${json}" device name)
string(JSON types LENGTH "${json}" bits)
if(NOT types EQUAL 5)
  message(FATAL_ERROR "the bits of ${types} types were compared")
endif()
set(groups)
string(JSON count LENGTH "${json}" rows)
math(EXPR last "${count} - 1")
foreach(row RANGE ${last})
  foreach(key name type gradient weights tensors sets in_cache)
    string(JSON value GET "${json}" rows ${row} ${key})
  endforeach()
  foreach(key us us_median)
    string(JSON value GET "${json}" rows ${row} candidates 0 ${key})
    if(NOT value GREATER 0)
      message(FATAL_ERROR "row ${row}: ${key} is ${value}")
    endif()
  endforeach()
  string(JSON group GET "${json}" rows ${row} group)
  list(APPEND groups "${group}")
endforeach()
foreach(group float bfloat16 others)
  if(NOT group IN_LIST groups)
    message(FATAL_ERROR "no row of the group ${group}")
  endif()
endforeach()
