#!/bin/sh
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# interrupted.sh LINES COMMAND…: runs the command, sends it the signal SIGNAL (INT, its Ctrl-C, unless it is set) when
# it has written so many lines, and ends with its exit code.
lines=$1
shift
{
  # shellcheck disable=SC2016  # the inner shell becomes the command and keeps its process id
  sh -c 'echo $$ >pid; exec "$@" 2>&1' sh "$@"
  echo $? >code
} | {
  while [ "$lines" -gt 0 ]; do
    read -r _
    lines=$((lines - 1))
  done
  kill "-${SIGNAL:-INT}" "$(cat pid)"
  cat
}
exit "$(cat code)"
