import re
from pathlib import Path

import keras
import numpy as np

README = Path(__file__).parents[2] / "README.md"


def test_the_code_of_the_readme_runs_as_it_stands(tmp_path, monkeypatch):
    train, choose, watch = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(64, 5)).astype("float32"), generator.integers(3, size=64)
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    monkeypatch.chdir(tmp_path)
    names = {"keras": keras, "model": model, "x": x, "y": y, "x_val": x, "y_val": y}
    exec(train, names)
    for run in ("explain", "train", "validation"):
        assert list(Path("logs/run1", run).glob("events.out.tfevents.*")), run

    def my_own(model, inputs, targets):
        raise NotImplementedError

    names |= {"probe": (x, y)}
    exec(choose, names | {"my_own": my_own})
    exec(watch, names | {"send_to_the_team": print})
