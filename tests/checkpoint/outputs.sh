#!/bin/sh
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# outputs.sh TRAIN COMPARE INSPECT INTERRUPTED: in an empty folder, the outputs of the programs after signals, on full
# disks and under names that are long.
train=$1
compare=$2
inspect=$3
interrupted=$4
few="--model mlp --data glyphs --max-train 256 --max-validation 64 --max-test 64 --batch 64"
failed=0

fail() {
  echo "FAILED: $*"
  failed=1
}

# expect CODE COMMAND…: the exit code of a command, whose messages go to the file log.
expect() {
  wanted=$1
  shift
  "$@" >log 2>&1
  code=$?
  [ "$code" -eq "$wanted" ] || { fail "exit code $code, expected $wanted: $*" && cat log; }
}

# is FILE TEXT: a file with just this text.
is() {
  [ "$(cat "$1")" = "$2" ] || fail "$1 was replaced"
}

says() {
  grep -q "$1" log || { fail "no message '$1'" && cat log; }
}

# Every signal ends the run after the epoch; neither the result nor the network that was there is replaced.
for signal in INT:130 TERM:143 HUP:129 QUIT:131; do
  echo finished >run.json
  echo finished >net.safetensors
  rm -f ./*.partial.*
  export SIGNAL="${signal%:*}"
  # shellcheck disable=SC2086
  expect "${signal#*:}" sh "$interrupted" 2 "$train" $few --pretrain-epochs 1 --epochs 100000 --method dorefa \
    --json run.json --report run.html --export net.safetensors
  is run.json finished
  is net.safetensors finished
  says "results: run.partial.json"
  grep -q '"interrupted": true' run.partial.json || fail "$signal: no partial result"
  [ -s run.partial.html ] || fail "$signal: no partial report"
  [ ! -e run.html ] || fail "$signal: a whole report"
  "$inspect" net.partial.safetensors >/dev/null || fail "$signal: no partial network"
  # Nothing is known before the first epoch of the finetuning.
  rm -f ./*.partial.*
  # shellcheck disable=SC2086
  expect "${signal#*:}" sh "$interrupted" 1 "$train" $few --pretrain-epochs 100000 --epochs 1 \
    --json run.json --export net.safetensors
  is run.json finished
  is net.safetensors finished
  [ ! -e run.partial.json ] || fail "$signal: a result of the pretraining"
  # shellcheck disable=SC2086
  expect "${signal#*:}" sh "$interrupted" 1 "$compare" $few --pretrain-epochs 100000 --epochs 1 --jobs 1 \
    --json run.json --markdown run.md
  is run.json finished
  [ ! -e run.md ] || fail "$signal: a table of the pretraining"
done
unset SIGNAL

# Ctrl-C in a comparison: what has ended stands beside the earlier result.
echo finished >run.json
# shellcheck disable=SC2086
expect 130 sh "$interrupted" 4 "$compare" $few --pretrain-epochs 1 --epochs 2 --methods none,dorefa --jobs 1 --bits 2 \
  --seeds 1 --lr-schedules constant,cosine --json run.json
is run.json finished
grep -q '"method": "none"' run.partial.json || fail "no partial result of a comparison"

# A second signal ends the program at once; SIGHUP after another one does not.
# waits TEXT: until the log has it, at most a minute.
waits() {
  tries=0
  until grep -q "$1" log || [ $tries -ge 1200 ]; do
    sleep 0.05
    tries=$((tries + 1))
  done
}
"$train" --model simplenet --max-train 8192 --max-validation 64 --max-test 64 --batch 64 --pretrain-epochs 0 --epochs 3 \
  --method dorefa --bits 2 >log 2>&1 &
process=$!
waits "epoch 1/3"
kill -TERM $process
waits interrupted
kill -HUP $process
sleep 0.1
kill -0 $process 2>/dev/null || fail "SIGHUP after SIGTERM ended the program"
kill -TERM $process
wait $process
[ $? -eq 143 ] || fail "a second signal"
grep -q "full precision," log && fail "a second signal did not end the program at once"

# A standard output that cannot be written.
if [ -w /dev/full ]; then
  for program in "$train" "$compare" "$inspect"; do
    for option in --help --version; do
      "$program" $option >/dev/full 2>log && fail "$program $option on a full disk"
      says "cannot write the standard output"
    done
  done
  # shellcheck disable=SC2086
  "$train" $few --pretrain-epochs 0 --epochs 1 --export full.safetensors >/dev/full 2>log && fail "train, full disk"
  says "cannot write the standard output"
  "$inspect" full.safetensors >/dev/full 2>log && fail "inspect on a full disk"
  says "cannot write the standard output"
  # shellcheck disable=SC2086
  "$compare" $few --pretrain-epochs 0 --epochs 1 --methods none --seeds 1 --lr-schedules constant --json full.json \
    >/dev/full 2>log && fail "compare on a full disk"
  says "cannot write the standard output"
  [ -s full.json ] || fail "compare lost its file with the standard output"
fi

# An output that finds the disk full is named; the others are written. (A limit on the size of files stands in for the disk.)
rm -f run.html net.safetensors run.json
(
  ulimit -f 8
  # shellcheck disable=SC2086
  expect 1 "$train" $few --pretrain-epochs 0 --epochs 1 --method dorefa --export net.safetensors --report run.html \
    --json run.json
  exit $failed
) || failed=1
says "cannot write 'net.safetensors': File too large"
[ -s run.json ] || fail "the output after one that failed is lost"
# Neither does a checkpoint that cannot be written end the run, nor is it passed over in silence.
(
  ulimit -f 300
  # shellcheck disable=SC2086
  expect 1 "$train" $few --pretrain-epochs 1 --epochs 1 --checkpoint small --json small.json
  exit $failed
) || failed=1
says "cannot write 'small/train.checkpoint.next': File too large (the run goes on)"
says "checkpoints could not be written to 'small'"
[ -s small.json ] || fail "the result is lost with the checkpoint"
for stray in ./*.partial-* small/*; do
  [ ! -e "$stray" ] || fail "a temporary file is left: $stray"
done

# A reader of the standard error or output that quits does not end the run before its files are written.
# shellcheck disable=SC2086
"$train" $few --pretrain-epochs 1 --epochs 2 --json pipe.json 2>&1 | head -n 1 >/dev/null
[ -s pipe.json ] || fail "a reader that quit ended the program"

# Names as long as the file system takes, which leave no place for the mark of a temporary file.
long=$(printf '%0251d' 0)
# shellcheck disable=SC2086
expect 0 "$train" $few --pretrain-epochs 0 --epochs 1 --json "$long.txt"
[ -s "$long.txt" ] || fail "a name of 255 bytes"
# shellcheck disable=SC2086
expect 2 "$train" $few --pretrain-epochs 0 --epochs 1 --json "${long}0.txt"
says "json: cannot write '0*.txt': the file name has 256 bytes, the file system takes 255"

# What a crash left is removed before the training; what is no temporary file of this name stays.
touch run.json.partial-4000000 run.json.partial-4000000x other.json.partial-4000000
# shellcheck disable=SC2086
expect 0 "$train" $few --pretrain-epochs 0 --epochs 1 --json run.json
[ ! -e run.json.partial-4000000 ] || fail "a stray file is left"
[ -e run.json.partial-4000000x ] || fail "a file of others is removed"
[ -e other.json.partial-4000000 ] || fail "the file of another output is removed"
exit $failed
