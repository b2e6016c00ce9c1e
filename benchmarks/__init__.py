"""Measurements of the package against corpora; each file runs by itself."""
