"""Explainers: pure functions, a model and arrays in, arrays out. No logging, no TensorBoard."""

from tb_explain_plugin.callbacks.explainers.activation_maps import ActivationMaps, activation_maps
from tb_explain_plugin.callbacks.explainers.activation_maximization import Maximized, activation_maximization
from tb_explain_plugin.callbacks.explainers.attention_maps import AttentionMaps, attention_maps
from tb_explain_plugin.callbacks.explainers.attribution import Attribution
from tb_explain_plugin.callbacks.explainers.boundary import Boundary, decision_boundary
from tb_explain_plugin.callbacks.explainers.clusters import Cluster, find_clusters
from tb_explain_plugin.callbacks.explainers.deletion import DeletionGap, deletion_gap
from tb_explain_plugin.callbacks.explainers.embedding import Embedding, embedding_projection
from tb_explain_plugin.callbacks.explainers.engine import Scorer
from tb_explain_plugin.callbacks.explainers.expected_gradients import expected_gradients
from tb_explain_plugin.callbacks.explainers.grad_cam import grad_cam
from tb_explain_plugin.callbacks.explainers.gradients import integrated_gradients
from tb_explain_plugin.callbacks.explainers.kernel_shap import kernel_shap
from tb_explain_plugin.callbacks.explainers.lime import lime
from tb_explain_plugin.callbacks.explainers.occlusion import occlusion
from tb_explain_plugin.callbacks.explainers.permutation_importance import Importance, permutation_importance
from tb_explain_plugin.callbacks.explainers.relevance import lrp
from tb_explain_plugin.callbacks.explainers.saliency import gradient_times_input, saliency
from tb_explain_plugin.callbacks.explainers.smooth_grad import smooth_grad
from tb_explain_plugin.callbacks.explainers.surrogates import Surrogate, surrogate_linear, surrogate_tree

__all__ = [
    "ActivationMaps",
    "AttentionMaps",
    "Attribution",
    "Boundary",
    "Cluster",
    "DeletionGap",
    "Embedding",
    "Importance",
    "Maximized",
    "Scorer",
    "Surrogate",
    "activation_maps",
    "activation_maximization",
    "attention_maps",
    "decision_boundary",
    "deletion_gap",
    "embedding_projection",
    "expected_gradients",
    "find_clusters",
    "grad_cam",
    "gradient_times_input",
    "integrated_gradients",
    "kernel_shap",
    "lime",
    "lrp",
    "occlusion",
    "permutation_importance",
    "saliency",
    "smooth_grad",
    "surrogate_linear",
    "surrogate_tree",
]
