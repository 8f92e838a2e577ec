# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# The README's first program and its output are those of docs/snippets/first_use, and the rows of its
# tables those of the generated files (scripts/refresh_readme.py puts them there): cmake -DSOURCE=… -P

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

# The loop that a document shows is that of a snippet.
function(check_loop document snippet)
  file(READ "${SOURCE}/docs/${document}" text)
  file(READ "${SOURCE}/docs/snippets/${snippet}.cpp" program)
  string(FIND "${text}" "```cpp\n" start)
  math(EXPR start "${start} + 7")
  string(SUBSTRING "${text}" ${start} -1 shown)
  string(FIND "${shown}" "```" end)
  string(SUBSTRING "${shown}" 0 ${end} shown)
  string(FIND "${program}" "${shown}" found)
  if(found EQUAL -1 OR end LESS 500)
    message(FATAL_ERROR "docs/${document} does not show the loop of docs/snippets/${snippet}")
  endif()
endfunction()

check_loop(bitwise.md drop_bits)
check_loop(gradient-norm.md gradient_norm)

# Rows of tables in the README are rows of the generated file that they are from.
function(check_rows file pattern fewest)
  file(READ "${SOURCE}/docs/${file}" generated)
  string(REGEX MATCHALL "\n\\| (${pattern})[^\n]*" rows "${readme}")
  list(LENGTH rows count)
  if(count LESS fewest)
    message(FATAL_ERROR "README.md: ${count} rows of docs/${file}")
  endif()
  foreach(row IN LISTS rows)
    string(FIND "${generated}" "${row}\n" found)
    if(found EQUAL -1)
      message(FATAL_ERROR "README.md: no row of docs/${file}:${row}")
    endif()
  endforeach()
endfunction()

check_rows(demo.md "none|dorefa|wrpn" 5)
check_rows(performance.md "accumulate|quantize|snap|PyTorch|torch" 8)
check_rows(results.md "CIFAR-10,|MNIST," 4)
