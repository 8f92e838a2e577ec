# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The README's first program and its output are those of docs/snippets/first_use: cmake -DSOURCE=… -P

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
