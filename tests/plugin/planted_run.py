"""Figures of a run whose share, layers and samples do what is planted: what `RunWatch` is fed, and what a log is written from."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata
from tb_explain_plugin import plugin_data_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

METHOD = "integrated_gradients"
SAMPLES = 40
LAYERS = ("stem", "body", "head")
TABLE = pb.Input(name="table", kind="tabular", shape=[6], cells=[6], regions=[6], feature_names=["age", "patient_id", "c", "d", "e", "f"])
IMAGE = pb.Input(name="image", kind="image", shape=[24, 24, 1], cells=[12, 12], regions=[6, 6])
NAN = float("nan")


@dataclasses.dataclass
class PlantedRun:
    """A quiet run of steps −1, 0, …, but for what is set.

    Attributes:
        inputs: of the model.
        share: of some cells of all inputs, what part of the attribution they carry at a step; None for as much as ever.
        cells: which.
        watches: of the manifest.
        contrast: with each region's part of the contrast, in equal parts, or without.
        health: figures of a layer at a step, where they are not as ever.
        moved: which samples' explanation turns at a step, and how far the probability of their target goes.
        metrics: at a step, by name.
    """

    inputs: tuple[pb.Input, ...] = (TABLE,)
    share: Callable[[int], float | None] = lambda _: None
    cells: tuple[int, ...] = ()
    watches: tuple[pb.Watch, ...] = ()
    contrast: bool = False
    health: Callable[[str, int], dict[str, float]] = lambda _layer, _step: {}
    moved: Callable[[int], tuple[int, float]] = lambda _: (0, 0.0)
    metrics: Callable[[int], dict[str, float]] = lambda _: {"loss": 1.0}
    steps: int = 30
    unit: str = "epoch"

    @property
    def sizes(self) -> list[int]:
        return [int(np.prod(each.regions)) for each in self.inputs]

    def manifest(self) -> pb.Manifest:
        contrast = np.full(sum(self.sizes), 1 / sum(self.sizes)) if self.contrast else np.empty(0)
        parts = np.split(contrast, np.cumsum(self.sizes)[:-1]) if self.contrast else [[]] * len(self.inputs)
        regions = [pb.Regions(input=each.name, shape=each.regions, contrast=part) for each, part in zip(self.inputs, parts, strict=True)]
        return pb.Manifest(
            inputs=self.inputs,
            outputs=[pb.Output(task="binary")],
            methods=[pb.Method(name="permutation"), pb.Method(name=METHOD, regions=regions), pb.Method(name="saliency", regions=regions)],
            layers=[pb.Layer(name=name) for name in LAYERS],
            watches=self.watches,
            step_unit=self.unit,
        )

    def shares(self, step: int) -> NDArray[Any]:
        usual = np.random.default_rng(0).uniform(0.8, 1.2, sum(self.sizes))
        importance = usual * np.random.default_rng([1, step + 1]).normal(1, 0.02, len(usual))
        share = self.share(step)
        if share is not None:
            chosen = np.isin(np.arange(len(importance)), self.cells)
            importance[chosen] *= share / importance[chosen].sum()
            importance[~chosen] *= (1 - share) / importance[~chosen].sum()
        return importance / importance.sum()

    def series(self, step: int) -> dict[str, NDArray[Any]]:
        """Return the series of a step, by tag."""
        found = {metadata.create_tag("metric", name): np.asarray(value) for name, value in self.metrics(step).items()}
        parts = np.split(self.shares(step), np.cumsum(self.sizes)[:-1])
        for method in (METHOD, "saliency"):
            for each, part in zip(self.inputs, parts, strict=True):
                rows = np.stack([part, part / 10, part]).astype(np.float32)
                found[metadata.create_tag("importance", method, each.name)] = rows
        for layer in LAYERS:
            figures = dict.fromkeys(metadata.HEALTH_FIELDS, 0.1) | {"non_finite_fraction": 0.0} | self.health(layer, step)
            found[metadata.create_tag("health", layer)] = np.array([figures[name] for name in metadata.HEALTH_FIELDS], np.float32)
        for watch in self.watches:
            found[metadata.create_tag("watch", watch.name)] = np.array([self.shares(step)[list(self.cells)].sum(), 0.001])
        return found

    def attributions(self, step: int) -> dict[str, NDArray[Any]]:
        """Return the frame of a step: explanations stand still, but for the samples that turn."""
        samples, _ = self.moved(step)
        arrays = {}
        for each in self.inputs:
            values = np.random.default_rng(2).normal(1, 0.1, (SAMPLES, *each.cells))
            values[:samples] *= -1
            arrays[f"values:{each.name}"] = values.astype(np.float32)
        return arrays

    def probability(self, step: int) -> NDArray[Any]:
        samples, change = self.moved(step)
        return np.where(np.arange(SAMPLES) < samples, 0.5 + change, 0.5).astype(np.float32)

    def all_steps(self) -> range:
        return range(-1, self.steps - 1)
