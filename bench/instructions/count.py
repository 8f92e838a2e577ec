#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Instructions a weight of every method and instruction set, as JSON on standard output.

Baseline and AVX2 by callgrind: a run of two calls minus a run of one, so that start-up cancels.
AVX-512, which valgrind does not know, by the processor's single-step flag; the first method's AVX2
by both, as a check.
The figures depend on compiler and flags alone. usage: count.py PROGRAM [WEIGHTS]
"""
import json
import os
import re
import shutil
import subprocess
import sys


def run(arguments, isa):
    environment = dict(os.environ, DETENT_ISA=isa, OMP_NUM_THREADS="1")
    return subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)


def by_callgrind(program, method, weights, isa):
    def collected(calls):
        result = run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                      program, method, str(weights), str(calls)], isa)
        return int(re.search(r"Collected : (\d+)", result.stderr).group(1))

    return (collected(2) - collected(1)) / weights


def by_steps(program, method, weights, isa):
    return int(run([program, method, str(weights), "step"], isa).stdout) / weights


def mnemonics(program):
    """Address → mnemonic, relative to the begin of the program."""
    symbols = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout
    begin = int(re.search(r"^(\w+) . __executable_start$", symbols, re.M).group(1), 16)
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", program],
                             capture_output=True, text=True, check=True).stdout
    return {int(address, 16) - begin: mnemonic
            for address, mnemonic in re.findall(r"^ +(\w+):\t(\w+)", listing, re.M)}


def profile(program, method, weights, isa):
    """Instructions a weight by mnemonic, the frequent ones."""
    names, totals = mnemonics(program), {}
    for line in run([program, method, str(weights), "profile"], isa).stdout.splitlines():
        address, times = line.split()
        name = names.get(int(address, 16), "?")
        totals[name] = totals.get(name, 0) + int(times) / weights
    frequent = sorted(totals.items(), key=lambda item: -item[1])
    return {name: times for name, times in frequent if times > 0.005}


def count(program, weights):
    has = lambda isa: run([program, "isa"], isa).stdout.strip() == isa
    rows = []
    for method in run([program, "list"], "baseline").stdout.split():
        row = {"method": method}
        for isa in ("baseline", "avx2"):
            if shutil.which("valgrind") and has(isa):
                row[isa] = by_callgrind(program, method, weights, isa)
        for isa in ("avx512",) if rows else ("avx2", "avx512"):
            if has(isa):
                row[f"{isa}_stepped"] = by_steps(program, method, weights, isa)
        rows.append(row)
    profiles = {isa: profile(program, rows[0]["method"], weights, isa)
                for isa in ("avx2", "avx512") if has(isa)}
    return {"weights": weights, "rows": rows, "profiles": profiles}


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: count.py PROGRAM [WEIGHTS]")
    json.dump(count(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 1 << 14), sys.stdout,
              indent=1)
    print()
