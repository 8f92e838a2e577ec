#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# usage: untagged_code.sh object tag
# The linker keeps one copy of a weak function for a whole program, so those whose name does not
# hold the tag of the compiler flags must be the same from every object. Fails where one of them
# has a VEX or EVEX instruction or floating-point arithmetic, or where the object has initializers,
# which run before anything can ask for the processor.
set -euo pipefail
export LC_ALL=C
object=$1 tag=$2

if objdump -h "$object" | grep -E '\.(init_array|ctors)'; then
  echo "$object: has initializers" >&2
  exit 1
fi
nm --defined-only "$object" | awk -v tag="$tag" '$(NF - 1) ~ /^[WVuv]$/ && !index($NF, tag) { print $NF }' |
  sort -u > "$object.untagged"
objdump -d -w --no-show-raw-insn "$object" |
  grep -E $'^[0-9a-f]+ <|:\t([vk]|[a-z0-9]*[sp][sd] )' | awk '
  FNR == NR { untagged[$1] = 1; next }
  /^[0-9a-f]+ <.*>:$/ { name = substr($2, 2, length($2) - 3); next }
  $1 !~ /^[0-9a-f]+:$/ { next }
  # Mnemonics of VEX and EVEX begin with v, those of mask registers with k.
  $2 ~ /^(v[a-z]|k(mov|not|and|or|xor|xnor|add|shift|unpck|test|ortest))/ && $2 !~ /^ver[rw]/ { kind = "vector instruction " $2 }
  $2 ~ /^v?(add|sub|mul|div|sqrt|min|max|rcp|rsqrt|cmp[a-z]*|u?comi|cvtt?[a-z0-9]+2)[sp][sd]$/ { kind = "arithmetic " $2 }
  kind != "" {
    if (name in untagged) bad[name] = kind; else elsewhere++
    kind = ""
  }
  END {
    for (name in bad) print name ": " bad[name]
    # Without any in the tagged functions this test would see nothing.
    if (elsewhere == 0) print "no instruction was recognized at all"
  }' "$object.untagged" - | c++filt > "$object.found"
if [[ -s $object.found ]]; then
  cat "$object.found" >&2
  exit 1
fi
echo "$(wc -l < "$object.untagged") weak functions without tag"
