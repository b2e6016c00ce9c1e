"""`dress-kg profile`: draft a profile for a table."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--sheet", help="The sheet of a workbook.")
@click.option("--table", help="Id, label or ordinal of the table in an HTML or JATS file.")
def profile(file: Path, sheet: str | None, table: str | None) -> None:
    """Draft a profile for a table it has never seen, with a comment for each guess.

    The draft goes to standard output. It loads and builds as it is; read every comment before you rely
    on it. What it could not tell is "not stated" or left out, with a comment that says so.

    \b
    Examples:
      dress-kg profile table.csv > table.toml
      dress-kg profile article.xml --table T1 > article.toml
      dress-kg build table.toml --out out
    """
    from dress_kg.drafting import draft_profile

    chosen = int(table) if table is not None and table.isascii() and table.isdecimal() else table
    click.echo(draft_profile(file, sheet=sheet, table=chosen), nl=False)
