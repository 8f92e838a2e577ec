#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Draws docs/images/bitwise.svg: rounding under logistic noise, what its estimators pass backward,
the gates over nested grids, and how they closed over a run.

detent-train --method srq-all+dropbits+learned-bits --model simplenet --bits 4 --epochs 12 --lr-schedule cosine --optimizer adam --pretrain-lr 0.001 --lr 0.0005 --strength 0.15 --json run.json
docs/images/make_bitwise.py run.json > docs/images/bitwise.svg
"""
import json
import math
import sys

WIDTH, LEFT, RIGHT = 760, 46, 624
SIGMA = 1 / 3  # in steps: α is 1 throughout
LOW, HIGH = -4, 3  # codes of 3 bits
BLUE, ORANGE, GREEN, GRAY, RULE = "#0072b2", "#d55e00", "#009e73", "#57606a", "#d0d7de"
out = []


# The formulas of semi_relaxed.hpp and lsq.hpp, in steps.

def logistic(c, x):
    return 1 / (1 + math.exp(-(c - x) / SIGMA))


def between(low, high, x):
    """F(high) - F(low), and its derivative by x."""
    f, g = logistic(high, x), logistic(low, x)
    return f - g, (g * (1 - g) - f * (1 - f)) / SIGMA


def probability(n, x):
    """π of level n, and its derivative by x."""
    a, a_slope = between(n - 0.5, n + 0.5, x)
    b, b_slope = between(LOW - 0.5, HIGH + 0.5, x)
    return a / b, (a_slope * b - a * b_slope) / b ** 2


def nearest(x):
    return min(max(round(x), LOW), HIGH)


def mean(x):
    return sum(n * probability(n, x)[0] for n in range(LOW, HIGH + 1))


def chosen_slope(x):
    return nearest(x) * probability(nearest(x), x)[1]


def all_slope(x):
    return sum(n * probability(n, x)[1] for n in range(LOW, HIGH + 1))


def straight_through(x):
    return float(LOW <= x <= HIGH)


# As nested_bits and mask_of of convention.hpp, two bits without a gate.

def nested_bits(code):
    return next(b for b in range(1, 9) if -2 ** (b - 1) <= code < 2 ** (b - 1))


def gate_bitwise(code):
    return nested_bits(code) - 3


def gate_by_endpoints(code):
    return (code if code >= 0 else -code - 1) - 2


# Drawing.

def text(x, y, words, anchor="start", size=12, color=GRAY):
    out.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
               f'fill="{color}">{words}</text>')


def title(y, words):
    text(LEFT, y, words, size=13, color="#24292f")


def line(points, color, width=2.0, dashes=None):
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    extra = f' stroke-dasharray="{dashes}"' if dashes else ""
    out.append(f'<polyline points="{joined}" fill="none" stroke="{color}" '
               f'stroke-width="{width}"{extra}/>')


def signed(n):
    return f"−{-n}" if n < 0 else str(n)


def level(n):
    return {-1: "−α", 0: "0", 1: "α"}.get(n, f"{signed(n)}α")


FIRST, LAST = LOW - 1, HIGH + 1


def across(x):
    return LEFT + (x - FIRST) / (LAST - FIRST) * (RIGHT - LEFT)


def spread(low, high, count):
    return [low + (high - low) * i / count for i in range(count + 1)]


def bins():
    """Where one level is the nearest, without the ends: estimators jump there."""
    ends = [FIRST] + [n + 0.5 for n in range(LOW, HIGH)] + [LAST]
    return [spread(a + 1e-9, b - 1e-9, 40) for a, b in zip(ends, ends[1:])]


def columns(top, bottom):
    """The zero bin, and a mark for each level."""
    out.append(f'<rect x="{across(-0.5):.1f}" y="{top}" width="{across(0.5) - across(-0.5):.1f}" '
               f'height="{bottom - top}" fill="#f0f3f6"/>')
    for n in range(LOW, HIGH + 1):
        line([(across(n), top), (across(n), bottom)], "#8c959f", 1, "3 3")


def probabilities(top, bottom):
    title(top - 14, "probability π of each level of a 3-bit grid under logistic noise, σ = α/3, "
          "by x")
    columns(top, bottom)

    def up(p):
        return bottom - p * (bottom - top)

    for p in (0, 1):
        line([(LEFT, up(p)), (RIGHT, up(p))], RULE, 1)
        text(LEFT - 6, up(p) + 4, str(p), "end")
    for n in range(LOW, HIGH + 1):
        line([(across(x), up(probability(n, x)[0])) for x in spread(FIRST, LAST, 360)],
             "#9fb8c8", 1.4)
    for xs in bins():
        line([(across(x), up(probability(nearest(x), x)[0])) for x in xs], ORANGE)
    text(RIGHT + 8, up(0.95) + 4, "the largest", color=ORANGE)


def outputs(top, bottom):
    title(top - 14, "what comes out")
    columns(top, bottom)

    def up(y):
        return bottom - (y - LOW + 0.3) / (HIGH - LOW + 0.6) * (bottom - top)

    for n in range(LOW, HIGH + 1):
        line([(LEFT, up(n)), (RIGHT, up(n))], RULE, 1)
        text(LEFT - 6, up(n) + 4, level(n), "end", 11)
    stairs = [(x, nearest(x)) for xs in bins() for x in (xs[0], xs[-1])]
    line([(across(x), up(y)) for x, y in stairs], ORANGE)
    line([(across(x), up(mean(x))) for x in spread(FIRST, LAST, 360)], BLUE)
    text(RIGHT + 8, up(3) + 4, "SRQ: g of the", color=ORANGE)
    text(RIGHT + 8, up(3) + 19, "largest π", color=ORANGE)
    text(RIGHT + 8, up(3) + 42, "RQ-ST, all levels:", color=BLUE)
    text(RIGHT + 8, up(3) + 57, "mean Σ π g", color=BLUE)


def slopes(top, bottom):
    title(top - 14, "the factor ∂x̂/∂x of the gradient; through the chosen level it is 0 in the "
          "zero bin (gray)")
    columns(top, bottom)

    def up(y):
        return bottom - (y + 2) / 5 * (bottom - top)

    for y in range(-2, 4):
        line([(LEFT, up(y)), (RIGHT, up(y))], "#8c959f" if y == 0 else RULE, 1)
        text(LEFT - 6, up(y) + 4, signed(y), "end", 11)
    box = [(FIRST, 0), (LOW, 0), (LOW, 1), (HIGH, 1), (HIGH, 0), (LAST, 0)]
    line([(across(x), up(y)) for x, y in box], GREEN)
    for xs in bins():
        line([(across(x), up(chosen_slope(x))) for x in xs], ORANGE)
    line([(across(x), up(all_slope(x))) for x in spread(FIRST, LAST, 360)], BLUE)
    for n in range(LOW, HIGH + 1):
        text(across(n), bottom + 15, level(n), "middle", 11)
    text(RIGHT + 6, bottom + 15, "x")
    text(RIGHT + 8, up(2.6) + 4, "SRQ, chosen:", color=ORANGE)
    text(RIGHT + 8, up(2.6) + 19, "g ∂π of largest π", color=ORANGE)
    text(RIGHT + 8, up(1.2) + 4, "SRQ, all: Σ g ∂π", color=BLUE)
    text(RIGHT + 8, up(0.5) + 4, "LSQ:", color=GREEN)
    text(RIGHT + 8, up(0.5) + 19, "straight through", color=GREEN)


def cells(top, words, colors, labels):
    """A row of codes; where there is no label, no cell."""
    text(LEFT + 134, top + 15, words, "end")
    for code, label in labels.items():
        x = LEFT + 144 + (code + 8) * 34
        if label is None:
            continue
        out.append(f'<rect x="{x}" y="{top}" width="31" height="21" rx="3" '
                   f'fill="{colors[code]}"/>')
        text(x + 15.5, top + 15, label, "middle", 12, "#ffffff")


def nested(top):
    title(top - 12, "nested grids G₂ ⊂ G₃ ⊂ G₄, codes of two's complement, and which gate admits "
          "which level")
    codes = range(-8, 8)
    by_bit = {c: {2: GRAY, 3: BLUE, 4: ORANGE}[max(2, nested_bits(c))] for c in codes}
    for row, bits in enumerate((2, 3, 4)):
        cells(top + 25 * row, f"levels of {bits} bits", by_bit,
              {c: signed(c) if nested_bits(c) <= bits else None for c in codes})
    below = top + 25 * 3 + 12
    cells(below, "gates, one a bit", by_bit,
          {c: str(gate_bitwise(c)) if gate_bitwise(c) >= 0 else None for c in codes})
    cells(below + 25, "gates, by endpoints", by_bit,
          {c: str(gate_by_endpoints(c)) if gate_by_endpoints(c) >= 0 else None for c in codes})
    middle = LEFT + 144 + 8 * 34 - 1.5
    text(middle, below + 15, "no gate: never dropped", "middle", 11)
    text(middle, below + 40, "one a pair −m − 1, m", "middle", 11)


def closing(run, top, bottom):
    """One plot a layer: how likely its gates are open, by epoch."""
    history = run["history"]
    layers = history[-1]["gates"]
    title(top - 32, "probability that the gates are open, by epoch, and the bits that a layer is "
          "left with")
    gap = 26
    width = (WIDTH - 22 - LEFT - gap * (len(layers) - 1)) / len(layers)
    for i, layer in enumerate(layers):
        left = LEFT + i * (width + gap)

        def place(epoch, p):
            return (left + (epoch - 1) / (len(history) - 1) * width, bottom - p * (bottom - top))

        for p in (0, 0.5, 1):
            y = place(1, p)[1]
            line([(left, y), (left + width, y)], RULE, 1, "4 3" if p == 0.5 else None)
            if i == 0:
                text(left - 6, y + 4, f"{p:g}", "end", 11)
        half = len(history) / 2
        line([place(half, 0), place(half, 1)], "#8c959f", 1, "3 3")
        name = layer["layer"].split(".")[0]
        text(left, top - 9, f'{name}: {layer["bits"]} bits')
        for gate, color in reversed(list(enumerate([BLUE, ORANGE][:len(layer["open"])]))):
            line([place(e["epoch"], e["gates"][i]["open"][gate]) for e in history], color)
        for epoch in (1, len(history)):
            text(place(epoch, 0)[0], bottom + 15, str(epoch), "middle", 11)
    x = LEFT
    for words, color in (("gate 0, of bit 3", BLUE), ("gate 1, of bit 4", ORANGE)):
        line([(x, bottom + 33), (x + 18, bottom + 33)], color)
        text(x + 24, bottom + 37, words, color=color)
        x += 130
    text(x + 4, bottom + 37, "dashed upright: half of the run, from where on the lengths are "
         "final", size=12)


def main():
    run = json.load(open(sys.argv[1]))
    probabilities(36, 116)
    outputs(158, 308)
    slopes(350, 520)
    nested(582)
    closing(run, 786, 876)
    height = 926
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
          f'width="{WIDTH}" font-family="system-ui, sans-serif">')
    print(f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>')
    print("\n".join(out))
    print("</svg>")


if __name__ == "__main__":
    main()
