# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The shell scripts pass shellcheck, where it is installed, and the tables of the GPU say what was measured.

find_program(DETENT_SHELLCHECK shellcheck)
if(DETENT_SHELLCHECK)
  add_test(NAME scripts/shellcheck
    COMMAND "${DETENT_SHELLCHECK}" -x scripts/demo scripts/test scripts/packages.sh scripts/results scripts/performance scripts/performance_cuda .ci/run
      tests/trainer/interrupted.sh tests/trainer/outputs_lost.sh tests/checkpoint/outputs.sh tests/checkpoint/kills.sh tests/cuda/sanitize.sh
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(scripts/shellcheck PROPERTIES LABELS scripts)
endif()

find_program(DETENT_PYTHON python3)
if(DETENT_PYTHON)
  add_test(NAME scripts/noise COMMAND "${DETENT_PYTHON}" "${PROJECT_SOURCE_DIR}/tests/scripts/noise_test.py")
  set_tests_properties(scripts/noise PROPERTIES LABELS scripts)
  add_test(NAME scripts/performance_cuda_table
    COMMAND "${DETENT_PYTHON}" "${PROJECT_SOURCE_DIR}/tests/scripts/performance_cuda_table_test.py")
  set_tests_properties(scripts/performance_cuda_table PROPERTIES LABELS scripts)
endif()
