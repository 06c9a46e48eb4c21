"""The entry point of ``tensorboard_plugins``.

Kept tiny: an error while this module is imported ends all of TensorBoard, one raised in `ExplainLoader.load` this tab.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorboard.plugins import base_plugin

if TYPE_CHECKING:
    import argparse

    from tb_explain_plugin.plugin import ExplainPlugin


class ExplainLoader(base_plugin.TBLoader):
    """Makes TensorBoard keep every explained step, and loads the plugin."""

    def fix_flags(self, flags: argparse.Namespace) -> None:
        """Keep all steps unless ``--samples_per_plugin`` says otherwise: TensorBoard's default is 10 at random."""
        flags.samples_per_plugin.setdefault("explain", 0)

    def load(self, context: base_plugin.TBContext) -> ExplainPlugin:
        """Return the plugin."""
        from tb_explain_plugin.plugin import ExplainPlugin

        return ExplainPlugin(context)
