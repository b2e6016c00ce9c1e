"""The evidence map as one picture, drawn by Altair: what `dress-kg plot` writes and the map page links to."""

from dress_kg.picture.chart import MOST_AGENTS, chart, missing
from dress_kg.picture.drawing import png, svg

__all__ = ["MOST_AGENTS", "chart", "missing", "png", "svg"]
