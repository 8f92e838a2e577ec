#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Puts one fault after another into the headers; the named test must notice each.

    tests/mutation/mutate.py --jobs 2 --store     the full round (20 minutes on two idle cores)
    tests/mutation/mutate.py --check              only whether every fault can be put in, without a compiler
    tests/mutation/mutate.py --survivors --store  once more, what survived the round that is stored
    tests/mutation/mutate.py quantizer/ philox    the mutants whose names contain one of the texts
    tests/mutation/mutate.py --sample 10          ten of them, evenly spaced over the table

The table of the faults is mutants.py; results.json keeps the outcome of the last round. A mutant is caught when its
test fails, ends by a signal or by the time limit, or does not compile. The exit status is 0 if every mutant that
changes a documented result is caught, and every equivalent one survives.

A mutant needs one file: a folder with the changed header comes before include/ in the search path. The compiler
reads doctest and the standard library from a precompiled header.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import mutants

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESULTS = HERE / "results.json"

STANDARD = """#include <doctest/doctest.h>
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <vector>
"""
# The headers of the host hold no fault while a kernel of the device does.
DEVICE = """#include <support/cuda_emulator.hpp>
#include <detent/detent.hpp>
"""


@dataclasses.dataclass(frozen=True)
class Settings:
    """How a test is compiled."""

    flags: tuple
    header: str = STANDARD
    beside: tuple = ("main.cpp",)  # what else the program is linked from


def settings_of(test, file=""):
    """The loops of one instruction set suffice, except where instruction sets are the subject. `file` has the fault."""
    folder = test.split("/")[0]
    flags = ["-std=c++20", "-O1" if test in mutants.OPTIMIZED else "-O0"]
    if test not in mutants.WITH_INSTRUCTION_SETS:
        flags.append("-DDETENT_ISA_DISPATCH=0")
    if folder in ("algorithm", "execution"):
        flags += ["-fopenmp", "-isystem/usr/include/eigen3", f"-I{ROOT}/docs"]
    beside = mutants.BESIDE.get(test, ("main.cpp",))
    header = STANDARD if beside else ""
    if folder == "cuda" and file.startswith("cuda/"):
        header = DEVICE + header
    return Settings(tuple(flags), header, beside)


def source_of(test):
    """The file of a test named as CTest names it."""
    name = test.removesuffix("@baseline")
    file = ROOT / "tests" / f"{name}_test.cpp"
    return file if file.exists() else ROOT / "tests" / f"{name}.cpp"


def pattern_of(text):
    """Any white space where the text has some: a formatted line may break elsewhere."""
    return re.compile(r"\s+".join(re.escape(word) for word in text.split()))


def mutated(mutant, text):
    """The header's text with the fault, and an empty string; or None, and why there is no place for it."""
    begin = 0
    if mutant.after:
        anchor = pattern_of(mutant.after).search(text)
        if not anchor:
            return None, f"'{mutant.after}' does not occur"
        begin = anchor.end()
    found = list(pattern_of(mutant.old).finditer(text, begin))
    if not found:
        return None, f"'{mutant.old}' does not occur"
    if len(found) > 1 and not mutant.after:
        return None, f"'{mutant.old}' occurs {len(found)} times, not once"
    result = text[:found[0].start()] + mutant.new + text[found[0].end():]
    return (result, "") if result != text else (None, "changes nothing")


def header_of(mutant):
    return ROOT / "include/detent" / mutant.file


def check():
    """The reasons why the table is wrong."""
    problems = []
    names = set()
    for mutant in mutants.MUTANTS:
        if mutant.name in names:
            problems.append(f"{mutant.name}: the name occurs twice")
        names.add(mutant.name)
        problem = "the header does not exist"
        if header_of(mutant).exists():
            problem = mutated(mutant, header_of(mutant).read_text())[1]
        if problem:
            problems.append(f"{mutant.name}: {problem}")
        for test in mutant.tests:
            if not source_of(test).exists():
                problems.append(f"{mutant.name}: the test {test} does not exist")
    without = [f for f in headers() if f not in mutants.WITHOUT and all(m.file != f for m in mutants.MUTANTS)]
    problems += [f"{file}: no fault is seeded into this header" for file in without]
    return problems


