#!/bin/sh
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# kills.sh TRAIN COMPARE: in an empty folder, runs of every kind of method are killed (kill -9) at random moments and resumed,
# 27 kills in all, with another number of threads each time. Network and result are those of an undisturbed run, bit
# for bit, but for the times.
train=$1
compare=$2
few="--data glyphs --max-train 512 --max-validation 64 --max-test 64 --batch 32"
failed=0

fail() {
  echo "FAILED: $*"
  failed=1
}

# A result without its times.
without_times() {
  sed -e '/"seconds"/d' -e '/"seconds_per_epoch"/d' -e '/"regularizer_share"/d' "$1"
}

# The next number below so many, of a sequence that is the same in every run of this test.
seed=20
random() {
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
  number=$(((seed / 65536) % $1))
}

milliseconds() {
  date +%s%N | sed 's/......$//'
}

# kills COUNT OPTIONS…: one run by itself, and one killed so many times.
kills() {
  left=$1
  shift
  rm -rf kept
  begin=$(milliseconds)
  # shellcheck disable=SC2086
  "$train" $few "$@" --threads 1 --json whole.json --export whole.safetensors >whole.log 2>&1 || {
    fail "undisturbed: $*" && cat whole.log
  }
  time=$(($(milliseconds) - begin))
  rm -f killed.json killed.safetensors
  attempts=0
  while [ $attempts -lt 100 ]; do
    attempts=$((attempts + 1))
    # shellcheck disable=SC2086
    "$train" $few "$@" --threads $((1 + attempts % 2)) --checkpoint kept --resume --checkpoint-every 3 \
      --json killed.json --export killed.safetensors >killed.log 2>&1 &
    process=$!
    if [ "$left" -gt 0 ]; then
      random $((time + 1))
      sleep "$(printf '%d.%03d' $((number / 1000)) $((number % 1000)))"
      kill -9 $process 2>/dev/null && left=$((left - 1))
      wait $process 2>/dev/null
      continue
    fi
    wait $process || { fail "resumed: $*" && cat killed.log; }
    break
  done
  cmp whole.safetensors killed.safetensors || fail "another network: $*"
  without_times whole.json >whole.txt
  without_times killed.json >killed.txt
  cmp whole.txt killed.txt || { fail "another result: $*" && diff whole.txt killed.txt | head -n 20; }
  for stray in kept/*.partial-*; do
    [ ! -e "$stray" ] || fail "a temporary file is left: $stray"
  done
}

# refused TEXT OPTIONS…: a run that goes on in the folder kept with other settings.
refused() {
  text=$1
  shift
  # shellcheck disable=SC2086
  "$train" $few $short --checkpoint kept "$@" >refused.log 2>&1
  [ $? -eq 2 ] || fail "not refused: $*"
  grep -q -e "$text" refused.log || { fail "no message '$text'" && cat refused.log; }
}

short="--model mlp --pretrain-epochs 2 --epochs 3"
# shellcheck disable=SC2086
{
  kills 2 $short --method none --augment
  kills 2 $short --method dorefa+sinreq --bits 3 --activation-bits 4 --lr-schedule cosine --optimizer adam
  refused "belongs to another run: --lr is '0.02' there and '0.03' here" --resume --lr 0.03
  refused "train.checkpoint' is there; go on with it by --resume, or remove it" --bits 3
  kills 2 $short --method wrpn --bits 2 --activation-bits 4 --weight-decay 0.001
  kills 2 $short --method lsq --bits 3 --activation-bits 3
  kills 2 $short --method rq --bits 3
  kills 2 $short --method srq+dropbits+learned-bits --bits 4
  kills 2 $short --method dorefa+waveq --target-bits 4
  kills 2 $short --method waveq --target-bits 3
  kills 1 $short --method gradl1 --strength 0.1 --activation-strength 0.05 --start-epoch 2 --ptq 4,8/32
  kills 2 $short --method kure --start-epoch 2
  kills 1 $short --method bin --bits 3 --start-epoch 2
  kills 2 $short --method dorefa+sinreq --bits 3 --forward float --decoupled --optimizer adam
  few="--data glyphs --max-train 64 --max-validation 32 --max-test 32 --batch 16"
  kills 2 --model resnet20 --pretrain-epochs 1 --epochs 2 --method wrpn+sinreq --bits 3 --first-last 8bit
}

# A comparison, whose finished runs are not computed twice.
options="--model mlp --data glyphs --max-train 512 --max-validation 64 --max-test 64 --batch 32 --pretrain-epochs 2
  --epochs 3 --methods none,dorefa,lsq --bits 3,2 --seeds 1,2 --lr-schedules constant"
begin=$(milliseconds)
# shellcheck disable=SC2086
"$compare" $options --jobs 1 --json whole.json >whole.log 2>&1 || fail "an undisturbed comparison"
time=$(($(milliseconds) - begin))
rm -rf kept
left=3
while true; do
  # shellcheck disable=SC2086
  "$compare" $options --jobs $((1 + left % 2)) --checkpoint kept --resume --checkpoint-every 3 --json killed.json \
    >killed.log 2>&1 &
  process=$!
  [ $left -gt 0 ] || break
  random $((time + 1))
  sleep "$(printf '%d.%03d' $((number / 1000)) $((number % 1000)))"
  kill -9 $process 2>/dev/null
  left=$((left - 1))
  wait $process 2>/dev/null
done
wait "$process" || { fail "a resumed comparison" && cat killed.log; }
without_times whole.json >whole.txt
without_times killed.json >killed.txt
cmp whole.txt killed.txt || fail "another comparison"
cat kept/run-*.checkpoint | cksum >before
# shellcheck disable=SC2086
"$compare" $options --jobs 1 --checkpoint kept --resume --json again.json >again.log 2>&1 || fail "a comparison that is whole"
cat kept/run-*.checkpoint | cksum >after
cmp before after || fail "a finished run was computed twice"
cmp killed.json again.json || fail "another result of the finished runs"
exit $failed
