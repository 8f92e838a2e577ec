# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# bench_instructions runs each of its methods, and refuses others: cmake -DPROGRAM=… -P

function(run_instructions expected result)
  execute_process(COMMAND "${PROGRAM}" ${ARGN}
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT code EQUAL expected)
    message(FATAL_ERROR "${PROGRAM} ${ARGN}: exit code ${code}\n${errors}")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

run_instructions(0 methods list)
string(STRIP "${methods}" methods)
string(REPLACE "\n" ";" methods "${methods}")
list(LENGTH methods count)
if(count LESS 10)
  message(FATAL_ERROR "only ${count} methods: ${methods}")
endif()
foreach(method IN LISTS methods)
  run_instructions(0 ignored "${method}" 1000 2)
endforeach()
run_instructions(2 ignored nothing 1000 2)
run_instructions(2 ignored)
