#!/usr/bin/env python3
"""Runs ONNX models by onnxruntime and compares what comes out with what TwoTower computed.

    onnx_agreement.py FOLDER [--tolerance T]

For each FOLDER/NAME.onnx there are NAME.in.BLOB.npy for its inputs and NAME.out.BLOB.npy for its outputs. Prints a line
`NAME BLOB largest difference` each, relative where values are above 1; ends with status 1 where one is above T (1e-4).
"""

import argparse
import pathlib
import sys

import numpy
import onnx
import onnxruntime


def largest_difference(found, expected):
    if found.shape != expected.shape:
        return float("inf")
    difference = numpy.abs(found - expected) / numpy.maximum(1, numpy.abs(expected))
    return float(difference.max()) if numpy.isfinite(difference).all() else float("inf")


def compare(model, tolerance):
    """Whether a model agrees; says how well."""
    onnx.checker.check_model(str(model), full_check=True)
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    name = model.stem

    def load(kind, blob):
        return numpy.load(model.parent / f"{name}.{kind}.{blob}.npy")

    inputs = {value.name: load("in", value.name) for value in session.get_inputs()}
    agrees = True
    for value, found in zip(session.get_outputs(), session.run(None, inputs)):
        difference = largest_difference(found, load("out", value.name))
        print(f"{name} {value.name} {difference:.3g}")
        agrees = agrees and difference <= tolerance
    return agrees


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()
    models = sorted(arguments.folder.glob("*.onnx"))
    if not models:
        sys.exit(f"{arguments.folder} holds no .onnx file")
    # All of them, also after one that differs.
    if not all([compare(model, arguments.tolerance) for model in models]):
        sys.exit(f"some differ by more than {arguments.tolerance}")


if __name__ == "__main__":
    main()
