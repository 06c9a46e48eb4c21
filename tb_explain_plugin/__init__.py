"""How the explanations of a Keras model change while it trains, in a tab of TensorBoard."""

__version__ = "0.1.0"
