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


def svg(specification: dict[str, Any], link: Callable[[str], str] | None = None) -> str:
    """The picture as SVG: no script, no style attribute, no address but those of its links.

    :param link: from the IRI of an item to the link to it; None leaves the IRIs.
    """
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
    if link is None:
        return drawn
    return _LINK.sub(lambda found: escape(link(unescape(found[1])), quote=True), drawn)


def png(specification: dict[str, Any], scale: float = 2) -> bytes:
    """The picture as PNG. :param scale: pixels for each of the picture's own."""
    import vl_convert

    drawn: bytes = vl_convert.vegalite_to_png(specification, scale=scale, allowed_base_urls=[])
    return drawn
