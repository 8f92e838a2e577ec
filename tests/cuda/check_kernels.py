#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Compiles every kernel for every architecture and looks at what came out; needs no device.

usage: check_kernels.py NVCC FOLDER      FOLDER is for what is compiled

No warning, spill or local memory anywhere. In the PTX and machine code for sm_90: no generic or local
access, 128-bit loads, no floating-point atomic, no approximate sine, at most 64 registers and 28
instructions a weight for a float accumulate. With and without the compiler's own fusing of multiplications and additions the same
instructions: so the host's bits. In the object: no call of the CUDA runtime but launches and copies.
Exit status 77 where there is no NVCC.
"""

import collections
import pathlib
import re
import resource
import shutil
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARCHITECTURES = [75, 80, 86, 89, 90, 100, 120]
CODE = [f"-gencode=arch=compute_{a},code=sm_{a}" for a in ARCHITECTURES]
LOOKED_AT = 90
REGISTERS = 64  # of accumulate of the sinusoid for float
INSTRUCTIONS = 28  # of its loop, a weight
WEIGHTS_OF_LOOP = 16  # of a thread: four rows of four
RUNTIME_CALLS = {"cudaLaunchKernelExC", "cudaMemcpyAsync", "cudaMemsetAsync", "cudaGetErrorString"}

# Opcodes of sm_70 and later: the low 12 bits, or 9 where the operands vary. Names as in NVIDIA's
# disassembler.
MEMORY = {0x381: "LDG", 0x981: "LDG", 0x386: "STG", 0x986: "STG", 0x980: "LD", 0x985: "ST",
          0x983: "LDL", 0x387: "STL", 0x987: "STL"}
ARITHMETIC = {0x020: "FMUL", 0x021: "FADD", 0x023: "FFMA", 0x028: "DMUL", 0x029: "DADD",
              0x02b: "DFMA", 0x032: "HMUL2", 0x030: "HADD2", 0x031: "HFMA2", 0x108: "MUFU"}
WIDTHS = {4: 32, 5: 64, 6: 128}
BRANCH, NOP = 0x947, 0x918


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(c) for c in command)}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def kernels_of(cubin):
    """Name and code of every kernel in an ELF file."""
    data = cubin.read_bytes()
    offset, = struct.unpack_from("<Q", data, 0x28)
    size, count, names = struct.unpack_from("<HHH", data, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, offset + i * size) for i in range(count)]
    for section in sections:
        start = sections[names][4] + section[0]
        name = data[start:data.index(b"\0", start)].decode()
        if name.startswith(".text."):
            yield name[6:], data[section[4]:section[4] + section[5]]


def decoded(code):
    """(name, bits of a memory access, index that a branch leads to) of every instruction."""
    instructions = []
    for at in range(0, len(code), 16):
        low, high = struct.unpack_from("<QQ", code, at)
        opcode = low & 0xFFF
        name = MEMORY.get(opcode) or ARITHMETIC.get(opcode & 0x1FF)
        target = None
        if opcode == BRANCH:
            offset = (low >> 34) | ((high & 0x3FFFF) << 30)
            offset -= (offset >> 47) << 48
            target = at // 16 + 1 + ((offset << 8) | ((low >> 16) & 0xFF)) // 4
            name = "BRA"
        bits = WIDTHS.get((high >> 9) & 7, 16) if opcode in MEMORY else 0
        instructions.append((name or ("NOP" if opcode == NOP else f"{opcode:03x}"), bits, target))
    return instructions


def main_loop(instructions):
    """The longest of the loops with the widest loads."""
    loops = [instructions[target:i + 1] for i, (_, _, target) in enumerate(instructions)
             if target is not None and 0 <= target < i]
    return max(loops, key=lambda loop: (widest_load(loop), len(loop)), default=[])


def widest_load(instructions):
    return max((bits for name, bits, _ in instructions if name == "LDG"), default=0)


def short(name):
    text = subprocess.run(["c++filt", name], capture_output=True, text=True).stdout.strip()
    text = re.sub(r"\((\w+::)*\w+\)(-?\d)", r"\2", text)  # (detent::extent)0
    text = re.sub(r"\(.*", "", text).replace("detent::", "").replace("cuda::", "")
    text = re.sub(r"\bv\d+_\d+\w*::", "", text)  # DETENT_ABI
    text = re.sub(r"^.*?run_(pass|observation)<(detail::)?", "", text)
    return re.sub(r", (detail::)?(planned|single)_segments?<.*", "", text)


def compile_all(nvcc, folder):
    """What ptxas says of all kernels; leaves PTX and machine code in the folder."""
    run(nvcc, "-std=c++20", f"-I{ROOT}/include", "-Werror", "all-warnings", *CODE, "-c",
        ROOT / "tests/cuda/histogram.cu", "-o", folder / "histogram.o")
    return run(nvcc, "-std=c++20", f"-I{ROOT}/include", "-Werror", "all-warnings", "-Xptxas",
               "-v,-warn-spills,-warn-lmem-usage", *CODE, "--keep", "--keep-dir", folder, "-c",
               ROOT / "tests/cuda/instances.cu", "-o", folder / "instances.o")


def registers_in(log):
    """Kernel → registers, for the architecture looked at."""
    found = {}
    for name, arch, rest in re.findall(
            r"Compiling entry function '(\w+)' for 'sm_(\d+)'(.*?)(?=Compiling entry|\Z)", log, re.S):
        if int(arch) == LOOKED_AT:
            found[name] = int(re.search(r"Used (\d+) registers", rest)[1])
    return found


def check_object(path):
    symbols = run("nm", "-u", path)
    calls = set(re.findall(r"\b(cuda[A-Z]\w+)", symbols)) - RUNTIME_CALLS
    return [f"object: calls {call}" for call in sorted(calls)]


def check_ptx(path):
    wrong = []
    for entry in re.split(r"\n(?=\.(?:visible |weak )?\.?entry)", path.read_text())[1:]:
        name = re.search(r"\.entry\s+(\w+)", entry)[1]
        for what, pattern in (
                ("local memory", r"\b(ld|st)\.local|__local_depot"),
                ("generic access", r"\b(ld|st)\.(?!global|shared|param|const|volatile)[a-z]"),
                ("approximate sine", r"\b(sin|cos)\.approx"),
                ("floating-point atomic", r"\b(atom|red)\.[a-z.]*\.f(16|32|64)"),
                ("generic atomic", r"\b(atom|red)\.(?!global|shared)")):
            if re.search(pattern, entry):
                wrong.append(f"{short(name)}: {what} in PTX")
    return wrong


def check_code(fused, unfused, registers):
    """Faults, and a line a kernel."""
    wrong, lines = [], []
    plain = dict(kernels_of(unfused))
    for name, code in kernels_of(fused):
        title, instructions = short(name), decoded(code)
        names = collections.Counter(n for n, _, _ in instructions)
        loop = main_loop(instructions)
        for generic in ("LD", "ST", "LDL", "STL"):
            if names[generic]:
                wrong.append(f"{title}: {generic} in machine code")
        without = collections.Counter(n for n, _, _ in decoded(plain[name]))
        for operation in ARITHMETIC.values():
            if names[operation] != without[operation]:
                wrong.append(f"{title}: {names[operation]} {operation}, {without[operation]} unfused")
        if "pass<" in title and widest_load(loop) != 128:
            wrong.append(f"{title}: loads of {widest_load(loop)} bits")
        is_float = re.search(r"regularized_layer<.*, float, float>", title) is not None
        if title.startswith("accumulate_pass") and "sinusoidal" in title and is_float:
            if "through" not in title:
                if registers[name] > REGISTERS:
                    wrong.append(f"{title}: {registers[name]} registers")
                if len(loop) > INSTRUCTIONS * WEIGHTS_OF_LOOP:
                    wrong.append(f"{title}: {len(loop) / WEIGHTS_OF_LOOP} instructions a weight")
        lines.append((title, registers[name], len(loop)))
    return wrong, lines


def main():
    nvcc, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if shutil.which(nvcc) is None:
        print("nvcc not found: the device code is not compiled")
        sys.exit(77)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    registers = registers_in(compile_all(nvcc, folder))
    unfused = folder / "unfused.cubin"
    run(nvcc, "-std=c++20", f"-I{ROOT}/include", "-fmad=false", f"-arch=sm_{LOOKED_AT}", "-cubin",
        ROOT / "tests/cuda/instances.cu", "-o", unfused)
    fused = folder / f"instances.compute_{LOOKED_AT}.cubin"
    ptx = folder / f"instances.compute_{LOOKED_AT}.ptx"
    wrong, lines = check_code(fused, unfused, registers)
    wrong += check_object(folder / "instances.o") + check_ptx(ptx)
    for title, used, length in sorted(lines):
        print(f"{used:4} registers, loop of {length:4} instructions: {title}")
    begin = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    run(nvcc, "-std=c++20", f"-I{ROOT}/include", f"-arch=sm_{LOOKED_AT}", "-c",
        ROOT / "tests/cuda/smallest.cu", "-o", folder / "smallest.o")
    seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begin
    print(f"the smallest program: {seconds:.1f} s of processor time to compile")
    print("\n".join(wrong) or f"{len(lines)} kernels: no fault found")
    sys.exit(bool(wrong))


main()
