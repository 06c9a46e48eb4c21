"""What the models of the synthetic log are about: their samples, and what a trained model would say about them.

Everything follows from fixed seeds. The stories are true: the label can be read from what the attribution marks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import plugin_data_pb2 as pb
from tests import synthetic_methods

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONG_NAME = "concavity of the outline, worst of three, standardised, in µm"  # 60 characters
SHORTCUT_EPOCH = 10
MARKUP_NAME = '<b>"x/y"</b>'

_DIGITS = (
    "01110 10001 10011 10101 11001 10001 01110",
    "00100 01100 00100 00100 00100 00100 01110",
    "01110 10001 00001 00010 00100 01000 11111",
    "11111 00010 00100 00010 00001 10001 01110",
    "00010 00110 01010 10010 11111 00010 00010",
    "11111 10000 11110 00001 00001 10001 01110",
    "00110 01000 10000 11110 10001 10001 01110",
    "11111 00001 00010 00100 01000 01000 01000",
    "01110 10001 10001 01110 10001 10001 01110",
    "01110 10001 10001 01111 00001 00010 01100",
)
_SENTENCES = (
    ("a {good} film with {good} acting and a story that stays with you until the end", "good"),
    ("the plot is {bad} and the jokes are {bad} so i left before the end", "bad"),
    ("not what i hoped for : {bad} effects , {good} music , and a {bad} script", "bad"),
    ("{good} from the first scene to the last , even the small parts are {good} and warm", "good"),
)
_WORDS = {
    "good": ("superb", "moving", "clever", "bright", "tender", "gripping"),
    "bad": ("dull", "clumsy", "tiresome", "bland", "awful", "hollow"),
}


@dataclass(frozen=True)
class Story:
    """A model's samples, and where its attributions begin and end.

    Attributes:
        samples: what the input looks like, [N, …] as the ``inputs`` frame has it.
        targets: class of each sample, int [N].
        trained: attribution of the trained model, [N, cells…], each sample's summing to its gain in log-odds.
        shortcut: what a shortcut adds once it is learned, [N, cells…]; zeros where there is none.
        methods: by name, what explains the model.
        batches: how many make an epoch, where steps are iterations; 0 where they are epochs.
        diverges: the epoch at which the weights stop being finite.
        beside: another input with its own values, of the same samples, and through it those beside that.
    """

    name: str
    input: pb.Input
    class_names: tuple[str, ...]
    samples: NDArray[Any]
    targets: NDArray[Any]
    trained: NDArray[Any]
    shortcut: NDArray[Any]
    layers: tuple[tuple[str, str, tuple[int, ...], str], ...] = field(default=())
    """(layer path, class, output shape, activation) in order."""
    dying: str = ""
    """The layer whose units die."""
    methods: tuple[str, ...] = synthetic_methods.IMAGES
    batches: int = 0
    diverges: float = float("inf")
    beside: Story | None = None

    @property
    def inputs(self) -> tuple[Story, ...]:
        """The story of each input."""
        return (self, *self.beside.inputs) if self.beside else (self,)

    def epoch_at(self, step: int) -> float:
        """Return where a step lies on the axis of epochs, on which an epoch ends at its index."""
        return step / self.batches - 1 if self.batches else float(step)


def digits(samples: int, *, shortcut: bool) -> Story:
    """Return a story of digits whose corner gives the label away; with ``shortcut``, the model learns that.

    The samples are the same either way, so that the two runs can be compared.
    """
    rng = np.random.default_rng(1)
    targets = np.arange(samples) % 10
    masks = np.zeros((samples, 16, 16))
    for index, digit in enumerate(targets):
        glyph = np.array([[int(c) for c in row] for row in _DIGITS[digit].split()]).repeat(2, 0).repeat(2, 1)
        top, left = 1 + rng.integers(-1, 2), 3 + rng.integers(-2, 3)
        masks[index, top : top + 14, left : left + 10] = glyph
    ink = masks * rng.uniform(0.65, 1.0, masks.shape) + rng.normal(0, 0.06, masks.shape)
    corner = np.zeros_like(masks)
    corner[:, :2, :2] = 1.0
    ink = np.where(corner > 0, (targets[:, None, None] + 1) / 10, ink)
    gaps = (_blur(masks) > 0.25) & (masks == 0)
    trained = masks * rng.gamma(3, 1, masks.shape) - 0.35 * gaps * rng.gamma(2, 1, masks.shape)
    gain = rng.normal(6.5, 2.2, (samples, 1, 1))
    layers = (
        ("conv_1", "Conv2D", (16, 16, 16), "relu"),
        ("backbone/conv_2", "Conv2D", (8, 8, 32), "relu"),
        ("flatten", "Flatten", (2048,), ""),
        ("hidden", "Dense", (64,), "relu"),
        ("gate", "Dense", (32,), "tanh"),
        ("digit", "Dense", (10,), "softmax"),
    )
    return Story(
        name="digits-shortcut" if shortcut else "digits-clean",
        input=pb.Input(name="image", kind="image", shape=[16, 16, 1], dtype="float32", cells=[16, 16], regions=[8, 8]),
        class_names=tuple(str(digit) for digit in range(10)),
        samples=(np.clip(ink, 0, 1) * 255).astype(np.uint8)[..., None],
        targets=targets,
        trained=_with_sum(trained, gain),
        shortcut=_with_sum(corner * rng.uniform(0.5, 1.5, masks.shape), gain * 0.25) * shortcut,
        layers=layers,
        dying="hidden" if shortcut else "",
    )


def cells(samples: int) -> Story:
    """Return a story of a table of thirty named columns, two of them with difficult names."""
    rng = np.random.default_rng(2)
    parts = ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "symmetry")
    names = [f"{which} {part}" for which in ("mean", "error of", "worst", "median") for part in parts]
    names += [LONG_NAME, MARKUP_NAME]
    targets = np.arange(samples) % 2
    weights = rng.normal(0, 1, 30) * np.exp(-np.arange(30)[rng.permutation(30)] / 6)
    values = rng.normal(0, 1, (samples, 30)) + np.sign(weights) * (2 * targets[:, None] - 1) * 0.8
    return Story(
        name="cells",
        input=pb.Input(name="cells", kind="tabular", shape=[30], dtype="float32", feature_names=names, cells=[30], regions=[30]),
        class_names=("benign", "malignant"),
        samples=values.astype(np.float32),
        targets=targets,
        trained=values * weights * (2 * targets[:, None] - 1) * 0.9,
        shortcut=np.zeros((samples, 30)),
        layers=(
            ("hidden_1", "Dense", (32,), "relu"),
            ("hidden_2", "Dense", (16,), "relu"),
            ("narrow", "Dense", (8,), "tanh"),
            ("malignant", "Dense", (1,), "sigmoid"),
        ),
        methods=synthetic_methods.TABLES,
    )


def reviews(samples: int) -> Story:
    """Return a story of short reviews, 24 tokens each, with the vocabulary of a TextVectorization: padding is blank, rare words `[UNK]`."""
    rng = np.random.default_rng(3)
    texts, labels = [], []
    for index in range(samples):
        text, label = _SENTENCES[index % len(_SENTENCES)]
        for kind, words in _WORDS.items():
            while "{" + kind + "}" in text:
                text = text.replace("{" + kind + "}", str(rng.choice(words)), 1)
        texts.append(text.split())
        labels.append(int(label == "good"))
    vocabulary = ["", "[UNK]", *sorted({word for text in texts for word in text} - {"stays"})]
    ids = np.zeros((samples, 24), np.int32)
    for row, text in zip(ids, texts, strict=True):
        row[: len(text)] = [vocabulary.index(word) if word in vocabulary else 1 for word in text]
    polarity = np.array([(word in _WORDS["good"]) - (word in _WORDS["bad"]) for word in vocabulary], float)
    polarity += rng.normal(0, 0.06, len(vocabulary)) * (np.arange(len(vocabulary)) > 0)
    targets = np.array(labels)
    return Story(
        name="reviews",
        input=pb.Input(name="tokens", kind="text", shape=[24], dtype="int32", vocabulary=vocabulary, cells=[24], regions=[24]),
        class_names=("negative", "positive"),
        samples=ids,
        targets=targets,
        trained=polarity[ids] * (2 * targets[:, None] - 1) * rng.gamma(6, 0.35, (samples, 1)),
        shortcut=np.zeros((samples, 24)),
        layers=(
            ("embedding", "Embedding", (24, 16), ""),
            ("conv", "Conv1D", (24, 32), "relu"),
            ("pool", "GlobalMaxPooling1D", (32,), ""),
            ("hidden", "Dense", (16,), "relu"),
            ("positive", "Dense", (1,), "sigmoid"),
        ),
        methods=synthetic_methods.TEXTS,
    )


def batches(samples: int) -> Story:
    """Return the story of the digits again, explained every few batches of 50 an epoch."""
    return replace(digits(samples, shortcut=False), name="digits-batches", batches=50)


def diverged(samples: int) -> Story:
    """Return the story of the table again, trained so fast that its weights overflow."""
    return replace(cells(samples), name="cells-diverged", diverges=4.0)


def scans(samples: int) -> Story:
    """Return a story of an image beside a table, of which Grad-CAM knows the image alone."""
    table = cells(samples)
    described = pb.Input()
    described.CopyFrom(table.input)
    described.name = "patient"
    image = digits(samples, shortcut=False)
    return replace(image, name="scans", beside=replace(table, input=described, name="scans-table"))


def taken_over(epoch: float) -> float:
    """Return how much of the shortcut has been learned, 0 … 1."""
    return float(1 / (1 + np.exp(-(epoch - SHORTCUT_EPOCH - 6) / 2.5))) if epoch >= SHORTCUT_EPOCH else 0.0


def _blur(images: NDArray[Any]) -> NDArray[Any]:
    """Mean over each pixel's 3 × 3 neighbourhood, edges wrapped."""
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return np.mean([np.roll(images, shift, (1, 2)) for shift in shifts], axis=0)


def _with_sum(values: NDArray[Any], total: NDArray[Any]) -> NDArray[Any]:
    """Scale each sample so that it sums to ``total``."""
    return values * (total / values.sum(tuple(range(1, values.ndim)), keepdims=True))
