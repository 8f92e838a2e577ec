#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Writes docs/results.md from the JSON files of scripts/results. usage: results_table.py FOLDER

results_table.py --layer-bits fixed|reversed FILE and --start-bits FILE print the options of the controls.
"""
import json
import math
import pathlib
import platform
import statistics
import sys

from noise import is_beyond, noise_of_mean, share


def percent(value, digits=1):
    return "–" if value is None else f"{100 * value:.{digits}f}"


def signed(value, digits):
    """With a sign unless it rounds to zero."""
    text = f"{value:+.{digits}f}"
    return text if float(text) else f"{0:.{digits}f}"


def machine():
    model = "unknown processor"
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return f"{model}, {platform.system()} {platform.machine()}"


def accuracy(row):
    mean, std = row["accuracy_mean"], row["accuracy_std"]
    return percent(mean) + (f" ± {100 * std:.1f}" if None not in (mean, std) else "")


def key(row):
    return (row["method"].split("+")[0], row["bits"], row["activation_bits"], row["lr_schedule"])


def full_precision(rows, schedule):
    return next(r for r in rows if r["method"] == "none" and r["lr_schedule"] == schedule)


def table(rows, schedule, activation_bits):
    fp = full_precision(rows, schedule)
    out = [
        f"Full precision, same budget: {accuracy(fp)} %.",
        "",
        "| quantizer | weights | alone % | + sinusoid % | gap closed % | on grid % | snap loss % "
        "| flips a step, alone → with |",
        "|---|---|---|---|---|---|---|---|",
    ]
    chosen = {(key(r), "+" in r["method"]): r for r in rows}
    for row in rows:
        if "+" in row["method"] or row["method"] == "none":
            continue
        if row["lr_schedule"] != schedule or row["activation_bits"] != activation_bits:
            continue
        other = chosen[(key(row), True)]
        flips = "–"
        if row["flips_per_step"] is not None and row["forward"] != "float":
            flips = f"{row['flips_per_step']:.1e} → {other['flips_per_step']:.1e}"
        out.append(
            f"| {row['method']} | {row['bits']} | {accuracy(row)} | {accuracy(other)} "
            f"| {percent(other['gap_closed'], 0)} | {percent(other['on_grid_fraction'])} "
            f"| {percent(row['snap_loss'])} → {percent(other['snap_loss'])} | {flips} |")
    return "\n".join(out) + "\n"


def pairs(rows, schedule, bits=None):
    chosen = {(key(r), "+" in r["method"]): r for r in rows}
    for (k, regularized), row in chosen.items():
        if regularized or row["method"] == "none" or row["lr_schedule"] != schedule:
            continue
        if bits is None or row["bits"] in bits:
            yield row, chosen[(k, True)], full_precision(rows, schedule)


def closed(gain, reference, bases):
    """Mean gain over mean gap to a reference, in percent: a ratio of sums, which small gaps of single rows cannot upset."""
    gap = statistics.mean(reference["accuracy_mean"] - base["accuracy_mean"] for base in bases)
    part = share(gain, gap, noise_of_mean(reference, bases))
    return "no gap" if part is None else f"{round(100 * part)}"


def summary(name, rows, schedule):
    lines = []
    for quantizer in ("dorefa", "wrpn"):
        for activation_bits in sorted({r["activation_bits"] for r in rows if r["method"] != "none"},
                                      reverse=True):
            some = [r for r in rows if r["method"] == "none" or
                    (r["method"].startswith(quantizer) and r["activation_bits"] == activation_bits)]
            all_pairs = list(pairs(some, schedule))
            averaged = list(pairs(some, schedule, {2, 3, 4}))
            if not averaged:
                continue
            better = sum(is_beyond(w, b) for b, w, _ in all_pairs)
            worse = sum(is_beyond(b, w) for b, w, _ in all_pairs)
            fp = full_precision(rows, schedule)
            bases = [b for b, _, _ in averaged]
            gain = statistics.mean(w["accuracy_mean"] - b["accuracy_mean"] for b, w, _ in averaged)
            gap = statistics.mean(fp["accuracy_mean"] - b["accuracy_mean"] for b in bases)
            lines.append(f"| {name} | {schedule} | {quantizer} | {activation_bits} | "
                         f"{signed(100 * gap, 2)} | {signed(100 * gain, 2)} | {closed(gain, fp, bases)} | "
                         f"{closed(gain, full_precision(rows, 'cosine'), bases)} | "
                         f"{better} / {worse} of {len(all_pairs)} |")
    return lines


def validation(loaded):
    """Mean validation accuracy of the annealed runs with the sinusoid at 2 to 4 bits."""
    return statistics.mean(r["validation_accuracy"] for r in loaded["runs"]
                           if "+" in r["method"] and r["bits"] <= 4 and r["lr_schedule"] == "cosine")


def weighted(layers, bits):
    return sum(layer["weights"] * b for layer, b in zip(layers, bits)) / sum(l["weights"] for l in layers)


def words(layers, bits):
    return " ".join(f"{layer['name'].split('.')[0]}={b}" for layer, b in zip(layers, bits))


def first_learned(path):
    """Layers and bits of the first run of dorefa+waveq."""
    runs = json.loads(pathlib.Path(path).read_text())["runs"]
    layers = next(r for r in runs if r["method"] == "dorefa+waveq")["layers"]
    return layers, [layer["bits"] for layer in layers]


def reverse(bits):
    return [max(bits) + min(bits) - b for b in bits]


def layer_bits(kind, path):
    """The learned bits, or their reverse, lowered until the average is not above the learned one."""
    layers, bits = first_learned(path)
    if kind == "fixed":
        return words(layers, bits)
    within = [[min(8, max(2, b - down)) for b in reverse(bits)] for down in range(7)]
    return words(layers, next(w for w in within if weighted(layers, w) <= weighted(layers, bits)))


def start_bits(path):
    layers, bits = first_learned(path)
    return words(layers, reverse(bits))


def uniform_at(rows, method, average):
    """Accuracy of the uniform assignments at an average, linear between whole bits."""
    curve = {r["bits"]: r["accuracy_mean"] for r in rows if r["method"] == method}
    low = min(max(math.floor(average), min(curve)), max(curve) - 1)
    share = min(max(average - low, 0), 1)
    return (1 - share) * curve[low] + share * curve[low + 1]


def widths(runs):
    return "; ".join(" ".join(str(layer["bits"]) for layer in r["layers"]) for r in runs)


def learned_bits(load, command, stem):
    """The section on learned bit-widths of one set of data."""
    learned, uniform = load(f"{stem}-waveq"), load(f"{stem}-uniform")
    names = ", ".join(layer["name"].split(".")[0] for layer in learned["runs"][0]["layers"])
    print("### Learned bit-widths\n")
    print(f"`{command(f'{stem}-waveq')}`  \n`{command(f'{stem}-uniform')}`\n")
    fp = full_precision(uniform["rows"], "cosine")
    print(f"See [waveq.md](waveq.md). Layers: {names}. Annealed; full precision, same budget: {accuracy(fp)} %. The target "
          "is an upper limit of the\naverage over the weights. *Uniform*: the same quantizer with as many bits in every layer, "
          "interpolated to the same average\n(`waveq`, which has no quantizer in training: WRPN's).\n")
    print("| method | target | average bits | accuracy % | uniform, same average % | full precision − it, points | on grid % "
          "| snap loss, points | bits of the layers, by seed |")
    print("|---|---|---|---|---|---|---|---|---|")
    strong = load(f"{stem}-waveq-strong")
    for part, row in [(learned, r) for r in learned["rows"]] + [(strong, r) for r in strong["rows"]]:
        runs = [r for r in part["runs"] if (r["method"], r["bits"]) == (row["method"], row["bits"])]
        title = row["method"] + (f", λ = {row['strength']:g}" if part is strong else "")
        average = statistics.mean(r["average_bits"] for r in runs)
        base = row["method"].split("+")[0].replace("waveq", "wrpn")
        print(f"| {title} | {row['bits']} | {average:.2f} | {accuracy(row)} "
              f"| {percent(uniform_at(uniform['rows'], base, average))} "
              f"| {signed(100 * (fp['accuracy_mean'] - row['accuracy_mean']), 2)} | {percent(row['on_grid_fraction'])} "
              f"| {signed(100 * row['snap_loss'], 2)} | {widths(runs)} |")
    print("\n| uniform | accuracy % |\n|---|---|")
    for row in uniform["rows"]:
        if row["method"] != "none":
            print(f"| {row['method']}, {row['bits']} bits | {accuracy(row)} |")
    print("\nControls, all DoReFa: the bits that `dorefa+waveq` learned with the first seed at target 4, fixed from the start; "
          "their reverse, lowered\nto at most the same average; and bits learned again from other starting values, those "
          "of the reverse.\n")
    print("| control | average bits | accuracy % | bits of the layers, by seed |\n|---|---|---|---|")
    for kind, title in (("fixed", "learned bits, fixed"), ("reversed", "reversed, fixed"),
                        ("starts", "learned from other starts")):
        control = load(f"{stem}-waveq-{kind}")
        for row in control["rows"]:
            runs = [r for r in control["runs"] if r["bits"] == row["bits"]]
            target = f", target {row['bits']}" if kind == "starts" else ""
            print(f"| {title}{target} | {statistics.mean(r['average_bits'] for r in runs):.2f} | {accuracy(row)} "
                  f"| {widths(runs if kind == 'starts' else runs[:1])} |")
    print()


def main():
    if sys.argv[1] == "--layer-bits":
        print(layer_bits(sys.argv[2], sys.argv[3]))
        return
    if sys.argv[1] == "--start-bits":
        print(start_bits(sys.argv[2]))
        return
    folder = pathlib.Path(sys.argv[1])
    load = lambda name: json.loads((folder / f"{name}.json").read_text())
    command = lambda name: (folder / f"{name}.command").read_text().strip()
    sets = [("CIFAR-10, simplenet", "cifar10"), ("MNIST, lenet5", "mnist")]
    parts = sorted({path.read_text().strip() for path in folder.glob("*.commit")
                    if "-bitwise" not in path.name and "-robustness" not in path.name})
    print("# Results\n")
    print("Written by `scripts/results MNIST_DIR CIFAR10_DIR`; do not edit.")
    print(f"Machine: {machine()}. Commit: {', '.join(parts)}.\n")
    print("""Every row is the mean ± sample standard deviation of the test accuracy over three seeds (initial weights
and order of the data). Every method starts from the same full-precision networks and trains for the same number of
epochs; all layers are quantized. *Gap closed* = (with − alone)/(full precision − alone), full precision finetuned by
the same schedule; a dash where full precision − alone is within two standard errors. *On grid*: weights within 5 % of a step of a level, with the sinusoid. *Snap loss*: accuracy before
minus after rounding, alone → with. λ = 0.1, reached after 60 % of the run, was chosen on validation images (of CIFAR-10, two
other seeds, DoReFa and WRPN at 2 and 3 bits, both regimes, among λ 0.1 and 0.3 and ramps 0.2 and 0.6) and is used unchanged
everywhere.

