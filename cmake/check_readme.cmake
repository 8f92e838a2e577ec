# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The README's first program and its output are those of docs/snippets/first_use, and its rows of the
# demonstration those of docs/demo.md: cmake -DSOURCE=… -P

file(READ "${SOURCE}/README.md" readme)
file(READ "${SOURCE}/docs/snippets/first_use.cpp" program)
file(READ "${SOURCE}/docs/snippets/first_use.out" output)
string(FIND "${program}" "#include" start)
string(SUBSTRING "${program}" ${start} -1 program)
foreach(part program output)
  string(FIND "${readme}" "\n${${part}}```" found)
  if(found EQUAL -1)
    message(FATAL_ERROR "README.md does not show the ${part} of docs/snippets/first_use")
  endif()
endforeach()

file(READ "${SOURCE}/docs/demo.md" demo)
string(REGEX MATCHALL "\n\\| (none|dorefa|wrpn)[^\n]*" rows "${readme}")
list(LENGTH rows count)
if(count LESS 5)
  message(FATAL_ERROR "README.md: ${count} rows of the demonstration")
endif()
foreach(row IN LISTS rows)
  string(FIND "${demo}" "${row}\n" found)
  if(found EQUAL -1)
    message(FATAL_ERROR "README.md: no row of docs/demo.md:${row}")
  endif()
endforeach()
