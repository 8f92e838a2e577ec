#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""The sinusoid's value and gradient on a GPU by PyTorch, eager and compiled, against the library, on
the same tensors.

usage: pytorch_cuda.py LIBRARY [JSON [SECONDS]]
LIBRARY: libdetent_cuda_peer.so of the build; JSON: written if given; SECONDS: nothing is begun later.
Every candidate adds to the same gradients and takes its turn in each round; the best time counts. No
candidate waits for the value. Without PyTorch or a GPU it says so and exits with 77.
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
    print("bench/cuda/pytorch_cuda.py: PyTorch is not installed here, nothing was measured")
    sys.exit(77)

STEP, PHASE, SCALE = 2 / 7, 0.5, 1e-3
HEIGHT = (STEP / math.pi) ** 2
TURN, SHIFT = math.pi / STEP, math.pi * PHASE
POWERS = (26, 20, 28, 16, 24)
NETWORKS = ("ResNet-50", "GPT-2")
ROUNDS, SECONDS_OF_TURN = 15, 5e-3
DETENT = "detent, one launch"


def opened(path):
    library = ctypes.CDLL(path)
    pointers = ctypes.POINTER(ctypes.c_void_p)
    sizes = ctypes.POINTER(ctypes.c_size_t)
    library.detent_plan.restype = ctypes.c_void_p
    library.detent_plan.argtypes = [pointers, pointers, sizes, ctypes.c_size_t, ctypes.c_double]
    library.detent_accumulate.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    library.detent_value.restype = ctypes.c_double
    library.detent_value.argtypes = [ctypes.c_void_p]
    library.detent_destroy.argtypes = [ctypes.c_void_p]
    library.detent_tensors.restype = library.detent_tensor_size.restype = ctypes.c_size_t
    library.detent_tensors.argtypes = [ctypes.c_char_p]
    library.detent_tensor_size.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    return library


class Tensors:
    """Weights within the outermost levels, where the bounded sinusoid is the periodic one."""

    def __init__(self, library, name, sizes):
        random = torch.Generator(device="cuda").manual_seed(1)
        self.library, self.name = library, name
        self.w = [torch.empty(n, device="cuda").uniform_(-1, 1, generator=random) for n in sizes]
        self.g = [torch.zeros_like(w) for w in self.w]
        torch.cuda.synchronize()
        count = len(sizes)
        addresses = [(ctypes.c_void_p * count)(*(t.data_ptr() for t in list_))
                     for list_ in (self.w, self.g)]
        self.plan = library.detent_plan(*addresses, (ctypes.c_size_t * count)(*sizes), count, SCALE)
        if not self.plan:
            sys.exit("libdetent_cuda_peer: CUDA refused a plan")

    def __del__(self):
        self.library.detent_destroy(self.plan)

    def weights(self):
        return sum(w.numel() for w in self.w)

    def clear(self):
        for g in self.g:
            g.zero_()


def detent(t):
    def step():
        stream = torch.cuda.current_stream().cuda_stream
        if t.library.detent_accumulate(t.plan, stream) != 0:
            sys.exit("libdetent_cuda_peer: CUDA refused a launch")

    return step


def penalty(w):
    return SCALE * HEIGHT * torch.sin(TURN * w - SHIFT).square().sum()


def by_autograd(function, t):
    leaves = [w.detach().requires_grad_() for w in t.w]
    for leaf, g in zip(leaves, t.g):
        leaf.grad = g

    def step():
        value = sum(function(leaf) for leaf in leaves)
        value.backward()
        return value.detach()

    return step


def by_out(t):
    """Written with out= and in-place operations: no allocation, two sines, as few passes as go."""
    of_u, of_s = [torch.empty_like(w) for w in t.w], [torch.empty_like(w) for w in t.w]

    def step():
        value = 0
        for w, g, u, s in zip(t.w, t.g, of_u, of_s):
            torch.mul(w, TURN, out=u)
            u.sub_(SHIFT)
            torch.sin(u, out=s)
            u.mul_(2).sin_()
            g.add_(u, alpha=SCALE * HEIGHT * TURN)
            value = value + torch.dot(s, s)
        return SCALE * HEIGHT * value

    return step


def compiled(function, t):
    """Many tensors of many sizes share one program; one tensor has its own."""
    torch._dynamo.reset()
    return torch.compile(function, dynamic=True if len(t.w) > 1 else None)


