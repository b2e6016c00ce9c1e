"""The tidy tables as CSV with CSVW metadata (https://www.w3.org/TR/tabular-metadata/).

Null is an empty unquoted field, an empty string never occurs, lists are long tables, rows are sorted by
key. `csv-metadata.json` gives each column its type and meaning and each table its key.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dress_kg import __version__
from dress_kg.tables import Tables
from dress_kg.tables.files import write_tables
from dress_kg.tables.schema import TABLES, Column, TableSchema

METADATA = "csv-metadata.json"
NOTICE = (
    "Reports cited in one guideline of 2020, almost all uncontrolled cases; not advice for prescribing; "
    "superseded when a newer edition exists."
)


def write_csvw(tables: Tables, folder: Path) -> None:
    """Write each table of the schema to `folder/<name>.csv`, and the metadata beside them.

    :raises ValueError: a cell holds an empty string, which CSV cannot tell from null, or a key is not
        unique or not whole: a fault of the program that made the tables.
    """
    for schema in TABLES.values():
        _check(schema, tables)
    write_tables(tables, folder)
    write_metadata(folder)


def write_metadata(folder: Path) -> None:
    """Write the metadata beside the tables of a folder."""
    text = json.dumps(metadata(), ensure_ascii=False, indent=2) + "\n"
    (folder / METADATA).write_text(text, encoding="utf-8")


def metadata() -> dict[str, Any]:
    """The CSVW table group: tables, columns with datatype and description, primary keys."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": "dress-kg: tidy tables of a treatment-evidence table",
        "dc:description": NOTICE,
        "dc:hasVersion": __version__,
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True, "lineTerminators": "\n"},
        "tables": [_table(schema) for schema in TABLES.values()],
    }


def _table(schema: TableSchema) -> dict[str, Any]:
    return {
        "url": f"{schema.name}.csv",
        "dc:description": schema.description,
        "tableSchema": {
            "columns": [_column(column, column.name in schema.key) for column in schema.columns],
            "primaryKey": list(schema.key),
        },
    }


def _column(column: Column, required: bool) -> dict[str, Any]:
    return {
        "name": column.name,
        "titles": column.name,
        "datatype": column.datatype,
        "dc:description": column.description,
        **({"required": True} if required else {}),
    }


def _check(schema: TableSchema, tables: Tables) -> None:
    seen = set()
    for row in tables.get(schema.name, []):
        empty = [name for name, value in row.items() if value == ""]
        if empty:
            raise ValueError(f"table {schema.name}: an empty string in {empty[0]}, which is no null")
        key = tuple(row.get(name) for name in schema.key)
        if None in key or key in seen:
            raise ValueError(f"table {schema.name}: the key {key} is not whole or not unique")
        seen.add(key)
