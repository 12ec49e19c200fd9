#!/usr/bin/env python3
"""Prints as JSON what the tensorboard package reads in a folder of event files.

    tensorboard_events.py FOLDER

{"scalars": {TAG: [[STEP, VALUE], ...]}, "histograms": {TAG: [[STEP, COUNT, MIN, MAX, COUNT OVER BUCKETS], ...]}}
"""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    everything = 0
    events = EventAccumulator(sys.argv[1], size_guidance={"scalars": everything, "histograms": everything})
    events.Reload()
    tags = events.Tags()

    def histogram(event):
        value = event.histogram_value
        return [event.step, value.num, value.min, value.max, sum(value.bucket)]

    print(
        json.dumps(
            {
                "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
                "histograms": {tag: [histogram(e) for e in events.Histograms(tag)] for tag in tags["histograms"]},
            }
        )
    )


if __name__ == "__main__":
    main()
