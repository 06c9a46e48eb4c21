"""Models whose layers are hard to show, with nothing logged but their layers: ``python -m tests.e2e.layers_log LOGDIR``.

A residual network of 177 layers, a model of two inputs and two outputs with a nested model that is called twice, layers that die, saturate
or hold numbers that are not finite, a model without weights, a thousand epochs, one step, and a run without health.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tests.event_files import EventFile
from tests.synthetic_layers import histogram

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

EPOCHS = 12
LIMIT_PASSED = 5
"""The epoch from which on `tanh_layer` saturates beyond its limit; of `relu_layer` no unit is dead from the next one on."""
LONG_NAME = "encoder_of_the_second_branch/projection_of_the_outline_to_64"  # 60 characters
BLOCKS = (3, 4, 6, 3)
"""Of a ResNet-50, by stage."""


@dataclass(frozen=True)
class Layer:
    """A layer as the manifest has it. ``silent``: kinds of histograms that were not logged; None for a layer that was not logged at all."""

    name: str
    kind: str
    inbound: tuple[str, ...] = ()
    activation: str = ""
    parameters: int = 0
    silent: tuple[str, ...] | None = ()


def residual() -> list[Layer]:
    """Return the layers of a ResNet-50, named and ordered as Keras has them."""
    layers = [
        Layer("input_layer", "InputLayer", silent=None),
        Layer("conv1_pad", "ZeroPadding2D", ("input_layer",), silent=None),
        Layer("conv1_conv", "Conv2D", ("conv1_pad",), "linear", 9472),
        Layer("conv1_bn", "BatchNormalization", ("conv1_conv",), parameters=256),
        Layer("conv1_relu", "Activation", ("conv1_bn",), "relu"),
        Layer("pool1_pad", "ZeroPadding2D", ("conv1_relu",), silent=None),
        Layer("pool1_pool", "MaxPooling2D", ("pool1_pad",), silent=None),
    ]
    last = "pool1_pool"
    for stage, blocks in enumerate(BLOCKS, start=2):
        for block in range(1, blocks + 1):
            name = f"conv{stage}_block{block}"
            reads = last
            for part in (1, 2):
                layers += [
                    Layer(f"{name}_{part}_conv", "Conv2D", (last,), "linear", 36928),
                    Layer(f"{name}_{part}_bn", "BatchNormalization", (f"{name}_{part}_conv",), parameters=256),
                    Layer(f"{name}_{part}_relu", "Activation", (f"{name}_{part}_bn",), "relu"),
                ]
                last = f"{name}_{part}_relu"
            if block == 1:
                layers.append(Layer(f"{name}_0_conv", "Conv2D", (reads,), "linear", 16640))
            layers.append(Layer(f"{name}_3_conv", "Conv2D", (last,), "linear", 16640))
            if block == 1:
                layers.append(Layer(f"{name}_0_bn", "BatchNormalization", (f"{name}_0_conv",), parameters=1024))
            beside = f"{name}_0_bn" if block == 1 else reads
            layers += [
                Layer(f"{name}_3_bn", "BatchNormalization", (f"{name}_3_conv",), parameters=1024),
                Layer(f"{name}_add", "Add", (beside, f"{name}_3_bn"), silent=None),
                Layer(f"{name}_out", "Activation", (f"{name}_add",), "relu"),
            ]
            last = f"{name}_out"
    return [
        *layers,
        Layer("avg_pool", "GlobalAveragePooling2D", (last,), silent=None),
        Layer("predictions", "Dense", ("avg_pool",), "softmax", 2049000),
    ]


def branches() -> list[Layer]:
    """Return a model of an image and a row, which a nested model reads twice, with two outputs."""
    return [
        Layer("image", "InputLayer", silent=None),
        Layer("row", "InputLayer", silent=None),
        Layer("stem", "Conv2D", ("image",), "relu", 80),
        Layer("side", "Conv2D", ("stem",), "linear", 72),
        Layer("wide", "Conv2D", ("stem",), "tanh", 144),
        Layer("both", "Add", ("side", "wide"), silent=None),
        Layer("negative", "Lambda", ("row",), silent=None),
        Layer("encoder/first", "Dense", ("row",), "relu", 48),
        Layer("encoder/second", "Dense", ("encoder/first",), "tanh", 72),
        Layer("difference", "Subtract", ("encoder/second", "encoder/second"), silent=None),
        Layer(LONG_NAME, "Dense", ("difference",), "relu", 640),
        Layer("all", "Concatenate", ("both", LONG_NAME, "stem"), silent=None),
        Layer("kind", "Dense", ("all",), "softmax", 27),
        Layer("size", "Dense", ("all",), "linear", 9),
    ]


TWICE = ("encoder/first", "encoder/second")
"""Layers of `branches` with a second call."""


def ill() -> list[Layer]:
    """Return layers that die, saturate, diverge and move far away, and one whose activations were not logged."""
    return [
        Layer("relu_layer", "Dense", (), "relu", 100),
        Layer("tanh_layer", "Dense", ("relu_layer",), "tanh", 100),
        Layer("dying_layer", "Dense", ("tanh_layer",), "relu", 100),
        Layer("diverging_layer", "Dense", ("dying_layer",), "linear", 100),
        Layer("wandering_layer", "Dense", ("diverging_layer",), "linear", 100),
        Layer("unseen_layer", "Dense", ("wandering_layer",), "linear", 100, silent=("activation",)),
        Layer("empty_layer", "Dense", ("unseen_layer",), "relu", 100),
    ]


def weightless() -> list[Layer]:
    return [
        Layer("softsign", "Activation", (), "softsign", silent=("weight", "gradient")),
        Layer("relu", "ReLU", ("softsign",), "relu", silent=("weight", "gradient")),
    ]


MODELS = {
    "residual": (residual, range(-1, 4)),
    "branches": (branches, range(-1, EPOCHS)),
    "ill": (ill, range(-1, EPOCHS)),
    "weightless": (weightless, range(-1, 3)),
    "one step": (weightless, range(-1, 0)),
    "thousand": (ill, range(-1, 1000)),
}


def write(logdir: Path) -> None:
    for name, (model, steps) in MODELS.items():
        with EventFile(logdir / name / metadata.RUN_NAME, steps[0]) as file:
            for step in steps:
                constant = [summary.manifest(manifest(name, model()))] if step == steps[0] else []
                file.write(step, *constant, *(one for layer in model() for one in _logged(layer, step)))
    with EventFile(logdir / "no health" / metadata.RUN_NAME, -1) as file:
        importance = summary.series(metadata.create_tag("importance", "permutation", "row"), np.ones((3, 5), np.float32))
        file.write(-1, summary.manifest(manifest("no health", [])), importance)


def manifest(name: str, layers: Sequence[Layer]) -> pb.Manifest:
    return pb.Manifest(
        inputs=[pb.Input(name="row", kind="tabular", shape=[5], dtype="float32", cells=[5], regions=[5])],
        probe=pb.Probe(size=256, hash="row"),
        methods=[
            pb.Method(name="permutation", signed=True, score="loss", regions=[pb.Regions(input="row", shape=[5])], unit="nats of loss")
        ],
        layers=[
            pb.Layer(
                name=layer.name,
                class_name=layer.kind,
                output_shape=[16, 16, 8] if layer.kind.startswith("Conv") else [8],
                inbound=layer.inbound,
                parameters=layer.parameters,
                activation=layer.activation,
                logged=layer.silent is not None,
            )
            for layer in layers
        ],
        step_unit=metadata.EPOCH,
        model_name=name,
        parameters=sum(layer.parameters for layer in layers),
    )


def _logged(layer: Layer, step: int) -> Iterator[summary_pb2.Summary]:
    if layer.silent is None:
        return
    for call in ("", ":1") if layer.name in TWICE else ("",):
        name = layer.name + call
        rng = np.random.default_rng([step + 1, *name.encode()])
        for kind, values in _values(layer, step, rng).items():
            if kind not in layer.silent and not (call and kind != "activation"):
                yield summary.series(metadata.create_tag(kind, name), histogram(values))
        figures = _figures(layer, step)
        if call:
            figures = {
                field: value for field, value in figures.items() if field in {"dead_fraction", "saturated_fraction", "non_finite_fraction"}
            }
        health = [figures.get(field, np.nan) for field in metadata.HEALTH_FIELDS]
        yield summary.series(metadata.create_tag("health", name), np.array(health, np.float32))


def _values(layer: Layer, step: int, rng: np.random.Generator) -> Mapping[str, NDArray[np.floating]]:
    learned = 1 - np.exp(-(step + 1) / 5)
    units = rng.normal(0.3 * learned, 1 + 0.5 * learned, 1000)
    outputs = {"relu": np.maximum(units, 0), "tanh": np.tanh((1 + 2 * learned) * units)}.get(layer.activation, units)
    if layer.name == "wandering_layer":
        outputs = outputs / 1000 + (1e7 if step >= LIMIT_PASSED else 0)
    if layer.name == "empty_layer" or (layer.name == "diverging_layer" and step >= LIMIT_PASSED):
        outputs = outputs[:0]
    gradients = rng.normal(-2 - learned, 0.7, 500)
    weights = rng.normal(0, 0.2 + 0.1 * learned, 500)
    return {"activation": outputs, "gradient": gradients, "weight": weights} if layer.parameters else {"activation": outputs}


def _figures(layer: Layer, step: int) -> dict[str, float]:
    learned = float(1 - np.exp(-(step + 1) / 5))
    passed = step >= LIMIT_PASSED
    figures = {"distribution_shift": learned, "non_finite_fraction": 0.0}
    if layer.parameters:
        wander = 1 + 0.3 * np.sin(step + len(layer.name))
        figures |= {"gradient_norm": 0.1 * wander, "update_ratio": 0.02 * wander if step >= 0 else np.nan, "weight_norm": 4 + learned}
    if layer.activation == "relu":
        figures["dead_fraction"] = 0.0 if step > LIMIT_PASSED else 0.1
    if layer.activation == "tanh":
        figures["saturated_fraction"] = 0.36 if passed and layer.name == "tanh_layer" else 0.1
    if layer.name == "dying_layer":
        figures["dead_fraction"] = 0.9 if passed else 0.02
    if layer.name == "diverging_layer" and passed:
        figures |= {
            "non_finite_fraction": 1.0,
            "gradient_norm": np.inf,
            "update_ratio": np.nan,
            "weight_norm": np.inf,
            "distribution_shift": np.nan,
        }
    return figures


if __name__ == "__main__":
    write(Path(sys.argv[1]))
