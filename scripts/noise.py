# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
"""Which differences and shares the tables print: those above their noise. examples/trainer/report/share.hpp states
the same rule for detent-compare."""
import math


def standard_error(row):
    """Standard error of a mean accuracy over seeds, at least the binomial one of the test set.

    row: accuracy_mean, accuracy_std (None for one seed), seeds, test_images (0 or absent: not known).
    """
    mean, seeds, images = row["accuracy_mean"], row["seeds"], row.get("test_images") or 0
    if mean is None or not seeds:
        return math.inf
    between_seeds = (row["accuracy_std"] or 0) / math.sqrt(seeds)
    if not images:
        return between_seeds if seeds > 1 else math.inf
    binomial = math.sqrt(max(mean * (1 - mean), 1 / images) / (seeds * images))
    return max(between_seeds, binomial)


def noise(a, b):
    """Two standard errors of the difference of two means."""
    return 2 * math.hypot(standard_error(a), standard_error(b))


def noise_of_mean(reference, rows):
    """Two standard errors of the mean difference between one row and several."""
    several = math.hypot(*map(standard_error, rows)) / len(rows) if rows else math.inf
    return 2 * math.hypot(standard_error(reference), several)


def difference(a, b):
    """Accuracy of a minus that of b; None where one is missing."""
    means = a["accuracy_mean"], b["accuracy_mean"]
    return None if None in means else means[0] - means[1]


def is_beyond(a, b):
    """Whether a is better than b by more than the noise."""
    gain = difference(a, b)
    return gain is not None and gain > noise(a, b)


def share(gain, gap, noise_of_gap):
    """gain / gap, or None where the gap is not above its noise."""
    if gain is None or gap is None or not (gap > 0 and gap > noise_of_gap):
        return None
    return gain / gap