def by_compiled_step(t):
    def both(w, g):
        u = TURN * w - SHIFT
        g.add_(torch.sin(2 * u), alpha=SCALE * HEIGHT * TURN)
        return SCALE * HEIGHT * torch.sin(u).square().sum()

    function = compiled(both, t)
    return lambda: sum(function(w, g) for w, g in zip(t.w, t.g))


CANDIDATES = {
    DETENT: detent,
    "PyTorch eager, autograd": lambda t: by_autograd(penalty, t),
    "PyTorch eager, out= operations": by_out,
    "torch.compile, gradient written out": by_compiled_step,
    "torch.compile, autograd": lambda t: by_autograd(compiled(penalty, t), t),
}


def figures(name, step, t):
    """Of one step: the value, and what became of the gradients; they tell whether it is right."""
    t.clear()
    value = step()
    value = t.library.detent_value(t.plan) if name == DETENT else value.item()
    return [value, *(sum(f(w, g).item() for w, g in zip(t.w, t.g)) for f in (
        lambda w, g: g.square().sum(dtype=torch.float64),
        lambda w, g: (w * g).sum(dtype=torch.float64)))]


def prepared(t):
    """The candidates that run here, warm, each checked against the library."""
    steps, expected = {}, None
    for name, make in CANDIDATES.items():
        try:
            step = make(t)
            for _ in range(3):
                step()
            found = figures(name, step, t)
        except Exception as error:  # torch.compile needs a compiler, and fails in many ways
            print(f"{t.name}: {name}: not measured, {type(error).__name__}: {error}"[:200],
                  file=sys.stderr)
            continue
        expected = expected or found
        for a, b in zip(expected, found):
            if not abs(a - b) <= 1e-3 * abs(a):
                sys.exit(f"{t.name}: {name} computes {found}, not {expected}")
        steps[name] = step
    return steps


def seconds(step, calls):
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    step()
    begin.record()
    for _ in range(calls):
        step()
    end.record()
    end.synchronize()
    return 1e-3 * begin.elapsed_time(end) / calls


def measure(t):
    with torch.no_grad():
        t.clear()
    steps = prepared(t)
    calls = {name: max(1, int(SECONDS_OF_TURN / seconds(step, 3))) for name, step in steps.items()}
    times = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            times[name].append(seconds(step, calls[name]))
    best = {name: min(of) for name, of in times.items()}
    return [{"name": name, "tensors_of": t.name, "tensors": len(t.w), "weights": t.weights(),
             "us": 1e6 * best[name], "us_median": 1e6 * statistics.median(of),
             "times_detent": best[name] / best[DETENT]} for name, of in times.items()]


def subjects(library):
    """Names and sizes, what has a target first."""
    networks = {name: [library.detent_tensor_size(name.encode(), i)
                       for i in range(library.detent_tensors(name.encode()))] for name in NETWORKS}
    one = {f"n = 2^{power}": [1 << power] for power in POWERS}
    first = f"n = 2^{POWERS[0]}"
    return {first: one.pop(first), **networks, **one}


def write(result):
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w") as file:
            json.dump(result, file, indent=1)


def main():
    if not 2 <= len(sys.argv) <= 4:
        sys.exit("usage: pytorch_cuda.py LIBRARY [JSON [SECONDS]]")
    if not torch.cuda.is_available():
        print("bench/cuda/pytorch_cuda.py: no GPU here, or a PyTorch without CUDA; nothing was measured")
        sys.exit(77)
    end = time.monotonic() + (float(sys.argv[3]) if len(sys.argv) == 4 else 300)
    library = opened(sys.argv[1])
    rows, skipped = [], []
    result = {"version": torch.__version__, "device": torch.cuda.get_device_name(), "rounds": ROUNDS,
              "rows": rows, "skipped": skipped}
    for name, sizes in subjects(library).items():
        if time.monotonic() > end:
            skipped.append(name)
            continue
        rows += measure(Tensors(library, name, sizes))
        torch.cuda.empty_cache()
        write(result)  # every time, in case that the next one takes too long
    write(result)
    print(f"PyTorch {torch.__version__}, {torch.cuda.get_device_name()}, float32")
    for row in rows:
        print(f"{row['tensors_of']:>10}  {row['us']:11.2f} us  {row['times_detent']:7.2f} x  "
              f"{row['name']}")


main()
