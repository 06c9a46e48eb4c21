"""Measurements, each a ratio within one run: machines are shared, and their seconds say little."""
