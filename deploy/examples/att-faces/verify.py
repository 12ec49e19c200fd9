#!/usr/bin/python3
"""Prints how often the AT&T example's nets refuse a face wrongly, where they take a stranger's in 10, 7.5 and 5 %.

    verify.py OUT EMBEDDINGS.npy...

OUT is the folder of make_faces.py; each EMBEDDINGS.npy was written by `twotower embed` of OUT/faces.txt, with its
.ids.txt beside it, one of each training, and beside it EMBEDDINGS.calibration.json by `twotower calibrate` of OUT/claims1.txt
and claims2.txt. Prints, of subjects 36 to 40, whom no net ever saw:

    correlation    1 - the correlation of two photographs' pixels, over all pairs of photographs
    distance       the distance of two embeddings, over the same pairs
    section 4.1    each subject a normal density of its first five photographs; the other five photographs of all
                   subjects claim to be each of them: as the calibration has it
    4.1, any five  the same for all 252 choices of five photographs, instead of the first, computed here

A false reject is a matching pair, or true claim, that lies beyond the threshold; the threshold is where the given part
of the others lies below it. Needs Debian's python3-numpy and python3-pil.
"""
import itertools
import json
import pathlib
import sys

import numpy
from PIL import Image

ACCEPTED = (0.10, 0.075, 0.05)
PAPER = (0.0, 1.0, 1.0)  # from secondary sources and memory, not from the paper
PHOTOS = 10  # of each subject
ENROLLED = 5


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: verify.py OUT EMBEDDINGS.npy...")
    out, files = pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
    rows = [read(out, file) for file in files]
    every = list(itertools.combinations(range(PHOTOS), ENROLLED))

    print(f"{'false reject, %, at false accept':34}" + "".join(f"{100 * part:8.3g} %" for part in ACCEPTED))
    show("raw-pixel correlation", [pairwise(correlations(out, rows[0][1]), rows[0][2])])
    show("distance", [pairwise(distances(unseen), subjects) for _, _, subjects, unseen, _, _ in rows])
    show("section 4.1, first five enrolled", [calibrated(file.with_suffix(".calibration.json")) for file in files])
    show("section 4.1, any five", [claims(row, every) for row in rows])
    show("the paper's (unchecked: README)", [PAPER])


def show(name, results):
    """The mean of the trainings, and below it each of them."""
    line = lambda name, values: print(f"{name:34}" + "".join(f"{value:10.1f}" for value in values))
    line(name, numpy.mean(results, axis=0))
    if len(results) > 1:
        for number, values in enumerate(results, start=1):
            line(f"    training {number}", values)


def calibrated(file):
    """The false rejects of claims that a calibration has found."""
    figures = json.loads(file.read_text())["claims"]["falseRejects"]
    return [100 * figures[f"far_{100 * part:.3g}"] for part in ACCEPTED]


def read(out, file):
    """(out, paths, subjects, embeddings) of the unseen subjects, and subjects and embeddings of the trained ones."""
    embeddings = numpy.load(file).astype(float)
    lines = file.with_suffix(".ids.txt").read_text().splitlines()
    paths, subjects = zip(*(line.rsplit(" ", 1) for line in lines))
    subjects = numpy.array(subjects, int)
    if len(lines) != len(embeddings) or len(lines) % PHOTOS:
        sys.exit(f"{file}: {len(embeddings)} embeddings of {len(lines)} photographs; there should be {PHOTOS} a subject")
    unseen = numpy.array(["/unseen/" in path for path in paths])
    return (out, [path for path, new in zip(paths, unseen) if new], subjects[unseen], embeddings[unseen],
            subjects[~unseen], embeddings[~unseen])


def false_rejects(genuine, impostor):
    """Percent of the genuine distances beyond the threshold, for each part of the impostors that is accepted."""
    return [100 * numpy.mean(genuine > numpy.quantile(impostor, part)) for part in ACCEPTED]


# ---- pairs

def pairwise(distance, subjects):
    a, b = numpy.triu_indices(len(subjects), 1)
    same = subjects[a] == subjects[b]
    return false_rejects(distance[a, b][same], distance[a, b][~same])


def correlations(out, paths):
    pixels = numpy.array([numpy.asarray(Image.open(out / path), float).ravel() for path in paths])
    return 1 - numpy.corrcoef(pixels)


def distances(embeddings):
    return numpy.linalg.norm(embeddings[:, None] - embeddings[None], axis=2)


# ---- section 4.1: P = genuine / (genuine + impostor), with normal densities. Their ratio orders claims as P does.

# Five photographs in 50 dimensions: half of a subject's covariance is its own, half that of all trained subjects about
# their own means, which itself is half a sphere of the same size.
OWN = 0.5
SPHERE = 0.5


def claims(row, choices):
    _, _, subjects, unseen, trained_subjects, trained = row
    shared = within(trained, trained_subjects)
    size = numpy.trace(shared) / len(shared)
    shared = (1 - SPHERE) * shared + SPHERE * size * numpy.eye(len(shared))
    genuine, impostor = [], []
    for choice in choices:
        others = [photo for photo in range(PHOTOS) if photo not in choice]
        for subject in numpy.unique(subjects):
            enrolled = unseen[subjects == subject][list(choice)]
            covariance = OWN * numpy.cov(enrolled.T) + (1 - OWN) * shared
            density = LogNormal(enrolled.mean(axis=0), covariance)
            stranger = log_mean(density.of(trained))
            for other in numpy.unique(subjects):
                score = stranger - density.of(unseen[subjects == other][others])
                (genuine if other == subject else impostor).extend(score)
    return false_rejects(numpy.array(genuine), numpy.array(impostor))


def within(embeddings, subjects):
    """The covariance of embeddings about the means of their subjects."""
    names = numpy.unique(subjects)
    offsets = [embeddings[subjects == name] - embeddings[subjects == name].mean(axis=0) for name in names]
    return sum(offset.T @ offset for offset in offsets) / (len(embeddings) - len(names))


class LogNormal:
    """The logarithm of a multivariate normal density."""

    def __init__(self, mean, covariance):
        self.mean = mean
        self.factor = numpy.linalg.cholesky(covariance)

    def of(self, rows):
        scaled = numpy.linalg.solve(self.factor, (rows - self.mean).T)
        constant = numpy.log(numpy.diag(self.factor)).sum() + len(self.mean) / 2 * numpy.log(2 * numpy.pi)
        return -(scaled**2).sum(axis=0) / 2 - constant


def log_mean(logarithms):
    """The logarithm of the mean of what these are the logarithms of."""
    top = logarithms.max()
    return top + numpy.log(numpy.mean(numpy.exp(logarithms - top)))


if __name__ == "__main__":
    main()
