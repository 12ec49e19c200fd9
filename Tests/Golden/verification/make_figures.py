#!/usr/bin/env python3
"""Writes figures.json: scikit-learn's figures for lists of pairs made with a fixed seed.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1 && venv/bin/python make_figures.py

Distances are whole numbers of 1024ths, so that they are exact as float32.
"""
import json
import pathlib

import numpy as np
from sklearn.metrics import accuracy_score, average_precision_score, roc_auc_score, roc_curve

UNIT = 1024


def case(name, rng, pairs, share, gap, step, weighted=False):
    """Distances of `pairs` pairs of which `share` match, rounded to `step` 1024ths, and what is to be found."""
    is_match = rng.random(pairs) < share
    distances = np.abs(rng.normal(np.where(is_match, 1.0, 1.0 + gap), 0.5))
    ticks = (np.round(distances * UNIT / step) * step).astype(int)
    weights = rng.poisson(1.0, pairs) if weighted else np.ones(pairs, int)
    return {
        "name": name,
        "distances": ticks.tolist(),
        "isMatch": is_match.astype(int).tolist(),
        "weights": weights.tolist() if weighted else None,
        "expected": expected(is_match, -ticks / UNIT, weights),
    }


def expected(is_match, scores, weights):
    fpr, tpr, thresholds = roc_curve(is_match, scores, sample_weight=weights, drop_intermediate=False)
    found = {
        "auc": roc_auc_score(is_match, scores, sample_weight=weights),
        "average_precision": average_precision_score(is_match, scores, sample_weight=weights),
        "eer": equal_error(fpr, tpr),
        "fpr_at_tpr_95": fpr[np.argmax(tpr >= 0.95)],
    }
    others = weights[~is_match].sum()
    for power in range(1, 5):
        if others >= 10**power:
            found[f"tar_at_far_1e-{power}"] = tpr[fpr <= 10.0**-power].max()
    for percent in (10, 7.5, 5):
        found[f"frr_at_far_{percent:g}"] = 1 - tpr[fpr <= percent / 100].max()
    # The lowest distance of several: scores fall from one threshold to the next, and distances rise.
    rates = [accuracy_score(is_match, scores >= t, sample_weight=weights) for t in thresholds]
    found["best_accuracy"] = max(rates)
    best = thresholds[int(np.argmax(np.round(rates, 12)))]
    found["best_threshold"] = -best if np.isfinite(best) else None
    found["accuracy_at_1.25"] = accuracy_score(is_match, scores >= -1.25, sample_weight=weights)
    # A corner is where the curve turns: scikit-learn's own thinning keeps some more.
    fpr, tpr, _ = roc_curve(is_match, scores, sample_weight=weights, drop_intermediate=True)
    found["corner_area"] = np.trapezoid(tpr, fpr)
    return {name: None if value is None else float(value) for name, value in found.items()}


def equal_error(fpr, tpr):
    """Where the line between the curve's points crosses FPR = 1 - TPR."""
    gap = fpr - (1 - tpr)
    after = int(np.argmax(gap >= 0))
    part = -gap[after - 1] / (gap[after] - gap[after - 1])
    return fpr[after - 1] + part * (fpr[after] - fpr[after - 1])


def main():
    rng = np.random.default_rng(20050620)
    cases = [
        case("some ties", rng, 300, 0.5, 0.8, step=16),
        case("few distances", rng, 200, 0.4, 0.3, step=512),
        case("few matching pairs", rng, 1800, 0.1, 1.5, step=1),
        case("worse than chance", rng, 250, 0.5, -0.4, step=8),
        case("weighted", rng, 500, 0.5, 0.9, step=16, weighted=True),
    ]
    path = pathlib.Path(__file__).with_name("figures.json")
    path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main()
