#!/bin/sh
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Runs the command given, presses its Ctrl-C when it first writes a line, and ends with its exit code.
{
  # shellcheck disable=SC2016  # the inner shell becomes the command and keeps its process id
  sh -c 'echo $$ >pid; exec "$@" 2>&1' sh "$@"
  echo $? >code
} | {
  read -r _
  kill -INT "$(cat pid)"
  cat
}
exit "$(cat code)"
