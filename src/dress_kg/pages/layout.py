"""The frame of every page: one jinja environment, in which nothing a table says can run or hide."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dress_kg import __version__
from dress_kg.pages.links import FORMATS, Links, web
from dress_kg.pages.sources import Source
from dress_kg.visible import SIGNS, number_ranges, template_environment, visible

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of every page: no inline style, no inline script, no other host."""
MENU = (
    ("map", "Evidence map"),
    ("agents", "Agents"),
    ("items", "Items"),
    ("publications", "Publications"),
    ("queries", "Questions"),
    ("editor", "SPARQL"),
    ("about", "About"),
)


def render(
    template: str,
    links: Links,
    *,
    title: str,
    sources: Sequence[Source],
    here: str | None = None,
    **values: Any,
) -> str:
    """A page as text, to be sent as UTF-8.

    :param template: its file's name in `templates/`; it extends `base.html.jinja`.
    :param links: those of the page.
    :param title: of the page, before the site's name.
    :param sources: the source tables of the store, whose notices go with every page.
    :param here: the entry of the menu that the page belongs to: a key of :data:`MENU`, `table` or `quality`.
    :param values: what the template needs; a name it does not get is an error.
    :raises jinja2.UndefinedError: the template needs a value that is not given.
    """
    return _environment().get_template(template).render(
        links=links, title=title, sources=sources, here=here, menu=MENU, formats=FORMATS, version=__version__,
        **values,
    )  # fmt: skip


@cache
def _environment() -> Environment:
    made = template_environment(_TEMPLATES)
    made.filters.update(visible=visible, web=web, counted=counted)
    made.globals.update(number_ranges=number_ranges, signs=SIGNS)
    return made


def counted(number: int, one: str, more: str | None = None) -> str:
    """A number with its noun.

    >>> counted(1, "report"), counted(1234, "report"), counted(2, "study", "studies")
    ('1 report', '1,234 reports', '2 studies')
    """
    return f"{number:,} {one if number == 1 else more or one + 's'}"
