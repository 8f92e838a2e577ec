#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""The sinusoid's value and gradient by PyTorch against accumulate, on the same tensors, one thread.

usage: pytorch.py LIBRARY [JSON]     LIBRARY: libdetent_peer.so of the build; JSON: written if given
Every candidate adds to the same gradient and takes its turn in each round; the best time counts.
Without PyTorch it says so and exits with 77.
"""
import ctypes
import json
import math
import statistics
import sys
import time

try:
    import torch
except ImportError:
    print("bench/peers/pytorch.py: PyTorch is not installed here, nothing was measured")
    sys.exit(77)

STEP, PHASE, SCALE = 2 / 7, 0.5, 1e-3
HEIGHT = (STEP / math.pi) ** 2
TURN, SHIFT = math.pi / STEP, math.pi * PHASE


def detent(library, name, w, g):
    function = getattr(library, name)
    function.restype = ctypes.c_double
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_double]
    return lambda: function(w.data_ptr(), g.data_ptr(), w.numel(), SCALE)


def penalty(w):
    return SCALE * HEIGHT * torch.sin(TURN * w - SHIFT).square().sum()


def by_autograd(function, w, g):
    leaf = w.detach().requires_grad_()
    leaf.grad = g

    def step():
        value = function(leaf)
        value.backward()
        return value.item()

    return step


def by_out(w, g):
    """Written with out= and in-place operations: no allocation, two sines, as few passes as go."""
    u, s = torch.empty_like(w), torch.empty_like(w)

    def step():
        torch.mul(w, TURN, out=u)
        u.sub_(SHIFT)
        torch.sin(u, out=s)
        u.mul_(2).sin_()
        g.add_(u, alpha=SCALE * HEIGHT * TURN)
        return SCALE * HEIGHT * torch.dot(s, s).item()

    return step


def by_compiled_step(w, g):
    @torch.compile
    def both(w, g):
        u = TURN * w - SHIFT
        g.add_(torch.sin(2 * u), alpha=SCALE * HEIGHT * TURN)
        return SCALE * HEIGHT * torch.sin(u).square().sum()

    return lambda: both(w, g).item()


def candidates(library, w, g):
    yield "detent, bounded", lambda: detent(library, "detent_accumulate_bounded", w, g)
    yield "detent, periodic", lambda: detent(library, "detent_accumulate_periodic", w, g)
    yield "PyTorch eager, autograd", lambda: by_autograd(penalty, w, g)
    yield "PyTorch eager, out= operations", lambda: by_out(w, g)
    yield "torch.compile, autograd", lambda: by_autograd(torch.compile(penalty), w, g)
    yield "torch.compile, gradient written out", lambda: by_compiled_step(w, g)


def prepared(library, w, g):
    """The candidates that run here, warm, each checked against the value of `detent, periodic`."""
    steps = {}
    for name, make in candidates(library, w, g):
        try:
            step = make()
            value = [step() for _ in range(3)][-1]
        except Exception as error:  # torch.compile needs a compiler, and fails in many ways
            print(f"{name}: not measured, {type(error).__name__}", file=sys.stderr)
            continue
        steps[name] = step
        if name == "detent, periodic":
            expected = value
        elif "detent" not in name and abs(value - expected) > 1e-3 * abs(expected):
            sys.exit(f"{name} computes {value}, not {expected}")
    return steps


def seconds(step, calls):
    begin = time.perf_counter()
    for _ in range(calls):
        step()
    return (time.perf_counter() - begin) / calls


def measure(library, size, rounds):
    w = torch.empty(size).uniform_(-1.1, 1.1, generator=torch.Generator().manual_seed(1))
    g = torch.zeros(size)
    steps = prepared(library, w, g)
    calls = {name: max(1, int(2e-4 / seconds(step, 1))) for name, step in steps.items()}
    times = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            times[name].append(seconds(step, calls[name]))
    best = {name: min(t) for name, t in times.items()}
    return [{"name": name, "weights": size, "ns": 1e9 * best[name] / size,
             "ns_median": 1e9 * statistics.median(t) / size,
             "times_bounded": best[name] / best["detent, bounded"],
             "times_periodic": best[name] / best["detent, periodic"]}
            for name, t in times.items()]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: pytorch.py LIBRARY [JSON]")
    torch.set_num_threads(1)
    library = ctypes.CDLL(sys.argv[1])
    rows = [row for size, rounds in ((1 << 16, 40), (1 << 22, 12))
            for row in measure(library, size, rounds)]
    print(f"PyTorch {torch.__version__}, one thread, float32")
    print(f"{'weights':>8}  {'ns a weight':>11}  {'x bounded':>9}  {'x periodic':>10}")
    for row in rows:
        print(f"{row['weights']:8}  {row['ns']:11.3f}  {row['times_bounded']:9.1f}  "
              f"{row['times_periodic']:10.1f}  {row['name']}")
    if len(sys.argv) == 3:
        with open(sys.argv[2], "w") as file:
            json.dump({"version": torch.__version__, "rows": rows}, file, indent=1)


main()
