"""Text for the cells of a spreadsheet (XLSX, TSV): nothing in it can run, nothing in it breaks the file."""

from __future__ import annotations

import re

from dress_kg.errors import MissingPartError

MAX_CELL = 32_767
"""Characters that a cell of an XLSX sheet holds at most."""

_STARTS = "=+-@\t\r\n＝＋－＠"
_PREFIXED = re.compile(rf"'(?=\s*[{re.escape(_STARTS)}])")
# What XML 1.0 cannot hold; shown by the pictures that Unicode has for control characters.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# How Excel escapes a character in a cell's text; a printed one must not be taken for it.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def neutral(text: str | None) -> str:
    """A text that no spreadsheet program takes for a formula: an apostrophe is put before one that starts so.

    Cells that start with `=`, `+`, `-`, `@`, a tab or a line end are concerned (OWASP, "CSV Injection"),
    their full-width forms, and those that do so after blanks. None is an empty cell.

    >>> neutral("=HYPERLINK(1)"), neutral("0.4 mg/kg/d"), neutral("-"), neutral(None)
    ("'=HYPERLINK(1)", '0.4 mg/kg/d', "'-", '')
    """
    shown = _CONTROLS.sub(_picture, text or "")
    if shown[:1] and (shown[0] in _STARTS or shown.lstrip()[:1] in tuple(_STARTS)):
        shown = "'" + shown
    return shown if len(shown) <= MAX_CELL else shown[: MAX_CELL - 1] + "…"


def plain(text: str) -> str:
    """The text that :func:`neutral` was given, but for control characters and what was cut.

    >>> plain("'=HYPERLINK(1)"), plain("'quoted'")
    ('=HYPERLINK(1)', "'quoted'")
    """
    return _PREFIXED.sub("", text, count=1) if text.startswith("'") else text


def xlsx_text(text: str | None) -> str:
    """A neutral text as a cell of an XLSX file must hold it.

    >>> xlsx_text("_x0041_")
    '_x005F_x0041_'
    """
    return _ESCAPE.sub("_x005F_", neutral(text))


def tsv_text(text: str | None) -> str:
    """A neutral text on one line and without tabs, for an unquoted TSV file.

    >>> tsv_text("a\\tb")
    'a b'
    """
    return re.sub(r"[\t\r\n\u0085\u2028\u2029]+", " ", neutral(text))


def need_openpyxl(what: str) -> None:
    """Make sure that the library for XLSX is there.

    :raises MissingPartError: it is not.
    """
    try:
        import openpyxl  # noqa: F401
    except ImportError as error:
        raise MissingPartError(
            f"{what} needs openpyxl", remedy="pip install 'dress-kg[xlsx]', or choose another format"
        ) from error


def _picture(control: re.Match[str]) -> str:
    code = ord(control[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "�"
