"""The map of a site for search engines (https://www.sitemaps.org/protocol.html)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from urllib.parse import quote
from xml.sax.saxutils import escape

MOST = 50_000
"""That many addresses a site map may have."""


def sitemap(root: str, paths: Iterable[str]) -> str:
    """The map.

    :param root: where the site stands on the web, no slash at the end.
    :param paths: of its pages, from the root, not percent-encoded.

    >>> print(sitemap("https://kg.example.org", ["/a b"]).split("\\n")[2])
    <url><loc>https://kg.example.org/a%20b</loc></url>
    """
    lines = (
        f"<url><loc>{escape(root + quote('/' + path.lstrip('/')))}</loc></url>"
        for path in islice(paths, MOST)
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{space}">\n'
        + "\n".join(lines)
        + "\n</urlset>\n"
    )
