# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The golden headers are what tests/goldens/make_goldens.py writes; skipped, visibly, without mpmath.

find_program(DETENT_PYTHON python3)
if(DETENT_PYTHON)
  add_test(NAME goldens/up_to_date
    COMMAND "${DETENT_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/goldens/make_goldens.py" --check)
  set_tests_properties(goldens/up_to_date PROPERTIES LABELS goldens SKIP_RETURN_CODE 77)
else()
  message(STATUS "detent: python3 not found, the goldens are not checked")
endif()
