#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Puts the figures of the generated files under docs into the README's tables.

A row of the README that begins with the same cells as a row of such a file becomes that row.
usage: refresh_readme.py
"""
import pathlib

# File, cells of a row, and how many of the first of them tell what the row is about.
GENERATED = (("demo.md", 10, 5), ("performance.md", 6, 4), ("performance.md", 5, 2),
             ("results.md", 10, 5))


def key(line, count):
    return tuple(cell.strip() for cell in line.split("|")[1:1 + count])


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    readme = root / "README.md"
    lines = readme.read_text().splitlines(keepends=True)
    for name, cells, count in GENERATED:
        def is_row(line):
            return line.startswith("| ") and len(line.split("|")) == cells + 2

        rows = {}
        for line in (root / "docs" / name).read_text().splitlines(keepends=True):
            if is_row(line):
                rows.setdefault(key(line, count), line)
        lines = [rows.get(key(line, count), line) if is_row(line) else line for line in lines]
    readme.write_text("".join(lines))


main()
