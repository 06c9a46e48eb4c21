"""Runs with two inputs, a 6 × 4 image and a table of 3 columns, too large for float16 as they are; and what a reader gets of them."""

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tests.event_files import EventFile
from tests.plugin.test_drift import slow_cosine, slow_regions, slow_shares

TAG = metadata.create_tag("attribution", "integrated_gradients")
SAMPLES = 9
STEPS = [-1, 0, 1, 2, 4, 6]
_RNG = np.random.default_rng(11)
IMAGES = {step: _RNG.normal(size=(SAMPLES, 6, 4)) * 1e4 for step in STEPS}
TABLES = {step: _RNG.normal(size=(SAMPLES, 3)) * 3e4 for step in STEPS}
ERRORS = {step: _RNG.random(SAMPLES).astype(np.float32) for step in STEPS}
SHIFT = 5e3
VAL_LOSS = {0: 0.9, 1: 0.4, 2: 0.2, 3: 0.1, 4: np.nan, 6: 0.2}
ACCURACY = {0: 0.1, 1: 0.8, 2: 0.7, 4: 0.8, 6: 0.6}


def manifest(*, score="log_odds", baseline="b", probe="p", signed=True):
    return pb.Manifest(
        probe=pb.Probe(size=SAMPLES, hash=probe),
        methods=[pb.Method(name="integrated_gradients", score=score, baseline_hash=baseline, signed=signed)],
        inputs=[
            pb.Input(name="image", shape=[12, 8, 3], cells=[6, 4], regions=[3, 2]),
            pb.Input(name="table", shape=[3], cells=[3], regions=[3]),
        ],
    )


def frame(step, shift=0.0):
    arrays, scales = {"completeness_error": ERRORS[step]}, {}
    for name, values in (("image", IMAGES[step] + shift), ("table", TABLES[step])):
        arrays[f"values:{name}"], scale = summary.compress(values)
        scales[f"scale:{name}"] = repr(scale)
    return summary.frame(TAG, arrays, scales)


def write_run(directory, steps, shift=0.0, **changes):
    with EventFile(directory, steps[0]) as file:
        file.write(steps[0], summary.manifest(manifest(**changes)))
        for step in steps:
            file.write(step, frame(step, shift))
        for name, values in {"val_loss": VAL_LOSS, "accuracy": ACCURACY}.items():
            for step, value in values.items():
                file.write(step, summary.series(metadata.create_tag("metric", name), value))


def write_damaged_run(directory):
    """Steps 0, 2 and 6 can be read, 1 and 4 cannot."""
    with EventFile(directory, 0) as file:
        file.write(0, summary.manifest(manifest()), frame(0))
        file.write(1, summary.frame(TAG, {"values:image": np.zeros(3, np.float32)}))
        file.write(2, frame(2))
        file.write(4, summary.frame(TAG, {"values:image": np.ones((2, 3), np.float32)}))
        file.write(6, frame(6))


def write_log(logdir):
    """A run, one that lacks its first step and differs a little, one without a sign, and three that cannot be compared."""
    write_run(logdir / "a" / "explain", STEPS)
    write_run(logdir / "b@2" / "explain", STEPS[1:], shift=SHIFT)
    write_run(logdir / "unsigned" / "explain", STEPS, signed=False)
    for name, change in {"probe": "q", "score": "logit", "baseline": "c"}.items():
        write_run(logdir / f"other_{name}" / "explain", STEPS[:2], **{name: change})


def logged(step, shift=0.0):
    """What a reader gets of a step, to float16: [9, 24 + 3], inputs in the order of their names."""
    parts = []
    for values in (IMAGES[step] + shift, TABLES[step]):
        array, scale = summary.compress(values)
        parts.append((array.astype(np.float64) * scale).reshape(SAMPLES, -1))
    return np.concatenate(parts, axis=1)


def slow_drifts(current, reference):
    return [1 - slow_cosine(a, b) for a, b in zip(current.tolist(), reference.tolist(), strict=True)]


def slow_region_shares(values):
    """Shares of the image's 3 × 2 regions and the table's columns, of an explanation [9, 24 + 3]."""
    rows = []
    for sample in np.abs(values):
        image = sample[:24].reshape(6, 4).tolist()
        rows.append([value for line in slow_regions(image, 3, 2, 12, 8) for value in line] + sample[24:].tolist())
    return slow_shares(rows)
