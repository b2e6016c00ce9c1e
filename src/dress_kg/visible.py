"""Printed text on a page: escaped, isolated, and with nothing in it that hides or turns other text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

SIGNS = {"violation": "■", "warning": "▲", "info": "●"}
"""A sign for each severity, so that none is told by its colour alone."""
# Controls, bidirectional controls and characters without width: shown by their code points.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)


def shown(text: object) -> Markup:
    """A printed text, escaped and isolated; characters that hide or turn text are shown by code point.

    >>> print(shown("<b>\\u202eevil"))
    <bdi>&lt;b&gt;<span class="code">U+202E</span>evil</bdi>
    """
    from markupsafe import Markup

    return Markup("<bdi>{}</bdi>").format(visible("" if text is None else str(text)))


def spelt(text: str) -> str:
    """A text with its hidden characters as code points, where there can be no tags.

    >>> spelt("a\\u202eb")
    'aU+202Eb'
    """
    return _HIDDEN.sub(lambda hidden: f"U+{ord(hidden[0]):04X}", text)


def visible(text: str) -> Markup:
    """A text, escaped, its hidden characters by code point; not isolated."""
    from markupsafe import Markup, escape

    parts = [Markup("")]
    last = 0
    for hidden in _HIDDEN.finditer(text):
        parts.append(escape(text[last : hidden.start()]))
        parts.append(Markup('<span class="code">U+{}</span>').format(f"{ord(hidden[0]):04X}"))
        last = hidden.end()
    parts.append(escape(text[last:]))
    return Markup("").join(parts)


def number_ranges(values: Iterable[int]) -> str:
    """Line numbers, runs as ranges.

    >>> number_ranges((3, 4, 5, 9))
    '3–5, 9'
    """
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def template_environment(folder: Path) -> Environment:
    """Templates in which nothing that a table says can run or hide, with the filters `shown` and `spelt`.

    A name that a template does not get is an error.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Whatever a template writes without a filter, in attributes too, has no hidden characters.
        finalize=lambda value: spelt(value) if type(value) is str else value,
    )
    made.filters.update(shown=shown, spelt=spelt)
    return made
