#!/bin/sh
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# exported.sh TRAIN INSPECT: exports a network; what is read back must classify like what was written,
# and a file of another version is refused.

set -e
data="--data glyphs --max-train 256 --max-validation 64 --max-test 64 --seed 4"
"$1" --model mlp $data --pretrain-epochs 1 --epochs 1 --batch 64 --bits 3 --activation-bits 4 \
  --export net.safetensors > train.txt
"$2" net.safetensors --levels $data > inspect.txt
cat train.txt inspect.txt
trained=$(sed -n 's/^  test  *\([0-9.]*\) %$/\1/p' train.txt)
read_back=$(sed -n 's/^  test  *\([0-9.]*\) %, .* of 64 images; when exported \([0-9.]*\) %$/\1 \2/p' inspect.txt)
test -n "$trained"
test "$read_back" = "$trained $trained"
sed 's/"format_version":"1"/"format_version":"9"/' net.safetensors > other.safetensors
"$2" other.safetensors 2> errors.txt && exit 1
grep -q "^detent-inspect: other.safetensors: metadata 'format_version': 9, allowed are 1 to 1$" errors.txt
