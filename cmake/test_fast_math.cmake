# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The rooms math and regularizer once more with -ffast-math, which the formulas must survive.

set(fast_math_rooms math regularizer)
set(found_rooms)
foreach(room IN LISTS fast_math_rooms)
  if(room IN_LIST rooms)
    list(APPEND found_rooms ${room})
  endif()
endforeach()
if(found_rooms)
  detent_add_test_executable(test_fast_math ROOMS ${found_rooms} PREFIX fast_math/ LABELS fast_math)
  target_compile_options(test_fast_math PRIVATE $<$<CONFIG:Release>:-O2> -ffast-math)
  target_link_options(test_fast_math PRIVATE -ffast-math)
  target_compile_definitions(test_fast_math PRIVATE DETENT_TEST_FAST_MATH)
endif()
