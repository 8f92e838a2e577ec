#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Writes docs/results_robustness.md from the JSON files of scripts/results. usage: robustness_table.py FOLDER"""
import json
import pathlib
import statistics
import sys

from noise import is_beyond
from results_table import accuracy, machine, signed

sets = [("MNIST", "mnist"), ("CIFAR-10", "cifar10")]
kinds = [("extent", "ranges by the largest magnitude"),
         ("converged", "the same ranges, 40 epochs of training first"),
         ("fit", "ranges by the least squared error, the same training")]
names = {"none": "none", "gradl2": "gradient ℓ2", "gradl1": "gradient ℓ1", "kure": "KURE", "bin": "bin"}


def words(bits):
    return "full precision" if bits == 32 else f"{bits}/{bits}"


def strengths(row):
    if row["method"] == "none":
        return "–"
    activations = row.get("activation_strength") or 0
    return f"{row['strength']:g}" + (f", {activations:g}" if activations else "")


def at(row, bits):
    """The figures of a row after rounding, with what their noise depends on."""
    entry = next(p for p in row["ptq"] if p["bits"] == bits)
    return {**entry, "seeds": row["seeds"], "test_images": row.get("test_images")}


def step_cost(runs):
    """Time of a step in units of one without the penalty, median over the runs that say."""
    shares = [r["regularizer_share"] for r in runs]
    times = [1 / (1 - s) for s in shares if s is not None and s < 1]
    return f"{statistics.median(times):.2f}" if times else "–"


def table(part):
    rows = part["rows"]
    widths = [p["bits"] for p in rows[0]["ptq"]]
    plain = next(r for r in rows if r["method"] == "none")
    print("| regularizer | λ |" + "".join(f" {words(b)} |" for b in widths) + " lost at 4/4 | a step × |")
    print("|---|---|" + "---|" * (len(widths) + 2))
    for row in rows:
        best = at(row, 4)
        lost = 100 * (at(row, 32)["accuracy_mean"] - best["accuracy_mean"])
        differs = is_beyond(best, at(plain, 4)) or is_beyond(at(plain, 4), best)
        star = "*" if row is not plain and differs else ""
        runs = [r for r in part["runs"]
                if (r["method"], r["strength"]) == (row["method"], row["strength"])]
        print(f"| {names[row['method']]} | {strengths(row)} |"
              + "".join(f" {accuracy(at(row, b))}{star if b == 4 else ''} |" for b in widths)
              + f" {signed(lost, 1)} | {step_cost(runs)} |")
    print()


def difference_errors(part):
    """What the differences reported of their own error, over epochs and runs."""
    errors = [e["difference_error"] for r in part["runs"] for e in r["history"]
              if r["method"].startswith("gradl") and e.get("difference_error")]
    if errors:
        print(f"The one-sided differences reported relative errors of {min(errors):.2f} to {max(errors):.2f} of the "
              f"product's norm (one step an epoch\nis checked; ReLU and max-pooling, share 2⁻⁷).\n")


def main():
    folder = pathlib.Path(sys.argv[1])
    commits = sorted({p.read_text().strip() for p in folder.glob("*-robustness*.commit")})
    print("# Results: rounding after training\n")
    print("Written by `scripts/results MNIST_DIR CIFAR10_DIR`; do not edit.")
    print(f"Machine: {machine()}. Commit: {', '.join(commits)}.\n")
    print("""Test accuracy in percent, mean ± sample standard deviation over three seeds. One set of weights a row: trained in full
precision, then rounded to 8, 6, … bits of weights and activations without another step. All layers are rounded, the first and
the last as well; ranges of activations are those of the first 256 training images. Every regularizer starts from the same
networks and finetunes for the same number of epochs as *none*. λ was chosen with other seeds, on validation images (on 2,000
test images where 40 epochs came first). * more than two standard errors from *none*. *A step ×*: time of a step with the regularizer in units of one without, median over the runs.
See [gradient-norm.md](gradient-norm.md).
""")
    for title, stem in sets:
        for kind, words_of in kinds:
            file = folder / f"{stem}-robustness-{kind}.json"
            if not file.exists():
                continue
            part = json.loads(file.read_text())
            model = part["runs"][0]["model"]
            print(f"## {title}, {model}: {words_of}\n")
            print(f"`{(folder / f'{stem}-robustness-{kind}.command').read_text().strip()}`\n")
            table(part)
            difference_errors(part)


if __name__ == "__main__":
    main()
