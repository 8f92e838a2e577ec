#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Writes docs/performance.md from the JSON of scripts/performance. usage: performance_table.py FOLDER"""
import json
import pathlib
import platform
import re
import sys

COMPILERS = ("g++", "clang++")
BOUNDED = "accumulate/bounded"
IN_L2, IN_MEMORY, IN_L3 = 1 << 16, 1 << 25, 1 << 22


def read(path):
    return pathlib.Path(path).read_text().strip()


def load(folder, name):
    path = folder / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def caches():
    words = []
    for index in sorted(pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind = read(index / "type")
        if kind != "Instruction":
            words.append(f"L{read(index / 'level')} {read(index / 'size').replace('K', ' KiB')}")
    return ", ".join(words)


def machine():
    cpu = re.search(r"^model name\s*: (.*)$", read("/proc/cpuinfo"), re.M)
    family = re.search(r"^cpu family\s*: (.*)$", read("/proc/cpuinfo"), re.M)
    model = re.search(r"^model\s*: (.*)$", read("/proc/cpuinfo"), re.M)
    cores = len(re.findall(r"^processor\s*:", read("/proc/cpuinfo"), re.M))
    flags = set(re.search(r"^flags\s*: (.*)$", read("/proc/cpuinfo"), re.M).group(1).split())
    isa = [name for flag, name in (("avx2", "AVX2"), ("fma", "FMA"), ("avx512dq", "AVX-512"))
           if flag in flags]
    return (f"{cpu.group(1)} (family {family.group(1)}, model {model.group(1)}), {cores} cores, "
            f"{' '.join(isa)}; {caches()}; {platform.system()} {platform.machine()}")


def power(weights):
    return f"2{str(weights.bit_length() - 1).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def digits(x):
    return f"{x:.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}"


def find(rows, **wanted):
    found = [r for r in rows if all(r[key] == value for key, value in wanted.items())]
    return found[0] if found else None


def missed(share):
    return f"missed by {100 * share:.{0 if share > 0.1 else 1}f} %"


def at_least(value, target):
    if value is None:
        return "not measured"
    if value >= target:
        return f"{digits(value)}, met"
    return f"**{digits(value)}**, {missed(1 - value / target)}"


def at_most(value, target):
    if value is None:
        return "not measured"
    if value <= target:
        return f"{value:.3f} ns, met"
    return f"**{value:.3f}** ns, {missed(value / target - 1)}"


def of(row, key="ratio"):
    return row[key] if row else None


def target_lines(measured, pytorch):
    def line(what, target, value_of, judge=at_least):
        cells = [judge(value_of(m["rows"]), target) if m else "not measured"
                 for m in measured.values()]
        sign = "≥" if judge is at_least else "≤"
        unit = "" if judge is at_least else " ns a weight"
        return f"| {what} | {sign} {target:g}{unit} | {' | '.join(cells)} |"

    for threads in (1, 2):
        yield line(f"accumulate, n = 2²⁵, {threads} thread{'s' * (threads > 1)}, against the axpy",
                   0.95, lambda r: of(find(r, group="sizes", weights=IN_MEMORY, threads=threads)))
    for isa, target in (("avx512", 0.2), ("avx2", 0.4)):
        yield line(f"within L2 (n = 2¹⁶), {isa.upper().replace('X5', 'X-5')}", target,
                   lambda r: of(find(r, group="isa", weights=IN_L2, isa=isa), "ns"), at_most)
    for size in (IN_L2, IN_L3):
        for reference, target in (("std::sin loop", 50), ("Eigen", 2)):
            name = "Eigen, `-O3 -march=native`" if reference == "Eigen" else "the `std::sin` loop"
            yield line(f"against {name}, n = {power(size)}, one thread", target,
                       lambda r: of(find(r, group="loops", name=BOUNDED, reference=reference,
                                         weights=size)))
    for size in (IN_L2, IN_L3):
        row = find(pytorch["rows"], name="PyTorch eager, autograd", weights=size) if pytorch else None
        cells = [at_least(of(row, "times_bounded"), 50)] + ["–"] * (len(measured) - 1)
        yield (f"| against PyTorch eager, n = {power(size)}, one thread | ≥ 50 | "
               f"{' | '.join(cells)} |")
    for threads in (1, 2):
        for name, reference, target in (("quantize", "a copy", 0.8), ("backward", "the multiply-add", 0.5)):
            yield line(f"{name}/semi_relaxed, n = 2²⁵, {threads} thread{'s' * (threads > 1)}, against "
                       f"{reference} of the same bytes", target,
                       lambda r: of(find(r, group="learned", name=f"{name}/semi_relaxed",
                                         weights=IN_MEMORY, threads=threads)))
    for levels in (5, 16):
        for size in (IN_L2, 1 << 20):
            row = (find(pytorch.get("relaxed", []), name=f"PyTorch eager, {levels} levels", weights=size)
                   if pytorch else None)
            cells = [at_least(of(row, "times_detent"), 20)] + ["–"] * (len(measured) - 1)
            yield (f"| relaxed quantization, {levels} levels, forward and backward, against PyTorch "
                   f"eager, n = {power(size)}, one thread | ≥ 20 | {' | '.join(cells)} |")
    for size in (IN_L2, IN_MEMORY):
        yield line(f"one-line lambda against the hand-written functor, n = {power(size)}", 0.9,
                   lambda r: of(find(r, group="lambda", weights=size)))
    for threads in (1, 2):
        yield line(f"161 tensors of ResNet-50 against one, {threads} thread{'s' * (threads > 1)}",
                   0.97, lambda r: of(find(r, group="layers", name=BOUNDED, threads=threads)))
    held = " | ".join(["a test holds it"] * len(measured))
    yield ("| bits over threads, instruction sets, compilers, -O2 and -O3 (`tests/execution`) | equal "
           f"| {held} |")
    yield ("| allocations a call after the first (`tests/algorithm/allocation_test.cpp`) | 0 "
           f"| {held} |")


def targets(measured, pytorch):
    names = " | ".join(m["compiler"] if m else c for c, m in measured.items())
    return "\n".join([f"| what | target | {names} |", "|---|---|" + "---|" * len(measured),
                      *target_lines(measured, pytorch)]) + "\n"


def bandwidth(row, key):
    return f"{row['bytes'] / row[key]:.1f}"


def size_table(rows):
    out = ["| n | w and g | 1 thread: ns a weight | GB/s | axpy GB/s | ratio "
           "| 2 threads: ns a weight | GB/s | axpy GB/s | ratio |", "|---" * 10 + "|"]
    sizes = sorted({r["weights"] for r in rows if r["group"] == "sizes"})
    for size in sizes:
        kib = size * 8 // 1024
        cells = [power(size), f"{kib} KiB" if kib < 1024 else f"{kib // 1024} MiB"]
        for threads in (1, 2):
            r = find(rows, group="sizes", weights=size, threads=threads)
            cells += [f"{r['ns']:.3f}", bandwidth(r, "ns"), bandwidth(r, "reference_ns"),
                      f"{r['ratio']:.2f}"] if r else ["–"] * 4
        out.append(f"| {' | '.join(cells)} |")
    return "\n".join(out) + "\n"


def comparison(measured, groups, key):
    """Rows of some groups with a column of `ns (ratio)` for each compiler."""
    names = [m["compiler"] for m in measured.values() if m]
    out = [f"| {key} | against | n | threads | {' | '.join(names)} |",
           "|---|---|---|---|" + "---|" * len(names)]
    first = next(m for m in measured.values() if m)
    for r in first["rows"]:
        if r["group"] not in groups:
            continue
        same = {k: r[k] for k in ("group", "name", "reference", "type", "isa", "weights", "threads")}
        cells = []
        for m in measured.values():
            other = find(m["rows"], **same) if m else None
            if other:
                cells.append(f"{other['ns']:.3f} ns, {digits(other['ratio'])} ×")
        name = r["name"] + ("" if r["type"] == "float" else f", {r['type']}")
        if r["group"] == "isa":
            name += f", {r['isa']}"
        size = power(r["weights"]) if r["weights"].bit_count() == 1 else f"{r['weights']:,}"
        out.append(f"| {name} | {r['reference']} | {size} | {r['threads']} | {' | '.join(cells)} |")
    return "\n".join(out) + "\n"


def instruction_table(counts):
    names = [c for c in COMPILERS if counts[c]]
    isas = (("baseline", "baseline"), ("avx2", "AVX2"), ("avx512_stepped", "AVX-512"))
    heads = [f"{c}: {label}" for c in names for _, label in isas]
    out = [f"| | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
    for index, row in enumerate(counts[names[0]]["rows"]):
        cells = []
        for c in names:
            other = counts[c]["rows"][index]
            cells += [digits(other[key]) if key in other else "–" for key, _ in isas]
        out.append(f"| {row['method']} | {' | '.join(cells)} |")
    return "\n".join(out) + "\n"


def agreement(counts):
    words = []
    for c in COMPILERS:
        row = counts[c]["rows"][0] if counts[c] else {}
        if "avx2" in row and "avx2_stepped" in row:
            words.append(f"{row['avx2']:.3f} by callgrind and {row['avx2_stepped']:.3f} by steps with {c}")
    return f" {BOUNDED} with AVX2: {'; '.join(words)}." if words else ""


def profile(measured, counts):
    out = []
    for c in COMPILERS:
        if not (counts[c] and measured[c]):
            continue
        for isa, mnemonics in counts[c]["profiles"].items():
            r = find(measured[c]["rows"], group="isa", weights=IN_L2, isa=isa)
            total = sum(mnemonics.values())
            words = ", ".join(f"{name} {times:.2f}" for name, times in list(mnemonics.items())[:16])
            speed = f"; {r['ns']:.3f} ns a weight, {total / r['ns']:.1f} instructions a ns" if r else ""
            out.append(f"- **{c}, {isa}**: {total:.2f} instructions a weight{speed}. {words}.")
    return "\n".join(out) + "\n"


def pytorch_table(pytorch):
    out = ["| | n | ns a weight | against bounded | against periodic |", "|---|---|---|---|---|"]
    for r in pytorch["rows"]:
        out.append(f"| {r['name']} | {power(r['weights'])} | {r['ns']:.3f} "
                   f"| {digits(r['times_bounded'])} × | {digits(r['times_periodic'])} × |")
    return "\n".join(out) + "\n"


def relaxed_table(pytorch):
    out = ["| | n | ns a weight | against detent |", "|---|---|---|---|"]
    for r in pytorch["relaxed"]:
        out.append(f"| {r['name']} | {power(r['weights'])} | {r['ns']:.3f} "
                   f"| {digits(r['times_detent'])} × |")
    return "\n".join(out) + "\n"


def main():
    folder = pathlib.Path(sys.argv[1])
    measured = {c: load(folder, f"ratios-{c}") for c in COMPILERS}
    counts = {c: load(folder, f"instructions-{c}") for c in COMPILERS}
    pytorch = load(folder, "pytorch")
    print("# Performance\n")
    print("Written by `scripts/performance`; do not edit.")
    print(f"Machine: {machine()}. Flags: `-O2`, no `-march`. Commit: {read(folder / 'commit')}.\n")
    print("Every ratio is taken in one run: the two candidates work on the same memory and take turns, "
          "40 rounds (20 for large\ntensors), and the best time of each counts. A ratio above 1 means "
          "that the library is the faster one. The axpy, g += a·w, reads\nand writes the same bytes; it "
          "is vectorized for the same instruction set whatever the flags. Unless said otherwise: "
          "`accumulate`\nof the bounded `sinusoidal` on the 3-bit DoReFa grid, float, one thread. The "
          "`std::sin` loop, Eigen and PyTorch compute the\nperiodic sinusoid, which is less work.\n")
    print("On a GPU: [performance_cuda.md](performance_cuda.md).\n")
    print("## Targets\n")
    print(targets(measured, pytorch))
    print("## accumulate by size\n")
    for m in measured.values():
        if m:
            print(f"### {m['compiler']}\n\n{size_table(m['rows'])}")
    print("## Instruction sets\n")
    print(comparison(measured, ("isa",), "method"))
    print("## Regularizers and element types\n")
    print("16-bit weights have float gradients; their axpy moves the same bytes in float.\n")
    print(comparison(measured, ("methods", "lambda"), "method"))
    print("## Every verb against the loop that moves the same bytes\n")
    print(comparison(measured, ("verbs",), "verb"))
    print("## Quantizers with learned ranges\n")
    print("Four bits. What goes level by level is bound by its arithmetic: a pair of exponentials and a "
          "division a level, and of\n`relaxed` a random number and its logarithm.\n")
    print(comparison(measured, ("learned",), "verb"))
    print("## ResNet-50: 161 tensors, 25.6 million weights, one call\n")
    print(comparison(measured, ("layers",), "verb"))
    print("## Without the library\n")
    print("Eigen is compiled with `-O3 -march=native`.\n")
    print(comparison(measured, ("loops",), "method"))
    if any(counts.values()):
        print("## Instructions a weight\n")
        weights = next(c for c in counts.values() if c)["weights"]
        print(f"n = {power(weights)}; nothing here depends on the load of the machine. Baseline and AVX2 "
              "by callgrind, a run of two calls less a run of one.\nAVX-512, which valgrind does not know, "
              f"by the processor's single-step flag.{agreement(counts)}\nThe baseline has no fma "
              "instruction: each is a call of the C library.\n")
        print(instruction_table(counts))
        print(f"### Profile of {BOUNDED}\n")
        print("Executed instructions a weight by mnemonic, by single steps.\n")
        print(profile(measured, counts))
    print("## PyTorch\n")
    if pytorch:
        print(f"PyTorch {pytorch['version']}, one thread, float32, the same tensors "
              "(`bench/peers/pytorch.py`); the library by g++.\n")
        print(pytorch_table(pytorch), end="")
        if "relaxed" in pytorch:
            print("\nRelaxed quantization with four bits, forward and backward with the gradients by weight, "
                  "step and noise, and with new\ndraws each time: of 16 levels, or of the five next to the "
                  "weight.\n")
            print(relaxed_table(pytorch), end="")
    else:
        print("Not installed where this was measured; `bench/peers/pytorch.py` measures it.")


if __name__ == "__main__":
    main()
