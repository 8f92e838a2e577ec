#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Writes the golden headers beside this file from 40-digit arithmetic (needs python3-mpmath).

Run it without arguments to write them, with --check to see whether they are what it would write.
Inputs are exact floating point numbers; outputs have 25 digits, more than a long double holds.
"""

import pathlib
import struct
import sys

try:
    from mpmath import diff, exp, floor, mp, mpf, nstr, pi, sin, tanh
except ImportError:
    print("mpmath is missing: sudo apt-get install python3-mpmath", file=sys.stderr)
    sys.exit(77)  # CTest shows the test as skipped

mp.dps = 40

HEAD = """// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// {what} Written by make_goldens.py; do not edit.

namespace detent_test::goldens {{
"""


def as_float(x):
    """The nearest float, as an exact Python number."""
    return struct.unpack("f", struct.pack("f", x))[0]


def literal(x):
    """A long double literal of 25 digits."""
    return nstr(x, 25, min_fixed=1, max_fixed=0) + "L"


def hexadecimal(x, suffix=""):
    return float(x).hex() + suffix


def table(name, members, rows):
    """A struct of the given members and an array of it; rows are literals already."""
    fields = "".join(f"  {kind} {field};\n" for kind, field in members)
    body = "".join("    {" + ", ".join(row) + "},\n" for row in rows)
    return (f"\nstruct {name}_golden {{\n{fields}}};\n"
            f"inline constexpr {name}_golden {name}[] = {{\n{body}}};\n")


def header(what, tables):
    return HEAD.format(what=what) + "".join(tables) + "\n}  // namespace detent_test::goldens\n"


def sinusoid():
    inputs = [1e-12, 0.001, 0.1, 0.124999, 0.2, 0.2499, 0.25001, 0.3, 0.4, 0.49, 0.49999, 0.500001,
              0.7, 0.999, 1.3, 2.71828, 17.4, 1000.123, -0.05, -0.77, -65537.3, 1048575.7]
    tables = []
    for name, kind, suffix, convert in (("sinusoid_float", "float", "f", as_float),
                                        ("sinusoid_double", "double", "", float)):
        rows = []
        for u in map(convert, inputs):
            exact = mpf(u)
            rows.append((hexadecimal(u, suffix), literal(sin(pi * exact) ** 2),
                         literal(sin(2 * pi * exact))))
        members = [(kind, "u"), ("long double", "square"), ("long double", "sine")]
        tables.append(table(name, members, rows))
    return header("sin²(πu) and sin(2πu).", tables)


def elementary():
    tables = []
    for name, function, inputs in (
            ("exponential", exp, [-80.5, -20, -1, -0.3, -1e-3, 1e-7, 0.1, 0.34, 0.35, 1, 3, 42, 86.5]),
            ("hyperbolic_tangent", tanh,
             [1e-20, 1e-5, 0.01, 0.1, 0.17, 0.18, 0.5, 0.7, 1, 1.5, 3, 8, 9.9, -0.3, -2])):
        for kind, suffix, convert in (("float", "f", as_float), ("double", "", float)):
            rows = [(hexadecimal(x, suffix), literal(function(mpf(x)))) for x in map(convert, inputs)]
            tables.append(table(f"{name}_{kind}", [(kind, "x"), ("long double", "value")], rows))
    return header("e^x and tanh x.", tables)


class Grid:
    """A grid from its definition: levels (n + phase)·step, lowest ≤ n ≤ highest."""

    def __init__(self, name, step, phase, lowest, highest):
        self.name, self.step, self.phase, self.lowest, self.highest = name, step, phase, lowest, highest

    def level(self, n):
        return (n + self.phase) * self.step


def dorefa(bits):
    return Grid("dorefa", mpf(2) / (2**bits - 1), mpf(1) / 2, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def wrpn(bits):
    highest = 2 ** (bits - 1) - 1
    return Grid("wrpn", mpf(1) / highest, mpf(0), -highest, highest)


def unit(bits):
    return Grid("unit", mpf(1) / (2**bits - 1), mpf(0), 0, 2**bits - 1)


def bounded(grid):
    """r(w)/A of the bounded sinusoid: sin² inside, the parabola π²v² outside."""
    low, high = grid.level(grid.lowest), grid.level(grid.highest)

    def value(w):
        if w < low:
            return (pi * (low - w) / grid.step) ** 2
        if w > high:
            return (pi * (w - high) / grid.step) ** 2
        return sin(pi * (w / grid.step - grid.phase)) ** 2

    return value


def periodic(grid):
    return lambda w: sin(pi * (w / grid.step - grid.phase)) ** 2


def regularizers():
    """Value and slope in double, the slope by 40-digit differentiation of the value."""
    inputs = [-7.25, -1.3, -1.0001, -0.93, -0.5, -0.2345, -1e-3, 1e-9, 0.01, 0.21, 0.37, 0.5001,
              0.777, 0.99, 1.02, 1.75, 30.5]
    tables = []
    for form, make in (("bounded", bounded), ("periodic", periodic)):
        rows = []
        for grid_of in (dorefa, wrpn, unit):
            for bits in (2, 3, 5, 8, 16):
                grid = grid_of(bits)
                for w in map(float, inputs):
                    function = make(grid)
                    x = mpf(w)
                    rows.append((f"'{grid.name[0]}'", str(bits), hexadecimal(w), literal(function(x)),
                                 literal(diff(function, x))))
        members = [("char", "grid"), ("int", "bits"), ("double", "w"), ("long double", "value"),
                   ("long double", "slope")]
        tables.append(table(f"sinusoidal_{form}", members, rows))
    return header("Penalty and slope of the sinusoid at amplitude 1, grids d(orefa), w(rpn), u(nit).",
                  tables)


def grids():
    """Levels and nearest codes; no input lies on a threshold."""
    rows = []
    for grid_of in (dorefa, wrpn, unit):
        for bits in (2, 3, 4, 7, 8, 12, 16):
            grid = grid_of(bits)
            for w in (-5.0, -1.0, -0.731, -0.0123, 0.0456, 0.31, 0.5678, 0.9, 1.0, 9.5):
                code = int(floor(mpf(w) / grid.step - grid.phase + mpf(1) / 2))
                code = max(grid.lowest, min(grid.highest, code))
                rows.append((f"'{grid.name[0]}'", str(bits), hexadecimal(w), str(code),
                             literal(grid.level(code))))
    members = [("char", "grid"), ("int", "bits"), ("double", "w"), ("int", "code"),
               ("long double", "level")]
    return header("Codes and levels of the grids d(orefa), w(rpn), u(nit).",
                  [table("nearest", members, rows)])


def main():
    folder = pathlib.Path(__file__).resolve().parent
    files = {"sinusoid.hpp": sinusoid, "elementary.hpp": elementary, "sinusoidal.hpp": regularizers,
             "grid.hpp": grids}
    stale = []
    for name, write in files.items():
        text = write()
        path = folder / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        sys.exit("stale: " + ", ".join(stale) + "; run make_goldens.py")


if __name__ == "__main__":
    main()
