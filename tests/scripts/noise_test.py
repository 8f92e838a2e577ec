#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""scripts/noise.py by hand-computed numbers, and the pages of scripts/results without shares of gaps that are none."""
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
sys.path.insert(0, str(SCRIPTS))

import noise  # noqa: E402
import results_table  # noqa: E402


def row(mean, std=None, seeds=1, images=100, **others):
    return {"accuracy_mean": mean, "accuracy_std": std, "seeds": seeds, "test_images": images, **others}


class Noise(unittest.TestCase):
    def test_over_seeds(self):
        # As in tests/trainer/report_share_test.cpp.
        a, b = row(0.92, math.sqrt(4e-4), 3, 1000000), row(0.82, math.sqrt(1e-4), 3, 1000000)
        self.assertAlmostEqual(noise.noise(a, b), 2 * math.sqrt(5e-4 / 3), 14)
        self.assertAlmostEqual(noise.noise({**a, "test_images": 0}, {**b, "test_images": 0}), 2 * math.sqrt(5e-4 / 3), 14)

    def test_least_of_the_test_set(self):
        self.assertAlmostEqual(noise.noise(row(0.9), row(0.8)), 2 * math.sqrt(0.09 / 100 + 0.16 / 100), 14)
        self.assertAlmostEqual(noise.noise(row(0.9, 0, 2), row(0.8, 0, 2)), 2 * math.sqrt(0.09 / 200 + 0.16 / 200), 14)
        self.assertAlmostEqual(noise.noise(row(1), row(0)), 2 * math.sqrt(2 / 10000), 14)

    def test_unknown(self):
        self.assertEqual(noise.noise(row(0.9, images=0), row(0.8)), math.inf)
        self.assertEqual(noise.noise(row(0.9, seeds=0), row(0.8)), math.inf)
        self.assertEqual(noise.noise(row(None), row(0.8)), math.inf)
        self.assertEqual(noise.noise_of_mean(row(0.9), []), math.inf)
        old = row(0.9)
        del old["test_images"]
        self.assertEqual(noise.standard_error(old), math.inf)
        self.assertFalse(noise.is_beyond(old, row(0.1)))

    def test_mean_of_several(self):
        self.assertAlmostEqual(noise.noise_of_mean(row(0.9), [row(0.8), row(0.8)]),
                               2 * math.sqrt(0.09 / 100 + 0.16 / 100 / 2), 14)
        self.assertAlmostEqual(noise.noise_of_mean(row(0.9), [row(0.8)]), noise.noise(row(0.9), row(0.8)), 14)

    def test_beyond(self):
        self.assertTrue(noise.is_beyond(row(0.9), row(0.7)))
        self.assertFalse(noise.is_beyond(row(0.7), row(0.9)))
        self.assertFalse(noise.is_beyond(row(0.9), row(0.89)))
        self.assertFalse(noise.is_beyond(row(None), row(0.1)))

    def test_share(self):
        self.assertEqual(noise.share(0.03, 0.05, 0.04), 0.03 / 0.05)
        self.assertEqual(noise.share(-0.03, 0.05, 0.04), -0.03 / 0.05)
        for gain, gap, around in ((0.03, 0.05, 0.05), (0.03, 0, 0), (0.03, -0.05, 0.01), (None, 0.05, 0),
                                  (0.03, None, 0), (0.03, 1e-17, 1e-3), (0.03, 0.05, math.inf), (0.03, 0.05, math.nan)):
            self.assertIsNone(noise.share(gain, gap, around), (gain, gap, around))


def compared(method, bits, mean, seeds=3, std=0.002, schedule="cosine", **others):
    """A row as detent-compare writes it."""
    return {"method": method, "bits": bits, "activation_bits": 32, "lr_schedule": schedule, "forward": "quantized",
            "seeds": seeds, "accuracy_mean": mean, "accuracy_std": std if seeds > 1 else None, "test_images": 10000,
            "gap_closed": None, "on_grid_fraction": 0.5, "snap_loss": 0.0, "flips_per_step": 1e-4, **others}


