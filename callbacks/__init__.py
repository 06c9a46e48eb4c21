"""Keras callbacks that explain a model while it trains.

```python
model.fit(x, y, validation_data=(x_val, y_val), callbacks=[
    Explain("logs/run1", probe=(x_val, y_val)),
    keras.callbacks.TensorBoard("logs/run1"),
])
```
"""

try:
    import tensorflow as tf  # noqa: F401 (before Keras, whose message about a missing backend says less)
except ImportError as error:
    raise ImportError(
        "tb_explain_plugin.callbacks needs TensorFlow and Keras, which are not installed here (viewing logs needs neither). "
        'Install them with: pip install "tb-explain-plugin[tensorflow]"'
    ) from error

import keras

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        f"tb_explain_plugin.callbacks needs Keras on TensorFlow, Keras runs on {keras.backend.backend()!r}. "
        "Set the environment variable KERAS_BACKEND=tensorflow before Keras is imported"
    )

from tb_explain_plugin.callbacks.activation_histograms import ActivationHistograms
from tb_explain_plugin.callbacks.base import AlarmWarning
from tb_explain_plugin.callbacks.explain import Explain
from tb_explain_plugin.callbacks.feature_importance import FeatureImportance
from tb_explain_plugin.callbacks.integrated_gradients import IntegratedGradients
from tb_explain_plugin.callbacks.probe import Probe
from tb_explain_plugin.callbacks.schedule import every_batches
from tb_explain_plugin.callbacks.watch import Watch

__all__ = [
    "ActivationHistograms",
    "AlarmWarning",
    "Explain",
    "FeatureImportance",
    "IntegratedGradients",
    "Probe",
    "Watch",
    "every_batches",
]