def headers():
    folder = ROOT / "include/detent"
    return sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.suffix in (".hpp", ".cuh"))


class Bench:
    """Compiles and runs tests in a folder of its own."""

    def __init__(self, compiler, folder):
        self.compiler, self.folder = compiler, folder
        self.seconds = {}  # of an unmutated run
        self.precompiled = {}

    def call(self, arguments):
        return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, errors="replace")

    def prepare(self, pairs):
        """Compiles what the tests share; `pairs` are tests and headers with faults."""
        self.call([self.compiler, "-std=c++20", "-O0", "-c", ROOT / "tests/main.cpp", "-o", self.folder / "main.o"])
        for settings in {settings_of(*pair) for pair in pairs}:
            header = self.folder / f"shared_{len(self.precompiled)}" / "shared.hpp"
            header.parent.mkdir()
            header.write_text(settings.header)
            suffix = ".pch" if "clang" in pathlib.Path(self.compiler).name else ".gch"
            self.call([self.compiler, *settings.flags, f"-I{ROOT}/include", f"-I{ROOT}/tests", "-x", "c++-header",
                       header, "-o", str(header) + suffix])
            self.precompiled[settings] = header

    def build(self, test, program, overlay, file):
        settings = settings_of(test, file)
        beside = [self.folder / "main.o" if name == "main.cpp" else ROOT / "tests" / name for name in settings.beside]
        return self.call([self.compiler, *settings.flags, "-w", "-include", self.precompiled[settings],
                          *([f"-I{overlay}"] if overlay else []), f"-I{ROOT}/include", f"-I{ROOT}/tests",
                          source_of(test), *beside, "-o", program])

    def outcome(self, test, place, overlay=None, file="cuda/"):
        """'passed', 'does not compile', 'failed' or 'ran too long', and what the test printed."""
        program = place / test.replace("/", "_")
        compiled = self.build(test, program, overlay, file)
        if compiled.returncode != 0:
            return "does not compile", compiled.stderr
        limit = max(20.0, 8 * self.seconds.get(test, 30.0))
        environment = dict(os.environ, OMP_NUM_THREADS="2", OMP_WAIT_POLICY="passive")
        try:
            ran = subprocess.run([str(program)], capture_output=True, text=True, errors="replace", cwd=place,
                                 timeout=limit, env=environment)
        except subprocess.TimeoutExpired:
            return "ran too long", ""
        finally:
            program.unlink()
        return ("passed" if ran.returncode in (0, 77) else "failed"), ran.stdout

    def place(self, name):
        place = self.folder / re.sub(r"[^a-z0-9]+", "_", name)
        place.mkdir()
        return place

    def unmutated(self, test):
        place = self.place("unmutated " + test)
        begin = time.monotonic()
        result, output = self.outcome(test, place)
        self.seconds[test] = time.monotonic() - begin
        shutil.rmtree(place)
        return result, output

    def mutant(self, mutant):
        """The outcome, the test that noticed, and the seconds it took."""
        place = self.place(mutant.name)
        file = place / "overlay/detent" / mutant.file
        file.parent.mkdir(parents=True)
        file.write_text(mutated(mutant, header_of(mutant).read_text())[0])
        begin = time.monotonic()
        outcome, noticed = "survived", ""
        for test in mutant.tests:
            result, _ = self.outcome(test, place, place / "overlay", mutant.file)
            if result != "passed":
                outcome, noticed = ("caught" if result == "failed" else result), test
                break
        shutil.rmtree(place)
        return outcome, noticed, time.monotonic() - begin


def stored():
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {"round": {}, "mutants": {}}