The data are parts of the sets, so that all of it runs within two hours on two cores: the first 20,000 training images of
CIFAR-10 and 6,000 of MNIST; testing is on all 10,000 test images, by which nothing was chosen. The CIFAR-10 images measured
here were slightly lossy (JPEG) and the ten thousand test images are the last of the original training set. Accuracies
are therefore below those of full-length training; compare rows, not papers.
""")
    print("## Averages\n")
    print("""Over 2, 3 and 4 bits: the gap there was to close (points), the gain (points), and the share closed (ratio of
the two), also of the gap to full precision with annealing, the stricter measure for the constant rate. Last column:
settings from 2 to 5 bits that are better / worse by more than two standard errors of the difference. A share is
given where the mean gap is above two of its standard errors; below, there is nothing to close.
""")
    print("| data | forward | rate | quantizer | activation bits | gap | gain | closed % "
          "| of the gap to annealed FP % | better / worse |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, stem in sets:
        for part, forward in (("quantized", "quantized"), ("float", "float"),
                              ("decoupled", "float, decoupled")):
            if not (folder / f"{stem}-{part}.json").exists():
                continue
            rows = load(f"{stem}-{part}")["rows"]
            for schedule in ("constant", "cosine"):
                if any(r["lr_schedule"] == schedule for r in rows):
                    print("\n".join(summary(f"{name} | {forward}", rows, schedule)))
    for name, stem in sets:
        quantized = load(f"{stem}-quantized")
        rows = quantized["rows"]
        shares = [r["regularizer_share"] for r in quantized["runs"] if "+" in r["method"]]
        print(f"\n## {name}\n")
        print(f"`{command(f'{stem}-quantized')}`\n")
        shares = [s for s in shares if s is not None]
        if shares:
            print(f"The regularizer takes {percent(statistics.median(shares))} % of a training step "
                  f"(median; at most {percent(max(shares))} %).")
        for schedule, words in (("constant", "Constant learning rate"),
                                ("cosine", "Annealed (cosine)")):
            for bits in (32, 4):
                kind = "float activations" if bits == 32 else f"{bits}-bit activations"
                print(f"\n### {words}, {kind}\n")
                print(table(rows, schedule, bits))
        if not (folder / f"{stem}-float.json").exists():
            continue
        print("### Float forward, rounding at the end\n")
        print(f"`{command(f'{stem}-float')}`\n")
        print("Alone: no quantizer and no regularizer in training, ranges fitted to the final "
              "weights, then rounding.\n")
        for schedule, words in (("constant", "Constant learning rate"), ("cosine", "Annealed")):
            print(f"{words}.\n")
            print(table(load(f"{stem}-float")["rows"], schedule, 32))
        if (folder / f"{stem}-decoupled.json").exists():
            print("### Float forward, annealed, the pull to the levels not annealed\n")
            print(f"`{command(f'{stem}-decoupled')}`\n")
            print("With an annealed rate the sinusoid's pull, rate times strength, is annealed too, and weights do not arrive. "
                  "With `--decoupled`\nthe strength grows as the rate falls; its ramp, 0.3, is the better of 0.3 and 0.6 on the validation "
                  "images of two other seeds. On the validation images the mean over the rows with "
                  f"the sinusoid is {percent(validation(load(f'{stem}-decoupled')))} %,\n"
                  f"against {percent(validation(load(f'{stem}-float')))} % with the default above.\n")
            print(table(load(f"{stem}-decoupled")["rows"], "cosine", 32))
        if (folder / f"{stem}-waveq.json").exists():
            learned_bits(load, command, stem)
        if (folder / f"{stem}-long.json").exists():
            print("### The strongest baseline: four times as long, augmented, annealed\n")
            print(f"`{command(f'{stem}-long')}`\n")
            print(table(load(f"{stem}-long")["rows"], "cosine", 32))


if __name__ == "__main__":
    main()
