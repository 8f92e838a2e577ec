# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# bench_ratios prints JSON with what scripts/performance_table.py reads: cmake -DPROGRAM=… -P. No
# time is looked at, only that there is one.

cmake_minimum_required(VERSION 3.23)

function(run_ratios result)
  execute_process(COMMAND "${PROGRAM}" --rounds 1 ${ARGN}
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} ${ARGN}: exit code ${code}\n${errors}")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

set(groups)
foreach(largest 16 25)
  if(largest EQUAL 16)
    run_ratios(json --largest 16)
  else()
    run_ratios(json --largest 25 --group layers)
  endif()
  string(JSON compiler GET "${json}" compiler)
  string(JSON count LENGTH "${json}" rows)
  math(EXPR last "${count} - 1")
  foreach(row RANGE ${last})
    foreach(key name reference type isa weights threads bytes)
      string(JSON value GET "${json}" rows ${row} ${key})
    endforeach()
    foreach(key ns ns_median reference_ns ratio ratio_median)
      string(JSON value GET "${json}" rows ${row} ${key})
      if(NOT value GREATER 0)
        message(FATAL_ERROR "row ${row}: ${key} is ${value}")
      endif()
    endforeach()
    string(JSON group GET "${json}" rows ${row} group)
    list(APPEND groups "${group}")
  endforeach()
endforeach()

foreach(group sizes isa methods lambda verbs learned loops layers)
  if(NOT group IN_LIST groups)
    message(FATAL_ERROR "no row of the group ${group}")
  endif()
endforeach()

foreach(bad "--largest;9" "--rounds;many" "--group;nothing" "--rounds" "extra")
  execute_process(COMMAND "${PROGRAM}" ${bad}
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT code EQUAL 2 OR NOT errors MATCHES "^usage: ")
    message(FATAL_ERROR "${PROGRAM} ${bad}: exit code ${code}, ${errors}")
  endif()
endforeach()
