#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Puts one bug after another into the kernels; the program beside this script must notice each.

usage: seeded_bugs.py COMPILER FOLDER      FOLDER is for copies of the kernels and what is compiled
"""

import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# File of include/detent/cuda, a text that occurs there once, what takes its place.
BUGS = [
    ("block_tree.cuh", "  __syncthreads();\n", ""),
    ("block_tree.cuh", "half >= Groups; half /= 2", "half > Groups; half /= 2"),
    ("block_tree.cuh", "thread % sharing == 0", "thread % 32 == 0"),
    ("block_tree.cuh", "c += static_cast<unsigned>(tree_groups)", "c += blockDim.x"),
    ("block_tree.cuh", "int warp = 1; warp < warps; ++warp", "int warp = warps - 1; warp > 0; --warp"),
    ("pass.cuh", "    rows[r].store(arrays, at)", "    rows[r].store(arrays, first)"),
    ("pass.cuh", "+ j >= used", "+ j > used"),
    ("pass.cuh", "if (are_aligned<of::width>(kernel.arrays()))", "if (true)"),
    ("pass.cuh", "meeting.ticket + tensor, chunks - 1)", "meeting.ticket + tensor, chunks)"),
    ("pass.cuh", "  __syncthreads();\n  if (last)", "  if (last)"),
]


FLAGS = ["-std=c++20", "-O0", f"-I{ROOT}/include", f"-I{ROOT}/tests"]


def precompile(compiler, folder):
    """What has no bugs is read once; it comes before the kernels, which are searched in FOLDER."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    header = folder / "without_bugs.hpp"
    header.write_text("#define DETENT_ISA_DISPATCH 0\n#include <support/cuda_emulator.hpp>\n"
                      "#include <detent/algorithm/accumulate.hpp>\n"
                      "#include <support/tensors.hpp>\n")
    subprocess.run([compiler, *FLAGS, "-x", "c++-header", str(header)], check=True)


def notices(compiler, folder, bug):
    """Whether the program with the bug, None for no bug, exits with another status than 0."""
    shutil.rmtree(folder / "detent", ignore_errors=True)
    shutil.copytree(ROOT / "include/detent/cuda", folder / "detent/cuda")
    if bug:
        name, right, wrong = bug
        file = folder / "detent/cuda" / name
        text = file.read_text()
        if text.count(right) != 1:
            sys.exit(f"{name}: '{right}' occurs {text.count(right)} times, not once")
        file.write_text(text.replace(right, wrong))
    program = folder / "program"
    subprocess.run(
        [compiler, f"-I{folder}", *FLAGS, "-include", "without_bugs.hpp",
         str(ROOT / "tests/cuda/seeded_bugs.cpp"), "-o", str(program)], check=True)
    ran = subprocess.run([str(program)], capture_output=True, timeout=120)
    return ran.returncode != 0


def main():
    compiler, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    precompile(compiler, folder)
    if notices(compiler, folder, None):
        sys.exit("the program fails without a bug")
    missed = [bug for bug in BUGS if not notices(compiler, folder, bug)]
    for name, right, wrong in missed:
        print(f"not noticed: {name}: '{right}' -> '{wrong}'")
    print(f"{len(BUGS) - len(missed)} of {len(BUGS)} bugs noticed")
    sys.exit(bool(missed))


main()