def store(arguments, outcomes, seconds):
    """One line a mutant, so that a difference can be read; what no longer exists is dropped."""
    before = stored()
    everything = {**before["mutants"], **outcomes}
    rows = {m.name: everything[m.name] for m in mutants.MUTANTS if m.name in everything}
    last = before["round"]
    if len(outcomes) == len(mutants.MUTANTS):
        version = subprocess.run([arguments.compiler, "--version"], capture_output=True, text=True)
        last = {"compiler": (version.stdout.splitlines() or [""])[0], "jobs": arguments.jobs, "seconds": round(seconds)}
    lines = [f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()]
    RESULTS.write_text('{"round": ' + json.dumps(last) + ',\n "summary": ' + json.dumps(summary(rows)) +
                       ',\n "mutants": {\n' + ",\n".join(lines) + "\n}}\n")


def summary(rows):
    """How many of those that change a documented result were caught."""
    changing = [m for m in mutants.MUTANTS if m.name in rows and not m.equivalent]
    caught = sum(rows[m.name]["outcome"] != "survived" for m in changing)
    share = round(100.0 * caught / len(changing), 1) if changing else 0.0
    return {"change a result": len(changing), "caught": caught, "percent": share,
            "equivalent": sum(1 for m in mutants.MUTANTS if m.name in rows and m.equivalent)}


def chosen(arguments):
    """The mutants that the command line asks for."""
    some = list(mutants.MUTANTS)
    if arguments.names:
        some = [m for m in some if any(text in m.name for text in arguments.names)]
    if arguments.survivors:
        before = stored()["mutants"]
        some = [m for m in some if not m.equivalent and
                (m.name not in before or before[m.name]["outcome"] == "survived")]
    if arguments.sample and arguments.sample < len(some):
        some = [some[k * len(some) // arguments.sample] for k in range(arguments.sample)]
    return some


def run(arguments, some, folder):
    """The outcomes by name, or None where a test fails without a fault."""
    bench = Bench(arguments.compiler, folder)
    tests = sorted({test for m in some for test in m.tests})
    bench.prepare({(test, "cuda/") for test in tests} | {(test, m.file) for m in some for test in m.tests})
    outcomes = {}
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        failing = False
        for test, (result, output) in zip(tests, pool.map(bench.unmutated, tests)):
            if arguments.verbose:
                print(f"unmutated: {test}: {result} ({bench.seconds[test]:.1f} s)", flush=True)
            if result != "passed":
                failing = True
                print(f"{test} without a fault: {result}\n{output[-2000:]}", flush=True)
        if failing:
            return None
        for mutant, (outcome, noticed, seconds) in zip(some, pool.map(bench.mutant, some)):
            outcomes[mutant.name] = {"outcome": outcome, "by": noticed}
            if arguments.store:
                store(arguments, outcomes, time.monotonic() - begin)
            remark = f" (equivalent: {mutant.equivalent})" if mutant.equivalent else ""
            print(f"{outcome:16} {seconds:6.1f} s  {mutant.name}{remark}", flush=True)
    return outcomes


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="texts, one of which the name of a mutant contains")
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--jobs", "-j", type=int, default=1)
    parser.add_argument("--sample", type=int, help="so many of them, evenly spaced")
    parser.add_argument("--survivors", action="store_true", help="those that the stored round did not catch")
    parser.add_argument("--check", action="store_true", help="only whether the table fits the headers")
    parser.add_argument("--store", action="store_true", help="writes results.json, mutant by mutant")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


def main():
    arguments = parse()
    problems = check()
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"{len(problems)} problems of the table")
    if arguments.check:
        print(f"{len(mutants.MUTANTS)} mutants apply to {len(headers())} headers")
        return
    some = chosen(arguments)
    if not some:
        sys.exit("no mutant has such a name")
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="detent-mutants-") as folder:
        outcomes = run(arguments, some, pathlib.Path(folder))
    if outcomes is None:
        sys.exit("a test fails without a fault")
    numbers = summary(outcomes)
    print(f"{numbers['caught']} of {numbers['change a result']} mutants that change a result caught "
          f"({numbers['percent']} %), {numbers['equivalent']} equivalent, {time.monotonic() - begin:.0f} s")
    wrong = [m for m in some if (outcomes[m.name]["outcome"] == "survived") != bool(m.equivalent)]
    for m in wrong:
        print(f"{'survived' if not m.equivalent else 'not equivalent'}: {m.name}: '{m.old}' -> '{m.new}'")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
