"""Makes embeddings with labels, and what scikit-learn says of their rankings (expected.json).

Run in this folder with numpy and scikit-learn (made with 2.4.6 and the version named in expected.json):
    python3 make.py
"""

import json

import numpy
import sklearn
from sklearn.metrics import average_precision_score, label_ranking_average_precision_score

random = numpy.random.default_rng(6)
LABELS = 30


def embeddings(labels, spread):
    centres = numpy.random.default_rng(7).normal(size=(LABELS + 1, 12))
    # As behind a ReLU, and far from the origin.
    return (numpy.maximum(centres[labels] + spread * random.normal(size=(len(labels), 12)), 0) + 3).astype("<f4")


def save(name, rows, labels):
    numpy.save(name + ".npy", rows)
    with open(name + ".ids.txt", "w") as ids:
        ids.writelines(f"{name}/{row}.png {label}\n" for row, label in enumerate(labels))


def figures(distances, relevant):
    """Queries without relevant rows are left out; ties are broken by the row where the nearest are listed."""
    kept = relevant.any(axis=1)
    order = numpy.argsort(distances, axis=1, kind="stable")[kept]
    hits = numpy.take_along_axis(relevant[kept], order, axis=1)
    precisions = [average_precision_score(r, -d) for r, d in zip(relevant[kept], distances[kept])]
    ranking = label_ranking_average_precision_score(relevant[kept], -distances[kept])
    assert abs(numpy.mean(precisions) - ranking) < 1e-12
    return {
        "queries": int(kept.sum()),
        "without_relevant": int((~kept).sum()),
        "recall": [float(hits[:, :k].any(axis=1).mean()) for k in (1, 5, 10)],
        "mean_average_precision": float(ranking),
    }


def euclidean(a, b):
    return numpy.sqrt(((a[:, None].astype(float) - b[None].astype(float)) ** 2).sum(axis=2))


def cosine(a, b):
    a, b = (x.astype(float) / numpy.sqrt((x.astype(float) ** 2).sum(axis=1, keepdims=True)) for x in (a, b))
    return 1 - (a[:, None] * b[None]).sum(axis=2)


index_labels = random.integers(0, LABELS, 240)
query_labels = random.integers(0, LABELS + 1, 90)
query_labels[:3] = LABELS  # which the index lacks
index, queries = embeddings(index_labels, 0.6), embeddings(query_labels, 0.6)
index[200:220] = index[100:120]  # ties
queries[10:15] = index[30:35]
save("index", index, index_labels)
save("queries", queries, query_labels)

same = query_labels[:, None] == index_labels[None]
own = index_labels[:, None] == index_labels[None]
numpy.fill_diagonal(own, False)
itself = euclidean(index, index)
numpy.fill_diagonal(itself, numpy.inf)
others = ~numpy.eye(len(index), dtype=bool)
shape = (len(index), len(index) - 1)
expected = {
    "sklearn": sklearn.__version__,
    "label": figures(euclidean(queries, index), same),
    "cosine": figures(cosine(queries, index), same),
    "position": figures(euclidean(queries, index[:90]), numpy.eye(90, dtype=bool)),
    "self": figures(itself[others].reshape(shape), own[others].reshape(shape)),
}
with open("expected.json", "w") as file:
    json.dump(expected, file, indent=2)
    file.write("\n")
