#!/usr/bin/env python3
"""Writes calibration.json: what scikit-learn fits to lists of pairs and to rows made with a fixed seed.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1 && venv/bin/python make_calibration.py

Inputs are whole numbers of 64ths, so that they are exact as float32.
"""
import json
import pathlib

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.covariance import LedoitWolf
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

UNIT = 64
QUERIES = [-16, 0, 31, 64, 77, 100, 129, 160, 201, 256, 640]


def distances_case(name, rng, pairs, share, gap):
    """Logistic and isotonic regression on distances, at QUERIES, and how good the logistic one is."""
    is_match = rng.random(pairs) < share
    ticks = np.round(np.abs(rng.normal(np.where(is_match, 1.0, 1.0 + gap), 0.6)) * UNIT).astype(int)
    x, at = ticks[:, None] / UNIT, np.array(QUERIES)[:, None] / UNIT
    logistic = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(x, is_match)
    isotonic = IsotonicRegression(increasing=False, out_of_bounds="clip").fit(x[:, 0], is_match.astype(float))
    found = logistic.predict_proba(x)[:, 1]
    return {
        "name": name,
        "distances": ticks.tolist(),
        "isMatch": is_match.astype(int).tolist(),
        "queries": QUERIES,
        "slope": float(logistic.coef_[0, 0]),
        "intercept": float(logistic.intercept_[0]),
        "logistic": logistic.predict_proba(at)[:, 1].tolist(),
        "isotonic": isotonic.predict(at[:, 0]).tolist(),
        "brier": float(brier_score_loss(is_match, found)),
        "expectedError": expected_error(is_match, found),
        "isotonicBrier": float(brier_score_loss(is_match, isotonic.predict(x[:, 0]))),
    }


def expected_error(is_match, probabilities, bins=15):
    """Bin by bin as calibration_curve has them, weighted by their share of the pairs."""
    observed, predicted = calibration_curve(is_match, probabilities, n_bins=bins)
    places = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], probabilities)
    counts = np.bincount(places, minlength=bins)
    return float(np.sum(counts[counts > 0] / len(is_match) * np.abs(observed - predicted)))


def rows_case(name, rng, rows, length):
    """Ledoit and Wolf's covariance of correlated rows with a mean."""
    mixing = rng.normal(size=(length, length)) * np.linspace(0.2, 1.5, length)
    ticks = np.round((rng.normal(size=(rows, length)) @ mixing + rng.normal(size=length)) * UNIT).astype(int)
    fitted = LedoitWolf().fit(ticks / UNIT)
    return {
        "name": name,
        "length": length,
        "rows": ticks.ravel().tolist(),
        "mean": fitted.location_.tolist(),
        "covariance": fitted.covariance_.ravel().tolist(),
        "shrinkage": float(fitted.shrinkage_),
        "logDensities": log_densities(ticks / UNIT, fitted.location_, fitted.covariance_).tolist(),
    }


def log_densities(rows, mean, covariance):
    centred = rows - mean
    squares = np.einsum("ij,ij->i", centred, np.linalg.solve(covariance, centred.T).T)
    return -0.5 * (squares + np.linalg.slogdet(covariance)[1] + rows.shape[1] * np.log(2 * np.pi))


def main():
    rng = np.random.default_rng(20050621)
    found = {
        "distances": [
            distances_case("balanced", rng, 400, 0.5, 0.9),
            distances_case("rare matches", rng, 500, 0.15, 1.3),
            distances_case("hardly better than chance", rng, 200, 0.5, 0.1),
        ],
        "rows": [
            rows_case("more rows than numbers", rng, 60, 6),
            rows_case("fewer rows than numbers", rng, 8, 12),
            rows_case("three rows", rng, 3, 4),
        ],
    }
    pathlib.Path(__file__).with_name("calibration.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