class Tables(unittest.TestCase):
    def averages(self, base, **others):
        """The cells "closed" of a comparison of DoReFa at two to four bits."""
        rows = [compared("none", 32, 0.9, **others)]
        for quantizer in ("dorefa", "wrpn"):
            for bits in (2, 3, 4):
                rows.append(compared(quantizer, bits, base, **others))
                rows.append(compared(quantizer + "+sinreq", bits, 0.95, **others))
        line = results_table.summary("data | quantized", rows, "cosine")[0]
        return [cell.strip() for cell in line.split("|")][8:10]

    def test_averages(self):
        self.assertEqual(self.averages(0.8), ["150", "150"])
        for base in (0.9, 0.8999, 0.89999999999999, 0.91):
            self.assertEqual(self.averages(base), ["no gap", "no gap"], base)
        self.assertEqual(self.averages(0.89, std=0.02), ["no gap", "no gap"])
        self.assertEqual(self.averages(0.896, seeds=1), ["no gap", "no gap"])
        self.assertEqual(self.averages(0.8, seeds=1), ["150", "150"])

    def test_rows_say_what_the_comparison_says(self):
        rows = [compared("none", 32, 0.9), compared("dorefa", 3, 0.8), compared("dorefa+sinreq", 3, 0.85, gap_closed=0.5)]
        self.assertIn("| 50 |", results_table.table(rows, "cosine", 32))
        rows[2]["gap_closed"] = None
        self.assertIn("| – |", results_table.table(rows, "cosine", 32))

    def page(self, script, name, rows, runs):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / f"{name}.json").write_text(json.dumps({"rows": rows, "runs": runs}))
            (path / f"{name}.command").write_text("detent-compare")
            (path / f"{name}.commit").write_text("0000000")
            return subprocess.run([sys.executable, SCRIPTS / script, folder], capture_output=True, text=True,
                                  check=True).stdout

    def test_one_seed_marks_no_difference_within_the_noise(self):
        def entry(mean):
            return {"bits": 4, "activation_bits": 4, "accuracy_mean": mean, "accuracy_std": None}

        def full(mean):
            return {"bits": 32, "activation_bits": 32, "accuracy_mean": mean, "accuracy_std": None}

        rows = [compared("none", 32, 0.9, seeds=1, strength=0, ptq=[full(0.9), entry(0.8)])]
        for method, mean in (("kure", 0.801), ("gradl2", 0.9)):
            rows.append(compared(method, 32, 0.9, seeds=1, strength=0.1, ptq=[full(0.9), entry(mean)]))
        runs = [{"method": r["method"], "strength": r["strength"], "model": "mlp", "regularizer_share": share,
                 "history": []} for r, share in zip(rows, (None, 1, 0.5))]
        text = self.page("robustness_table.py", "mnist-robustness-fit", rows, runs)
        self.assertIn("| KURE | 0.1 | 90.0 | 80.1 | 9.9 | – |".replace("9.9", "+9.9"), text)
        self.assertIn("| gradient ℓ2 | 0.1 | 90.0 | 90.0* | 0.0 | 2.00 |", text)

    def test_one_seed_of_learned_grids(self):
        rows = [compared("none", 32, 0.9, seeds=1), compared("rq", 3, 0.9, seeds=1), compared("srq", 3, 0.901, seeds=1),
                compared("srq-all", 3, None, seeds=0, failures=[{"seed": 1, "reason": "out of memory"}])]
        runs = [{"epochs": 1, "layers": []}]
        text = self.page("bitwise_table.py", "cifar10-bitwise", rows, runs)
        self.assertIn("| `rq` | 10.00 |", text)
        self.assertIn("| `srq-all` | – |", text)
        self.assertIn("| 3/3 | +0.10 | – | – | – |", text)


if __name__ == "__main__":
    unittest.main()
