#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Draws docs/images/robustness.svg: accuracy of one set of weights by the bits it is rounded to.

docs/images/make_robustness.py build/results > docs/images/robustness.svg    after scripts/results
"""
import json
import pathlib
import sys

WIDTH, HEIGHT, LEFT, PANEL, GAP, TOP, BOTTOM = 760, 300, 46, 268, 56, 34, 250
GRAY, RULE = "#57606a", "#d0d7de"
METHODS = {"none": ("none", "#57606a"), "gradl2": ("gradient ℓ2", "#009e73"), "gradl1": ("gradient ℓ1", "#0072b2"),
           "kure": ("KURE", "#d55e00"), "bin": ("bin", "#cc79a7")}
SETS = [("MNIST", "mnist"), ("CIFAR-10", "cifar10")]
out = []


def text(x, y, words, anchor="start", size=12, color=GRAY):
    out.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
               f'fill="{color}">{words}</text>')


def panel(left, title, rows):
    """One set: bits from left to right, at equal distances; means over the seeds, bars of ± their deviation."""
    bits = [p["bits"] for p in rows[0]["ptq"]]
    values = [p["accuracy_mean"] for r in rows for p in r["ptq"] if p["bits"] > 2]
    low = max(0.0, min(values) - 0.02)
    high = min(1.0, max(p["accuracy_mean"] for r in rows for p in r["ptq"]) + 0.01)
    x = lambda i: left + PANEL * (i + 0.5) / len(bits)
    y = lambda a: BOTTOM - (min(max(a, low), high) - low) / (high - low) * (BOTTOM - TOP)
    text(left, TOP - 14, title, size=13, color="#24292f")
    for k in range(5):
        a = low + (high - low) * k / 4
        out.append(f'<line x1="{left}" x2="{left + PANEL}" y1="{y(a):.1f}" y2="{y(a):.1f}" stroke="{RULE}"/>')
        text(left - 6, y(a) + 4, f"{100 * a:.1f} %", "end", 11)
    for i, b in enumerate(bits):
        text(x(i), BOTTOM + 18, "full" if b == 32 else f"{b}/{b}", "middle", 11)
    text(left + PANEL / 2, BOTTOM + 36, "bits of weights/activations", "middle", 11)
    for row in rows:
        color = METHODS[row["method"]][1]
        # What lies below the picture is not drawn.
        shown = [(x(i), p) for i, p in enumerate(row["ptq"]) if p["accuracy_mean"] >= low]
        points = " ".join(f"{at:.1f},{y(p['accuracy_mean']):.1f}" for at, p in shown)
        out.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
        for at, p in shown:
            mean, deviation = p["accuracy_mean"], p["accuracy_std"] or 0
            out.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y(mean - deviation):.1f}" y2="{y(mean + deviation):.1f}" '
                       f'stroke="{color}"/><circle cx="{at:.1f}" cy="{y(mean):.1f}" r="3" fill="{color}"/>')


def main():
    folder = pathlib.Path(sys.argv[1])
    out.append(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
               f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>')
    left, methods = LEFT, []
    for title, stem in SETS:
        part = json.loads((folder / f"{stem}-robustness-extent.json").read_text())
        model = part["runs"][0]["model"]
        panel(left, f"{title}, {model}: test accuracy", part["rows"])
        methods += [r["method"] for r in part["rows"] if r["method"] not in methods]
        left += PANEL + GAP
    top = TOP + 10
    for method in methods:
        name, color = METHODS[method]
        out.append(f'<line x1="{left - 40}" x2="{left - 22}" y1="{top - 4}" y2="{top - 4}" stroke="{color}" stroke-width="2"/>')
        text(left - 16, top, name)
        top += 20
    out.append("</svg>")
    print("\n".join(out))


main()
