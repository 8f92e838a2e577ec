#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Draws docs/images/waveq.svg: the penalty at growing bit-widths, bit-widths learned over a run, and
what pulled on them.

detent-train --method dorefa+waveq --target-bits 3 --epochs 16 --lr-schedule cosine --model simplenet --json run.json
docs/images/make_waveq.py run.json > docs/images/waveq.svg
"""
import json
import math
import sys

WIDTH, HEIGHT, MIDDLE, LOWER = 760, 330, 380, 190
COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8c6d00", "#56b4e9", "#57606a", "#000000"]
out = []


def text(x, y, words, anchor="start", size=12, color="#57606a"):
    out.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
               f'fill="{color}">{words}</text>')


def line(points, color, width=2.0):
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    out.append(f'<polyline points="{joined}" fill="none" stroke="{color}" stroke-width="{width}"/>')


def surface():
    """sin²(πu) over w in [-1, 1], one line a bit-width, u as for `bit_convention::dorefa`."""
    left, right, top = 46, MIDDLE - 30, 44
    text(left, 20, "the penalty over a weight, by bit-width β", size=13, color="#24292f")
    for row in range(9):
        beta = 2 + row / 4
        base = top + 34 + row * 28
        points = []
        for i in range(201):
            w = i / 100 - 1
            u = w * (2 ** beta - 1) / 2 - 0.5
            points.append((left + (w + 1) / 2 * (right - left),
                           base - 24 * math.sin(math.pi * u) ** 2))
        line(points, COLORS[0] if beta == int(beta) else "#9fb8c8", 1.6)
        text(left - 6, base, f"{beta:g}", "end")


def learned(run):
    left, right, top, bottom = MIDDLE + 40, WIDTH - 110, 44, HEIGHT - 36
    text(left, 20, "bit-widths learned", size=13, color="#24292f")
    epochs = len(run["history"])

    def place(epoch, bits):
        return (left + epoch / epochs * (right - left), bottom - (bits - 2) / 6 * (bottom - top))

    for bits in range(2, 9):
        y = place(0, bits)[1]
        out.append(f'<path d="M{left} {y:.1f}H{right}" stroke="#d0d7de"/>')
        text(left - 6, y + 4, str(bits), "end")
    ends = []
    for i, width in enumerate(run["history"][-1]["bit_widths"]):
        points = [place(0, 8)]
        points += [place(e["epoch"], e["bit_widths"][i]["bit_width"]) for e in run["history"]]
        line(points, COLORS[i % len(COLORS)])
        weights = next(l["weights"] for l in run["layers"] if l["name"] == width["layer"])
        ends.append([points[-1][1] + 4, f'{width["layer"].split(".")[0]}, {weights:,}', i])
    ends.sort()
    for j, end in enumerate(ends):
        if j and end[0] - ends[j - 1][0] < 14:
            end[0] = ends[j - 1][0] + 14
        text(right + 6, end[0], end[1], color=COLORS[end[2] % len(COLORS)])
    text((left + right) / 2, HEIGHT - 10, f"epochs 1 to {epochs}", "middle")


def pulls(run):
    """What the data ask of each layer, and what the bit term takes; only while β moves."""
    epochs = [e for i, e in enumerate(run["history"])
              if i == 0 or e["bit_widths"] != run["history"][i - 1]["bit_widths"]]
    left, right, top, bottom = 46, WIDTH - 110, HEIGHT + 40, HEIGHT + LOWER - 36
    text(left, HEIGHT + 20, "pulls on the bit-widths until they are frozen: above the dashed line a "
         "layer gains bits, below it loses them", size=13, color="#24292f")
    highest = max(max(-w["data_pull"] for w in e["bit_widths"]) for e in epochs)
    highest = max(highest, max(e["bit_widths"][0]["bit_pull"] for e in epochs))
    lowest = min(0, min(e["bit_widths"][0]["bit_pull"] for e in epochs))

    def place(index, pull):
        return (left + index / max(1, len(epochs) - 1) * (right - left),
                bottom - (pull - lowest) / (highest - lowest) * (bottom - top))

    y = place(0, 0)[1]
    out.append(f'<path d="M{left} {y:.1f}H{right}" stroke="#d0d7de"/>')
    text(left - 6, y + 4, "0", "end")
    ends = []
    for i, width in enumerate(epochs[-1]["bit_widths"]):
        points = [place(k, -e["bit_widths"][i]["data_pull"]) for k, e in enumerate(epochs)]
        line(points, COLORS[i % len(COLORS)])
        ends.append([points[-1][1] + 4, width["layer"].split(".")[0], COLORS[i % len(COLORS)]])
    points = [place(k, e["bit_widths"][0]["bit_pull"]) for k, e in enumerate(epochs)]
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    out.append(f'<polyline points="{joined}" fill="none" stroke="#24292f" stroke-width="2" '
               'stroke-dasharray="6 4"/>')
    ends.append([points[-1][1] + 4, "the bit term", "#24292f"])
    ends.sort()
    for j, end in enumerate(ends):
        if j and end[0] - ends[j - 1][0] < 13:
            end[0] = ends[j - 1][0] + 13
        text(right + 6, end[0], end[1], color=end[2])
    text((left + right) / 2, HEIGHT + LOWER - 10, f"epochs 1 to {epochs[-1]['epoch']}", "middle")


run = json.load(open(sys.argv[1]))
surface()
learned(run)
pulls(run)
print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + LOWER}" width="{WIDTH}" '
      'font-family="system-ui, sans-serif">')
print(f'<rect width="{WIDTH}" height="{HEIGHT + LOWER}" fill="#ffffff"/>')
print("\n".join(out))
print("</svg>")
