"""The evidence map as one picture, drawn by Altair: what `dress-kg plot` writes and the map page leads to."""

from dress_kg.picture.chart import chart
from dress_kg.picture.drawing import linked, png, svg
from dress_kg.picture.files import NAMES, files, missing, offered

__all__ = ["NAMES", "chart", "files", "linked", "missing", "offered", "png", "svg"]
