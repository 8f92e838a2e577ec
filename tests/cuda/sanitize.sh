#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Runs a program under a tool of compute-sanitizer, once it has run without: sanitize.sh SANITIZER TOOL PROGRAM
# The exit status is the program's, which is 77 without a device; 1 for what the tool finds. Where there is a device
# but no SANITIZER it is 77, or 1 under DETENT_REQUIRE_GPU=1.
set -euo pipefail
sanitizer=$1
tool=$2
program=$3

"$program"
if ! command -v "$sanitizer" >/dev/null; then
  echo "compute-sanitizer not found: $tool has not looked" >&2
  [[ ${DETENT_REQUIRE_GPU:-} == 1 ]] && exit 1
  exit 77
fi
exec "$sanitizer" --tool "$tool" --error-exitcode 1 "$program"
