# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The trainer's programs lose no work: outputs after signals and on full disks, runs after kill -9.

# Adds a test that runs tests/checkpoint/NAME.sh with the arguments in an empty folder.
function(detent_add_checkpoint_test name)
  add_test(NAME checkpoint/${name}
    COMMAND sh -c "rm -rf \"$0\" && mkdir -p \"$0\" && cd \"$0\" && exec sh \"$@\""
      "${CMAKE_CURRENT_BINARY_DIR}/checkpoint/${name}"
      "${CMAKE_CURRENT_SOURCE_DIR}/checkpoint/${name}.sh" ${ARGN})
  set_tests_properties(checkpoint/${name} PROPERTIES LABELS checkpoint)
endfunction()

if(TARGET detent-train)
  detent_add_checkpoint_test(outputs
    "$<TARGET_FILE:detent-train>" "$<TARGET_FILE:detent-compare>" "$<TARGET_FILE:detent-inspect>"
    "${CMAKE_CURRENT_SOURCE_DIR}/trainer/interrupted.sh")
  detent_add_checkpoint_test(kills "$<TARGET_FILE:detent-train>" "$<TARGET_FILE:detent-compare>")
endif()
