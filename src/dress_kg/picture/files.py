"""The pictures of a map as files of a static site."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dress_kg.pages.map_filter import wanted
from dress_kg.pages.map_model import Facts
from dress_kg.picture.chart import chart
from dress_kg.picture.drawing import linked, png, svg
from dress_kg.picture.offer import NAMES, offered


def files(facts: Facts, link: Callable[[str], str]) -> Iterator[tuple[str, bytes]]:
    """The pictures with their names, for a static site; none where they cannot be drawn.

    :param link: from the IRI of an item to the link to it.
    """
    if not offered(facts):
        return
    drawn = chart(facts, wanted({}))
    yield NAMES["svg"], linked(svg(drawn), link).encode()
    yield NAMES["png"], png(drawn)
