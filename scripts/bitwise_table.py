#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Writes docs/results_bitwise.md from the JSON files of scripts/results. usage: bitwise_table.py FOLDER

bitwise_table.py --layer-bits FILE prints the options of the control: the bits that the first run learned.
"""
import json
import pathlib
import statistics
import sys

from noise import difference, is_beyond
from results_table import machine, widths, words

# Test error in percent, MNIST, by method and bits of weights and activations.
published = {("rq", 4): ".58", ("rq", 2): ".76", ("rq-st", 4): ".61", ("rq-st", 2): ".63",
             ("srq", 3): ".67", ("srq+dropbits", 3): ".63", ("none", 32): ".64"}
methods = ["lsq", "rq", "rq-st", "srq", "srq+dropbits", "srq-all", "srq-all+dropbits"]


def error(row):
    """Test error in percent, mean ± deviation over the seeds."""
    mean, std = row["accuracy_mean"], row["accuracy_std"]
    if mean is None:
        return "–"
    return f"{100 * (1 - mean):.2f}" + ("" if std is None else f" ± {100 * std:.2f}")


def errors_by_bits(rows, paper):
    bits = sorted({r["bits"] for r in rows if r["method"] != "none"}, reverse=True)
    print("| method |" + "".join(f" {b}/{b} |" + (" published |" if paper else "") for b in bits))
    print("|---|" + "---|" * (len(bits) * (2 if paper else 1)))
    for method in methods:
        cells = []
        for b in bits:
            row = next((r for r in rows if (r["method"], r["bits"]) == (method, b)), None)
            cells.append(error(row) if row else "–")
            if paper:
                cells.append(published.get((method, b), "–"))
        if any(r["method"] == method for r in rows):
            print(f"| `{method}` | " + " | ".join(cells) + " |")
    print()


def ordering(rows):
    """Says for each bit-width which of the paper's two steps is there, with both gradients of SRQ; * beyond noise."""
    steps = [("rq", "srq"), ("srq", "srq+dropbits"), ("rq", "srq-all"), ("srq-all", "srq-all+dropbits")]
    print("| bits |" + "".join(f" {low} → {high} |" for low, high in steps) + "\n|---|" + "---|" * len(steps))
    for b in sorted({r["bits"] for r in rows if r["method"] != "none"}, reverse=True):
        of = {r["method"]: r for r in rows if r["bits"] == b}
        cells = []
        for low, high in steps:
            if low not in of or high not in of:
                cells.append("–")
                continue
            gain = difference(of[high], of[low])
            beyond = is_beyond(of[high], of[low]) or is_beyond(of[low], of[high])
            cells.append("–" if gain is None else f"{100 * gain:+.2f}" + ("*" if beyond else ""))
        print(f"| {b}/{b} | " + " | ".join(cells) + " |")
    print()


def learned_lengths(uniforms, learned, fixed, commands, epochs):
    names = ", ".join(layer["name"].split(".")[0] for layer in learned["runs"][0]["layers"])
    print(f"### Learned bit-lengths, {epochs} epochs of finetuning\n")
    print("  \n".join(f"`{c}`" for c in commands) + "\n")
    print(f"Layers: {names}. *Fixed*: the lengths that the first seed learned from 4 bits, given from the start to the same "
          "method, with as many\nepochs.\n")
    print("| | average bits | test error % | bits of the layers, by seed |\n|---|---|---|---|")
    from_four = next(r for r in learned["rows"])
    same = next(r for r in fixed["rows"])
    uniform = [r for r in uniforms["rows"] if r["method"] == "srq-all+dropbits"]
    for part, title, row in [(learned, "learned", from_four), (fixed, "fixed", same)] + [
            (uniforms, f"uniform, {r['bits']} bits", r) for r in uniform]:
        runs = [r for r in part["runs"] if (r["method"], r["bits"]) == (row["method"], row["bits"])]
        shown = widths(runs) if title in ("learned", "fixed") else ""
        print(f"| {title} | {statistics.mean(r['average_bits'] for r in runs):.2f} | {error(row)} | {shown} |")
    gain = difference(from_four, same)
    if gain is None:
        return
    verdict = "beyond" if is_beyond(from_four, same) or is_beyond(same, from_four) else "within"
    print(f"\nLearned minus fixed: {100 * gain:+.2f} points of accuracy, {verdict} two standard errors.\n")


def main():
    if sys.argv[1] == "--layer-bits":
        runs = json.loads(pathlib.Path(sys.argv[2]).read_text())["runs"]
        learned = (r for r in runs if r["method"].endswith("+learned-bits") and r["bits"] == 4)
        layers = next(learned)["layers"]
        print(words(layers, [layer["bits"] for layer in layers]))
        return
    folder = pathlib.Path(sys.argv[1])
    load = lambda name: json.loads((folder / f"{name}.json").read_text())
    command = lambda name: (folder / f"{name}.command").read_text().strip()
    parts = sorted({p.read_text().strip() for p in folder.glob("*.commit")
                    if "-bitwise" in p.name})
    print("# Results: learned grids\n")
    print("Written by `scripts/results MNIST_DIR CIFAR10_DIR`; do not edit.")
    print(f"Machine: {machine()}. Commit: {', '.join(parts)}.\n")
    print("""Test error in percent, mean ± sample standard deviation over three seeds. Weights and activations of every layer have the same
number of bits. Every method starts from the same networks, trained in full precision, and finetunes for the same number of epochs with
an annealed rate; step, noise and gates are learned. The papers train from scratch for far longer, and with larger networks on CIFAR-10:
compare the columns of one table. See [bitwise.md](bitwise.md) for the methods.
""")
    name_of = {"mnist": "MNIST, lenet5", "cifar10": "CIFAR-10, lenet5"}
    for stem in name_of:
        for budget in ("bitwise", "bitwise-long", "bitwise-longer"):
            names = [f"{stem}-{budget}{part}" for part in ("", "-gates")]
            names = [name for name in names if (folder / f"{name}.json").exists()]
            if not names:
                continue
            parts_of = list(map(load, names))
            rows = [row for part in parts_of for row in part["rows"]]
            full = next((r for r in rows if r["method"] == "none"), None)
            epochs = parts_of[0]["runs"][0]["epochs"]
            print(f"## {name_of[stem]}\n" if budget == "bitwise" else f"### {epochs} epochs of finetuning\n")
            print("  \n".join(f"`{command(name)}`" for name in names) + "\n")
            if full:
                paper = f"; published: {published[('none', 32)]} %" if stem == "mnist" else ""
                print(f"Full precision, same budget: {error(full)} %{paper}.\n")
            errors_by_bits(rows, stem == "mnist")
            if budget == "bitwise":
                print("The papers' ordering, RQ < SRQ < SRQ + DropBits: gains in points of accuracy; * more than two standard errors.\n")
                ordering(rows)
            controls = [f"{stem}-{budget}-learned", f"{stem}-{budget}-fixed"]
            if all((folder / f"{name}.json").exists() for name in controls):
                uniforms = {"rows": rows, "runs": [run for part in parts_of for run in part["runs"]]}
                learned_lengths(uniforms, *map(load, controls), list(map(command, controls)), epochs)


if __name__ == "__main__":
    main()
