# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Objects with different compiler flags in one program, builds without exceptions, and headers that
# are included after the macros of other libraries.

# Processors and flags of x86-64, and the names of VEX instructions.
set(flags_compiles_for_x86_64 FALSE)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" AND CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  set(flags_compiles_for_x86_64 TRUE)
endif()
find_program(DETENT_QEMU_X86_64 qemu-x86_64)

# Adds the object library flags_<name> of `source` with the flags ARGN, after those of the preset.
function(detent_add_flags_object name source)
  add_library(flags_${name} OBJECT "${CMAKE_CURRENT_SOURCE_DIR}/flags/${source}")
  target_include_directories(flags_${name} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(flags_${name} PRIVATE detent::detent)
  target_compile_options(flags_${name} PRIVATE ${ARGN})
  set_target_properties(flags_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()

function(detent_label_flags_test name)
  set_tests_properties(flags/${name} PROPERTIES LABELS flags ${ARGN})
endfunction()

# Adds the executable flags_<name> of the object libraries ARGN.
function(detent_add_flags_program name)
  add_executable(flags_${name})
  foreach(object IN LISTS ARGN)
    target_link_libraries(flags_${name} PRIVATE flags_${object})
    target_sources(flags_${name} PRIVATE "$<TARGET_OBJECTS:flags_${object}>")
  endforeach()
  set_target_properties(flags_${name} PROPERTIES LINKER_LANGUAGE CXX)
endfunction()

# Adds the test flags/<name>: the plain object's results in the executable flags_<program>.
function(detent_add_flags_test name program)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "EMULATOR" "")
  add_test(NAME flags/${name}
    COMMAND "${CMAKE_COMMAND}" "-DALONE=$<TARGET_FILE:flags_alone_program>"
      "-DPROGRAM=$<TARGET_FILE:flags_${program}>" "-DEMULATOR=${arg_EMULATOR}"
      -P "${PROJECT_SOURCE_DIR}/cmake/run_flags.cmake")
  detent_label_flags_test(${name})
endfunction()

if(flags_compiles_for_x86_64)
  # Each at another optimization level: the less is inlined, the more functions are shared.
  set(flags_avx2 -O0 -mavx2 -mfma)
  set(flags_avx512 -O2 -mavx512f -mavx512vl)
  set(flags_haswell -O3 -march=haswell)
  set(flags_fast_math -O2 -ffast-math)
  detent_add_flags_object(plain operations.cpp -O2 -DOPERATIONS=plain)
  detent_add_flags_object(linked linked.cpp -O2)
  detent_add_flags_object(alone alone.cpp -O2)
  detent_add_flags_program(alone_program linked plain alone)
  foreach(other IN ITEMS avx2 avx512 haswell fast_math)
    detent_add_flags_object(${other} operations.cpp ${flags_${other}} -DOPERATIONS=other)
    add_test(NAME flags/symbols_${other}
      COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/flags/untagged_code.sh"
        "$<TARGET_OBJECTS:flags_${other}>" v0_1)
    detent_label_flags_test(symbols_${other})

    detent_add_flags_program(${other}_first ${other} plain linked)
    detent_add_flags_program(${other}_last plain ${other} linked)
    foreach(name plain ${other})
      if(NOT TARGET flags_shared_${name})
        add_library(flags_shared_${name} SHARED "$<TARGET_OBJECTS:flags_${name}>")
        set_target_properties(flags_shared_${name} PROPERTIES LINKER_LANGUAGE CXX)
      endif()
    endforeach()
    detent_add_flags_program(${other}_shared_first linked)
    target_link_libraries(flags_${other}_shared_first PRIVATE flags_shared_${other} flags_shared_plain)
    detent_add_flags_program(${other}_shared_last linked)
    target_link_libraries(flags_${other}_shared_last PRIVATE flags_shared_plain flags_shared_${other})
    foreach(order first last shared_first shared_last)
      detent_add_flags_test(${other}_${order} ${other}_${order})
      if(DETENT_QEMU_X86_64)
        detent_add_flags_test(${other}_${order}_nehalem ${other}_${order}
          EMULATOR "${DETENT_QEMU_X86_64}|-cpu|Nehalem")
      else()
        add_test(NAME flags/${other}_${order}_nehalem
          COMMAND sh -c "echo 'skipped: qemu-x86_64 not found (Debian: qemu-user)'; exit 77")
        detent_label_flags_test(${other}_${order}_nehalem SKIP_RETURN_CODE 77)
      endif()
    endforeach()
  endforeach()
  if(DETENT_QEMU_X86_64)
    # That this processor refuses what the tests fear.
    add_test(NAME flags/nehalem_lacks_avx512
      COMMAND sh -c "\"$1\" -cpu Nehalem \"$2\" other; echo exit code $?"
        sh "${DETENT_QEMU_X86_64}" "$<TARGET_FILE:flags_avx512_first>")
    detent_label_flags_test(nehalem_lacks_avx512 PASS_REGULAR_EXPRESSION "exit code 132")
  endif()
  add_test(NAME flags/shared_limit COMMAND flags_fast_math_shared_first shared)
  detent_label_flags_test(shared_limit PASS_REGULAR_EXPRESSION "^shared\n$")
  foreach(program avx512_first fast_math_shared_first)
    add_test(NAME flags/caught_${program} COMMAND flags_${program} caught)
    detent_label_flags_test(caught_${program} PASS_REGULAR_EXPRESSION "^caught\n$")
  endforeach()

  # That the script sees what it looks for.
  detent_add_flags_object(leaking leaking.cpp -O0 -mavx2)
  add_test(NAME flags/symbols_are_seen
    COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/flags/untagged_code.sh" "$<TARGET_OBJECTS:flags_leaking>" v0_1)
  detent_label_flags_test(symbols_are_seen PASS_REGULAR_EXPRESSION "fill.*: vector instruction v")
endif()

# Without exceptions and type information: no warning, and a refusal ends the program.
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  foreach(name refusing refusing_own)
    add_executable(flags_${name} "${CMAKE_CURRENT_SOURCE_DIR}/flags/refusing.cpp")
    target_link_libraries(flags_${name} PRIVATE detent::detent)
    target_compile_options(flags_${name} PRIVATE -fno-exceptions -fno-rtti ${detent_warnings} -Werror)
  endforeach()
  target_compile_definitions(flags_refusing_own PRIVATE OWN_THROW)
  add_test(NAME flags/refusal_without_exceptions
    COMMAND sh -c "\"$1\"; echo exit code $?" sh "$<TARGET_FILE:flags_refusing>")
  detent_label_flags_test(refusal_without_exceptions PASS_REGULAR_EXPRESSION
    "detent: bits: is 41. allowed are 1 to 16\n(.*\n)?exit code 134")
  add_test(NAME flags/refusal_by_own_definition
    COMMAND sh -c "\"$1\"; echo exit code $?" sh "$<TARGET_FILE:flags_refusing_own>")
  detent_label_flags_test(refusal_by_own_definition PASS_REGULAR_EXPRESSION
    "own: detent: bits: is 41. allowed are 1 to 16\n(.*\n)?exit code 3")
  detent_add_flags_object(without_exceptions operations.cpp -O0 -fno-exceptions -fno-rtti
    ${detent_warnings} -Werror -DOPERATIONS=other)
endif()

# What is not finite is refused under -ffast-math.
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  add_executable(flags_refuses "${CMAKE_CURRENT_SOURCE_DIR}/flags/refuses.cpp")
  target_link_libraries(flags_refuses PRIVATE detent::detent)
  # Compilers warn that the test uses NaN and infinity.
  target_compile_options(flags_refuses PRIVATE -O2 -ffast-math -w)
  add_test(NAME flags/refuses_under_fast_math COMMAND flags_refuses nan inf)
  detent_label_flags_test(refuses_under_fast_math)
endif()

# After the macros of other libraries. What the headers include of the standard library comes first.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/include"
  "${PROJECT_SOURCE_DIR}/include/detent/*.hpp")
set(standard_headers)
set(poisoned "#include <flags/macro_names.hpp>\n")
foreach(header IN LISTS headers)
  file(STRINGS "${PROJECT_SOURCE_DIR}/include/${header}" lines REGEX "^#include <[a-z_]+(\\.h)?>")
  list(APPEND standard_headers ${lines})
  string(APPEND poisoned "#include <${header}>\n")
endforeach()
list(REMOVE_DUPLICATES standard_headers)
# Included by code for OpenMP alone; not every compiler here has it.
list(REMOVE_ITEM standard_headers "#include <omp.h>")
list(JOIN standard_headers "\n" standard_headers)
file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/flags/after_macros.cpp" @ONLY CONTENT
  "@standard_headers@\n#include <nlohmann/json.hpp>\n@poisoned@int main() {}\n")
add_executable(flags_after_macros "${CMAKE_CURRENT_BINARY_DIR}/flags/after_macros.cpp")
target_include_directories(flags_after_macros PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
target_link_libraries(flags_after_macros PRIVATE detent::detent)
target_compile_options(flags_after_macros PRIVATE -O0)
add_test(NAME flags/after_macros COMMAND flags_after_macros)
detent_label_flags_test(after_macros)
