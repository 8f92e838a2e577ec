# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Script: checks SOURCE with COMPILER and FLAGS (separated by |) and fails on a warning within a header
# of the library. What else the file warns of is no matter: it stands for a user's code.

string(REPLACE "|" ";" flags "${FLAGS}")
execute_process(
  COMMAND "${COMPILER}" ${flags} "${SOURCE}"
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT result STREQUAL "0")
  message(FATAL_ERROR "${SOURCE}: does not compile\n${output}")
endif()
if(output MATCHES "/include/detent/[^\n]*warning:[^\n]*")
  message("${output}")
  message(FATAL_ERROR "${SOURCE}: a warning in a header")
endif()
