#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""The sinusoid's value and gradient, and relaxed quantization forward and backward, by PyTorch
against the library, on the same tensors, one thread.

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


ALPHA, SIGMA, LEVELS = 0.14, 0.05, 16


def detent_relaxed(library, local, w, upstream, g):
    function = library.detent_relaxed
    function.restype = None
    function.argtypes = ([ctypes.c_void_p] * 4 + [ctypes.c_size_t] + [ctypes.c_double] * 3
                         + [ctypes.c_uint32, ctypes.c_void_p])
    out, theta, count = torch.empty_like(w), torch.empty(2, dtype=torch.float64), [0]

    def step():
        count[0] += 1
        function(w.data_ptr(), upstream.data_ptr(), out.data_ptr(), g.data_ptr(), w.numel(), ALPHA,
                 SIGMA, local, count[0], theta.data_ptr())
        return out, theta

    return step


def mixture(w, alpha, sigma, codes, is_level=1):
    """A Concrete sample over the levels of each weight's codes, of which there is one more than
    there are levels: the bounds between them are shared."""
    cumulative = torch.sigmoid((alpha * (codes - 0.5) - w.unsqueeze(1)) / sigma)
    shares = cumulative.diff(dim=1) * is_level
    logits = torch.log(shares / shares.sum(dim=1, keepdim=True) + 1e-20)
    z = torch.nn.functional.gumbel_softmax(logits, tau=1.0)
    return (z * (alpha * codes[..., :-1])).sum(dim=1)


def all_levels(w, alpha, sigma):
    codes = torch.arange(-LEVELS // 2, LEVELS // 2 + 1, dtype=w.dtype)
    return mixture(w, alpha, sigma, codes)


def five_levels(w, alpha, sigma):
    """The levels next to the nearest, as far as there are any."""
    low, high = -LEVELS // 2, LEVELS // 2 - 1
    nearest = torch.round(w.detach() / alpha.detach()).clamp(low, high)
    codes = nearest.unsqueeze(1) + torch.arange(-2.0, 4.0)
    return mixture(w, alpha, sigma, codes, (codes[:, :-1] >= low) & (codes[:, :-1] <= high))


def relaxed_by_autograd(function, w, upstream, g):
    leaf = w.detach().requires_grad_()
    leaf.grad = g
    alpha, sigma = (torch.tensor(x, requires_grad=True) for x in (ALPHA, SIGMA))

    def step():
        alpha.grad = sigma.grad = None
        out = function(leaf, alpha, sigma)
        out.backward(upstream)
        return out.detach(), torch.stack((alpha.grad, sigma.grad))

    return step


def relaxed_candidates(library, *tensors):
    yield "detent, 5 levels", 5, lambda: detent_relaxed(library, 3.0, *tensors)
    yield "detent, 16 levels", 16, lambda: detent_relaxed(library, 0.0, *tensors)
    yield "PyTorch eager, 5 levels", 5, lambda: relaxed_by_autograd(five_levels, *tensors)
    yield "PyTorch eager, 16 levels", 16, lambda: relaxed_by_autograd(all_levels, *tensors)
    yield ("torch.compile, 16 levels", 16,
           lambda: relaxed_by_autograd(torch.compile(all_levels), *tensors))


def agree(name, expected, found):
    """Draws differ, so only sums over the tensor can be compared."""
    if not abs(found - expected) <= 0.05 * abs(expected):
        sys.exit(f"{name}: {found}, not {expected}")


def relaxed_figures(step, w, g):
    """Of one step: squared noise, and gradients by weight, α and σ; they tell whether it is right."""
    g.zero_()
    out, theta = step()
    return [(out - w).square().mean().item(), torch.dot(g, w).item(), *theta.tolist()]


def prepared_relaxed(library, w, upstream, g):
    steps, levels, expected = {}, {}, {}
    for name, count, make in relaxed_candidates(library, w, upstream, g):
        try:
            step = make()
            step()
            figures = relaxed_figures(step, w, g)
        except Exception as error:
            print(f"{name}: not measured, {type(error).__name__}", file=sys.stderr)
            continue
        for a, b in zip(expected.setdefault(count, figures), figures):
            agree(name, a, b)
        steps[name], levels[name] = step, count
    return steps, levels


def measure_relaxed(library, size, rounds):
    w = torch.empty(size).uniform_(-1.1, 1.1, generator=torch.Generator().manual_seed(1))
    steps, levels = prepared_relaxed(library, w, w.clone(), torch.zeros(size))
    times = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            times[name].append(seconds(step, 1))
    best = {name: min(t) for name, t in times.items()}
    return [{"name": name, "weights": size, "ns": 1e9 * best[name] / size,
             "times_detent": best[name] / best[f"detent, {levels[name]} levels"]} for name in times]


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
    relaxed = [row for size, rounds in ((1 << 16, 20), (1 << 20, 6))
               for row in measure_relaxed(library, size, rounds)]
    print(f"PyTorch {torch.__version__}, one thread, float32")
    print(f"{'weights':>8}  {'ns a weight':>11}  {'x bounded':>9}  {'x periodic':>10}")
    for row in rows:
        print(f"{row['weights']:8}  {row['ns']:11.3f}  {row['times_bounded']:9.1f}  "
              f"{row['times_periodic']:10.1f}  {row['name']}")
    print("relaxed quantization, forward and backward")
    for row in relaxed:
        print(f"{row['weights']:8}  {row['ns']:11.3f}  {row['times_detent']:9.1f}  {row['name']}")
    if len(sys.argv) == 3:
        with open(sys.argv[2], "w") as file:
            json.dump({"version": torch.__version__, "rows": rows, "relaxed": relaxed}, file,
                      indent=1)


main()
