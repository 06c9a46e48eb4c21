"""Sets of methods: what each logs of models that it was not made for."""

from __future__ import annotations

import sys

import pytest

from tb_explain_plugin import metadata
from tb_explain_plugin.callbacks import Explain, Probe
from tb_explain_plugin.callbacks.methods import KINDS
from tb_explain_plugin.callbacks.presets import PRESETS
from tests.callbacks import inside, logs, models
from tests.callbacks.test_methods import convolutional, images

EVERYWHERE = {"integrated_gradients", "lrp", "kernel_shap", "lime", "occlusion", "embedding", "surrogate"}
CASES = {
    "table": (models.classifier, models.table, EVERYWHERE | {"boundary", "maximized"}),
    "image": (convolutional, images, EVERYWHERE | {"grad_cam", "boundary", "maps", "maximized"}),
    "text": (inside.reader, inside.texts, EVERYWHERE | {"grad_cam", "attention", "rollout"}),
}


def logged(directory, model, data, methods, **options):
    x, y = data()
    explain = Explain(str(directory), Probe(x[:24], y[:24]), methods=methods, on_error="raise", **options)
    models.fit(model, (x, y), [explain], 2)
    return logs.read(directory)


MODEL_FIGURES = ("embedding", "boundary", "surrogate", "attention", "rollout", "maps", "maximized")


def answers(log):
    """Return what has answered: methods that attribute by their names, the others by the kind of their tags."""
    tags = [metadata.parse_tag(tag) for tag in log]
    methods = {tag.names[0] for tag in tags if tag.kind == "attribution"}
    return methods | {
        tag.kind for tag in tags if tag.kind in ("embedding", "boundary", "surrogate", "attention", "rollout", "maps", "maximized")
    }


def test_presets_name_methods_that_exist():
    assert {name for names in PRESETS.values() for name in names} <= set(KINDS)


@pytest.mark.parametrize("name", CASES)
def test_full_is_all_that_fits_the_model(tmp_path, name):
    build, data, expected = CASES[name]
    assert answers(logged(tmp_path, build(), data, "full")) == expected


@pytest.mark.parametrize(("preset", "expected"), [("economy", {"gradient_times_input"}), ("standard", {"integrated_gradients"})])
def test_the_cheaper_ones(tmp_path, preset, expected):
    assert answers(logged(tmp_path, models.classifier(), models.table, preset)) == expected


def test_what_lacks_a_library_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.tree", None)
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    with pytest.warns(UserWarning, match=r"surrogate_(tree|linear) is left out: .*tb-explain-plugin\[surrogates\]"):
        found = answers(logged(tmp_path, models.classifier(), models.table, "full"))
    assert "surrogate" not in found
    assert "kernel_shap" in found


def test_a_method_asked_for_by_name_must_fit(tmp_path):
    with pytest.raises(ValueError, match="attention"):
        logged(tmp_path, models.classifier(), models.table, ["integrated_gradients", "attention_maps"])


def test_an_unknown_preset_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown method 'fast'.*presets \['economy', 'full', 'standard'\]"):
        Explain("logs", models.table(8), methods="fast")
