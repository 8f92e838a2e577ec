#!/bin/sh
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# outputs_lost.sh KIND FILES COMMAND…: runs the command, which must fail with exit code 1, but leave every
# one of FILES (words). KIND is full (one of its files cannot be written) or reader (whoever reads
# its output goes away at once).
set -u
kind=$1
files=$2
shift 2
if [ "$kind" = reader ]; then
  { "$@" 2>&1; echo $? >code; } | :
else
  "$@"
  echo $? >code
fi
test "$(cat code)" = 1 || exit 2
for file in $files; do
  test -s "$file" || exit 3
done
