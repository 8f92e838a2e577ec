# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The shell scripts pass shellcheck, where it is installed.

find_program(DETENT_SHELLCHECK shellcheck)
if(DETENT_SHELLCHECK)
  add_test(NAME scripts/shellcheck
    COMMAND "${DETENT_SHELLCHECK}" -x scripts/demo scripts/test scripts/packages.sh scripts/results scripts/performance .ci/run
      tests/trainer/interrupted.sh
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(scripts/shellcheck PROPERTIES LABELS scripts)
endif()
