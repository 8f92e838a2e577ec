#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Draws docs/images/levels.svg from the JSON of detent-train: one layer's weights before and after.

detent-train --method dorefa+sinreq --bits 3 --max-train 4000 --epochs 6 --json run.json
docs/images/make_levels.py run.json > docs/images/levels.svg
"""
import json
import math
import sys

WIDTH, LEFT, RIGHT = 760, 20, 20
run = json.load(open(sys.argv[1]))
layer = sys.argv[2] if len(sys.argv) > 2 else "conv2.weight"


def histogram(epoch):
    return next(h for h in run["history"][epoch]["histograms"] if h["layer"] == layer)


panels = [("after the first epoch", histogram(0)), ("after the last epoch", histogram(-1))]
out = []


def x_of(h, value):
    return LEFT + (value - h["lowest"]) / (h["highest"] - h["lowest"]) * (WIDTH - LEFT - RIGHT)


def text(x, y, words, anchor="start", size=13, color="#57606a"):
    out.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
               f'fill="{color}">{words}</text>')


def penalty(h, top, height):
    step = h["levels"][1] - h["levels"][0]
    points = []
    for i in range(601):
        v = h["lowest"] + (h["highest"] - h["lowest"]) * i / 600
        if v < h["levels"][0] or v > h["levels"][-1]:
            end = h["levels"][0] if v < 0 else h["levels"][-1]
            p = (math.pi * (v - end) / step) ** 2
        else:
            p = math.sin(math.pi * (v - h["levels"][0]) / step) ** 2
        points.append(f"{x_of(h, v):.1f},{top + height - height * min(p, 1.25) / 1.25:.1f}")
    out.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="#d55e00" '
               'stroke-width="2"/>')


def bars(h, top, height):
    most = max(h["counts"])
    width = (WIDTH - LEFT - RIGHT) / len(h["counts"])
    for i, count in enumerate(h["counts"]):
        tall = height * count / most
        out.append(f'<rect x="{LEFT + i * width:.2f}" y="{top + height - tall:.1f}" '
                   f'width="{width + 0.2:.2f}" height="{tall:.1f}" fill="#0072b2"/>')


def levels(h, top, height):
    for value in h["levels"]:
        x = x_of(h, value)
        out.append(f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{top + height}" '
                   'stroke="#8c959f" stroke-width="1" stroke-dasharray="3 3"/>')


first = panels[0][1]
levels(first, 26, 70)
penalty(first, 26, 70)
text(LEFT, 16, "the penalty, its minima on the eight levels of a 3-bit grid", color="#d55e00")
top = 128
for words, h in panels:
    levels(h, top, 110)
    bars(h, top, 110)
    text(LEFT, top - 8, f"weights of {layer.split('.')[0]} {words}", color="#0072b2")
    top += 150
height = top - 26
print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
      f'width="{WIDTH}" height="{height}" font-family="system-ui, sans-serif">'
      f'<rect width="{WIDTH}" height="{height}" rx="6" fill="#ffffff"/>')
print("\n".join(out))
print("</svg>")
