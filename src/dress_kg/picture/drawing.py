"""A chart's specification as SVG or PNG, without a browser: by vl-convert, which holds Vega and an engine.

That engine sets aside tens of gigabytes of address space (not memory), which a process with a limit on that,
such as a worker of the service, cannot give: draw outside of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from typing import Any

_LINK = re.compile(r'(?<= xlink:href=")([^"]*)(?=")')


def svg(specification: dict[str, Any]) -> str:
    """The picture as SVG: no script, no style attribute, no address but those of its links."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
    return drawn


def linked(drawn: str, link: Callable[[str], str]) -> str:
    """The SVG with other links.

    :param link: from the IRI of an item to the link to it.

    >>> linked('<a xlink:href="https://example.org/a?b&amp;c">', lambda iri: iri.removeprefix("https:"))
    '<a xlink:href="//example.org/a?b&amp;c">'
    """
    return _LINK.sub(lambda found: escape(link(unescape(found[1])), quote=True), drawn)


def png(specification: dict[str, Any], scale: float = 1.5) -> bytes:
    """The picture as PNG. :param scale: pixels for each of the picture's own."""
    import vl_convert

    drawn: bytes = vl_convert.vegalite_to_png(specification, scale=scale, allowed_base_urls=[])
    return drawn
