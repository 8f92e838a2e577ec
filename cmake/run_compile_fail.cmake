# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Script: compiles SOURCE with COMPILER and fails unless it is rejected with the expected message.

file(STRINGS "${SOURCE}" expectations REGEX "^// expect: .")
list(LENGTH expectations count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "${SOURCE}: needs one line '// expect: regex', has ${count}")
endif()
string(REGEX REPLACE "^// expect: " "" expected "${expectations}")

execute_process(
  COMMAND "${COMPILER}" -std=c++20 -fsyntax-only "-I${INCLUDE}" "${SOURCE}"
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "${SOURCE}: compiles, but must not")
endif()
if(NOT output MATCHES "${expected}")
  message(FATAL_ERROR "${SOURCE}: rejected, but not with '${expected}':\n${output}")
endif()
