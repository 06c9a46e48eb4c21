"""A real TensorBoard finds what was written for its Projector."""

from __future__ import annotations

import time
import urllib.parse
import urllib.request

import numpy as np
import pytest

from tb_explain_plugin.callbacks import Explain, Probe
from tests.callbacks import models
from tests.plugin.test_tensorboard import get, tensorboard


@pytest.mark.parametrize("load_fast", ["true", "false"])
def test_the_projector_lists_the_run_and_serves_its_points(tmp_path, load_fast):
    x, y = models.table(24)
    models.fit(models.classifier(), (x, y), [Explain(str(tmp_path / "run"), Probe(x, y), methods=["embedding_projection"])], 1)
    written = np.loadtxt(tmp_path / "run/explain/projector/0.tsv", delimiter="\t")
    with tensorboard(tmp_path, "--load_fast", load_fast) as address:
        route = f"{address}/data/plugin/projector"
        for _ in range(100):
            runs = get(f"{route}/runs")
            if runs == ["run/explain"]:
                break
            time.sleep(0.2)
        assert runs == ["run/explain"]
        run = urllib.parse.quote(runs[0])
        shown = get(f"{route}/info?run={run}")["embeddings"]
        assert [embedding["tensorName"] for embedding in shown] == ["bent, epoch 0", "bent, start"]
        name = urllib.parse.quote(shown[0]["tensorName"])
        with urllib.request.urlopen(f"{route}/tensor?run={run}&name={name}", timeout=20) as answer:
            points = np.frombuffer(answer.read(), np.float32).reshape(24, 5)
        np.testing.assert_allclose(points, written, rtol=1e-5)
        with urllib.request.urlopen(f"{route}/metadata?run={run}&name={name}", timeout=20) as answer:
            assert len(answer.read().decode().splitlines()) == 25
