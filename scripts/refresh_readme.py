#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Puts the figures of the generated files under docs into the README's tables.

A row of the README that begins with the same cells as a row of such a file becomes that row.
usage: refresh_readme.py
"""
import pathlib

# How many of the first cells tell what a row is about.
GENERATED = {"demo.md": 5, "performance.md": 2, "results.md": 5}


def key(line, count):
    return tuple(cell.strip() for cell in line.split("|")[1:1 + count])


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    readme = root / "README.md"
    lines = readme.read_text().splitlines(keepends=True)
    for name, count in GENERATED.items():
        text = (root / "docs" / name).read_text()
        rows = {}
        for line in text.splitlines(keepends=True):
            if line.startswith("| ") and len(line.split("|")) > count + 2:
                rows.setdefault(key(line, count), line)
        lines = [rows.get(key(line, count), line) if line.startswith("| ") else line
                 for line in lines]
    readme.write_text("".join(lines))


main()
