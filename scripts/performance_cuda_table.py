#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Writes docs/performance_cuda.md from the JSON of scripts/performance_cuda, or, without any, what it
will say. usage: performance_cuda_table.py [FOLDER]"""
import pathlib
import sys

from performance_table import at_least, digits, find, load, power, read

TARGET_DEVICE = "H200"
TARGET_POWERS = (26, 28, 30)
TYPES = (("float", "float", 0.92), ("bfloat16", "bfloat16", 0.85))
LIBRARIES = (("copy", "the copy"), ("axpy", "the axpy"), ("Thrust", "Thrust"), ("CUB", "CUB"))
PYTORCH = (("PyTorch eager, autograd", 8), ("torch.compile, autograd", 1.5),
           ("torch.compile, gradient written out", 1.5))
PYTORCH_TENSORS = (("n = 2^26", "n = 2²⁶"), ("ResNet-50", "ResNet-50's tensors"))


def candidate(row, name):
    return find(row["candidates"], name=name) if row else None


def times(row, name, ours="detent"):
    """How many times as long as ours a candidate takes, by the best of each."""
    other = candidate(row, name)
    return other["us"] / candidate(row, ours)["us"] if other else None


def gigabytes(row, name):
    """A second, counting the bytes that the work must move."""
    one = candidate(row, name)
    return f"{one['bytes'] * row['weights'] / one['us'] / 1e3:.0f}" if one else "–"


def type_name(row):
    if row["type"] == row["gradient"]:
        return row["type"]
    return f"{row['type']}, {row['gradient']} gradient"


def accumulate_rows(measured):
    return [r for r in measured["rows"] if r["name"] == "accumulate/bounded"]


def bits_judged(measured):
    bits = measured["bits"] if measured else []
    if not bits:
        return "not measured"
    types = ", ".join(type_name(b) for b in bits)
    return f"equal for {types}: met" if all(b["equal"] for b in bits) else f"**differ** ({types})"


def target_lines(measured, pytorch):
    rows = measured["rows"] if measured else []
    for kind, gradient, target in TYPES:
        for n in TARGET_POWERS:
            row = find([r for r in rows if r["name"] == "accumulate/bounded"], type=kind,
                       gradient=gradient, weights=1 << n, in_cache=False)
            yield (f"| accumulate, {kind}, n = {power(1 << n)}, against the copy | ≥ {target:g} | "
                   f"{at_least(times(row, 'copy'), target)} |")
    for name, target in PYTORCH:
        for tensors, words in PYTORCH_TENSORS:
            row = find(pytorch["rows"], name=name, tensors_of=tensors) if pytorch else None
            yield (f"| against {name}, {words} | ≥ {target:g} | "
                   f"{at_least(row['times_detent'] if row else None, target)} |")
    for network, count in (("ResNet-50", 161), ("GPT-2", 148)):
        row = find(rows, group="layers", name=network)
        yield (f"| {count} tensors of {network} in one launch against one flat tensor | ≥ 0.9 | "
               f"{at_least(times(row, 'one flat tensor', 'one launch'), 0.9)} |")
    yield f"| bits of host and device | equal | {bits_judged(measured)} |"


def targets(measured, pytorch):
    name = measured["device"]["name"] if measured else "measured"
    return "\n".join([f"| what | target | {name} |", "|---|---|---|",
                      *target_lines(measured, pytorch)]) + "\n"


def machine(device):
    return (f"{device['name']}: compute capability {device['capability']}, "
            f"{device['multiprocessors']} multiprocessors, L2 {device['cache_bytes'] >> 20} MiB, memory "
            f"{device['memory_bytes'] >> 30} GiB; driver for CUDA {cuda_version(device['driver'])}, "
            f"runtime {cuda_version(device['runtime'])}")


def cuda_version(number):
    return f"{number // 1000}.{number % 1000 // 10}"


def place(row):
    if row["in_cache"]:
        return "in L2"
    return "memory" if row["sets"] == 1 else f"memory, {row['sets']} sets"


def size_table(rows):
    """One type, by size; where there are no figures of a library, no column of it."""
    others = [(name, words) for name, words in LIBRARIES if any(candidate(r, name) for r in rows)]
    heads = ["n", "where", "µs", "median", "GB/s", "copy GB/s"] + [f"× {w}" for _, w in others]
    out = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for r in sorted(rows, key=lambda r: (r["weights"], not r["in_cache"])):
        ours = candidate(r, "detent")
        cells = [power(r["weights"]), place(r), digits(ours["us"]), digits(ours["us_median"]),
                 gigabytes(r, "detent"), gigabytes(r, "copy")]
        cells += [digits(times(r, name)) if candidate(r, name) else "–" for name, _ in others]
        out.append(f"| {' | '.join(cells)} |")
    return "\n".join(out) + "\n"


def contest_table(rows, head, ours):
    """Every candidate of some contests."""
    out = [f"| {head} | candidate | µs | median | GB/s | time against {ours} |",
           "|---" * 6 + "|"]
    for r in rows:
        for c in r["candidates"]:
            out.append(f"| {r['name']} | {c['name']} | {digits(c['us'])} | {digits(c['us_median'])} "
                       f"| {gigabytes(r, c['name'])} | {digits(times(r, c['name'], ours))} × |")
    return "\n".join(out) + "\n"


def pytorch_table(pytorch):
    out = ["| tensors | candidate | µs | median | time against detent |", "|---" * 5 + "|"]
    for r in pytorch["rows"]:
        name = r["tensors_of"]
        words = name if r["tensors"] > 1 else f"n = {power(r['weights'])}"
        out.append(f"| {words} | {r['name']} | {digits(r['us'])} | {digits(r['us_median'])} "
                   f"| {digits(r['times_detent'])} × |")
    return "\n".join(out) + "\n"


def print_unmeasured(folder):
    print("It has not been measured yet. On a machine with a GPU and nvcc this call does it, within ten "
          "minutes:\n")
    print("```sh\nscripts/performance_cuda\n```\n")
    print("Where the project cannot be built on that machine, `scripts/performance_cuda --program "
          "bench_cuda --out FOLDER`\nmeasures with what was built elsewhere, and "
          "`scripts/performance_cuda --from FOLDER` writes this page from what it\nleft there.\n")
    print("## Targets\n")
    print(targets(None, load(folder, "pytorch_cuda") if folder else None), end="")


def print_method(measured):
    print(f"Every ratio is taken in one run: the candidates take turns, {measured['rounds']} rounds, and "
          "the best time of each counts. A turn is about\nthree milliseconds of calls between two events; "
          "small ones are replayed from a graph, so that the host does not bound\nthem. A ratio above 1 "
          "means that the library is the faster one. GB/s count what the work must move: the copy, device "
          "to\ndevice, reads half of the same bytes and writes the other half; the axpy, g += a·w, is a "
          "plain kernel with an element a\nthread. Thrust and CUB take two passes with the library's own "
          "functor, the penalty and then the gradient, and so read the\nweights twice; Thrust's sum is a "
          "number of the host, which waits for it, and keeps the memory it works in.\n\nWhere it says "
          "“memory, N sets”, the calls go through N sets of tensors in turn, three times what L2 holds "
          "(for the\nsmallest tensors, as many as a graph goes through). “In L2” is one small set that is "
          "used again and again. `accumulate` is\nthat of the bounded `sinusoidal` on the 3-bit DoReFa "
          "grid.\n")


def print_measured(folder, measured, pytorch):
    device = measured["device"]
    print(f"Device: {machine(device)}. Compiler: {measured['compiler']}. "
          f"Commit: {read(folder / 'commit')}.\n")
    print_method(measured)
    print("## Targets\n")
    if TARGET_DEVICE not in device["name"]:
        print(f"They were set for an {TARGET_DEVICE}.\n")
    print(targets(measured, pytorch))
    print("## accumulate by size\n")
    for name in dict.fromkeys(type_name(r) for r in accumulate_rows(measured)):
        print(f"### {name}\n")
        print(size_table([r for r in accumulate_rows(measured) if type_name(r) == name]))
    print("## All tensors of a network\n")
    print(contest_table([r for r in measured["rows"] if r["group"] == "layers"], "network",
                        "one launch"))
    print(f"## Every verb, float, n = {power(1 << 26)}\n")
    print(contest_table([r for r in measured["rows"] if r["group"] == "verbs"], "verb", "detent"))
    print("## PyTorch\n")
    if pytorch:
        print(f"PyTorch {pytorch['version']} on {pytorch['device']}, float32, the same tensors "
              "(`bench/cuda/pytorch_cuda.py`), all tensors of a network in\none launch of the library. "
              "PyTorch computes the periodic sinusoid, which is less work.\n")
        print(pytorch_table(pytorch))
    else:
        print("Not installed where this was measured; `bench/cuda/pytorch_cuda.py` measures it.\n")
    print_skipped(measured, pytorch)


def print_skipped(measured, pytorch):
    lines = [f"- {s['name']}, {type_name(s)}, n = {s['weights']:,}: {s['why']}"
             for s in measured["skipped"]]
    lines += [f"- PyTorch, {name}: no time was left" for name in (pytorch or {}).get("skipped", [])]
    if lines:
        print("## Left out\n")
        print("\n".join(lines))
    else:
        print("Nothing was left out.")


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    measured = load(folder, "bench_cuda") if folder else None
    print("# Performance on a GPU\n")
    print("Written by `scripts/performance_cuda`; do not edit.")
    if measured:
        print_measured(folder, measured, load(folder, "pytorch_cuda"))
    else:
        print_unmeasured(folder)


main()
