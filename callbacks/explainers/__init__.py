"""Explainers: pure functions, a model and arrays in, arrays out. No logging, no TensorBoard."""

from tb_explain_plugin.callbacks.explainers.attribution import Attribution
from tb_explain_plugin.callbacks.explainers.engine import Scorer
from tb_explain_plugin.callbacks.explainers.gradients import integrated_gradients
from tb_explain_plugin.callbacks.explainers.permutation_importance import Importance, permutation_importance

__all__ = ["Attribution", "Importance", "Scorer", "integrated_gradients", "permutation_importance"]
