"""`dress-kg interpret`: what the rules read in a text, one JSON object a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator

import click

from dress_kg.errors import CallError, SourceError

KINDS = ("dose", "citation", "study", "agents", "finding")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("texts", nargs=-1, metavar="[TEXT]…")
@click.option("--profile", help="Use this profile's abbreviations (CS is corticosteroids in dress only).")
def interpret(kind: str, texts: tuple[str, ...], profile: str | None) -> None:
    """Read a text as a cell would be read; lines from standard input when no TEXT is given.

    Spans are [start, end] in Unicode code points. What no rule read is in `unread`; absent is null.

    \b
    Examples:
      dress-kg interpret dose '100 mg orally twice daily per 7 days'
      dress-kg interpret citation 'Levine et al., 2005, Blood'
      cut -f2 table.tsv | dress-kg interpret dose | jq .steps
    """
    reader = _reader(kind, profile)
    for text in texts or _lines():
        click.echo(json.dumps(reader(text), ensure_ascii=False))


def _lines() -> Iterator[str]:
    if sys.stdin.isatty():
        raise CallError("there is no text", remedy="give one as an argument, or pipe lines in")
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise SourceError(
                "the line is not UTF-8",
                file="standard input",
                line=number,
                remedy="convert it first, e.g. with iconv",
            ) from error


def _reader(kind: str, profile: str | None) -> Callable[[str], dict[str, object]]:
    """The function that reads this kind of text, with its dictionaries loaded once."""
    from dress_kg.interpret.answers import reader

    return reader(kind, profile)
