"""What is constant for a run of the synthetic log."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tb_explain_plugin import plugin_data_pb2 as pb
from tests.event_files import START_TIME
from tests.synthetic_methods import METHODS

if TYPE_CHECKING:
    from tests.synthetic_models import Story


def permutation_regions(story: Story) -> tuple[int, ...]:
    return (4, 4) if story.input.kind == "image" else tuple(story.input.regions)


def logged_layers(story: Story) -> tuple[str, ...]:
    return tuple(name for name, kind, _, _ in story.layers if kind in {"Conv2D", "Conv1D", "Dense"})


def explained_inputs(story: Story, method: str) -> tuple[Story, ...]:
    """Return the inputs that a method has values for: Grad-CAM has them for images."""
    return tuple(each for each in story.inputs if method != "grad_cam" or each.input.kind == "image")


def described(method: str, inputs: tuple[Story, ...]) -> pb.Method:
    """Return how a method is described in the manifest."""
    description = pb.Method()
    description.CopyFrom(METHODS[method].description)
    description.regions.extend(pb.Regions(input=each.input.name, shape=each.input.regions) for each in inputs)
    return description


def manifest(story: Story) -> pb.Manifest:
    """Return what is constant for the run."""
    methods = [described(name, explained_inputs(story, name)) for name in story.methods]
    coarse = [pb.Regions(input=each.input.name, shape=permutation_regions(each)) for each in story.inputs]
    binary = len(story.class_names) == 2
    names = [name for name, _, _, _ in story.layers]
    layers = [
        pb.Layer(
            name=name,
            class_name=kind,
            output_shape=shape,
            inbound=names[index - 1 : index] if index else [story.input.name],
            parameters=1000 * (index + 1) if name in logged_layers(story) else 0,
            activation=activation,
            logged=name in logged_layers(story),
        )
        for index, (name, kind, shape, activation) in enumerate(story.layers)
    ]
    return pb.Manifest(
        inputs=[each.input for each in story.inputs],
        outputs=[
            pb.Output(
                name=names[-1],
                task="binary" if binary else "multiclass",
                units=1 if binary else len(story.class_names),
                class_names=story.class_names,
            )
        ],
        probe=pb.Probe(
            size=len(story.targets),
            seed=0,
            hash=hashlib.sha256(story.samples.tobytes() + story.targets.tobytes()).hexdigest()[:16],
            targets=story.targets.astype(float),
            inputs_logged=True,
            groups=[f"site {'AAB'[sample % 3]}" for sample in range(len(story.targets))],
        ),
        methods=[
            *methods,
            pb.Method(
                name="permutation",
                signed=True,
                score="loss",
                parameters={"repeats": "1"},
                regions=coarse,
                unit="nats of loss",
            ),
        ],
        layers=layers,
        versions={"tb_explain_plugin": "0.1.0", "keras": "3.15.0", "tensorflow": "2.21.0", "python": "3.11.2"},
        start_time=START_TIME,
        step_unit="iteration" if story.batches else "epoch",
        model_name=story.name,
        parameters=sum(layer.parameters for layer in layers),
        budget=0.1,
    )
