"""Draft a profile for a table that nobody has described: TOML with a comment for each guess.

A draft is a beginning. It loads and builds as it is; what it does not know it leaves as "not stated".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dress_kg import resources, terms
from dress_kg.column_guesses import AMOUNT, HEADERS, NO_VALUE, ColumnValues, Guess, guess_fields
from dress_kg.errors import SourceError
from dress_kg.header import normal, unclaimed
from dress_kg.interpret.agents import AgentLexicon
from dress_kg.interpret.rating import Scale, read_assessment
from dress_kg.readers import format_of, read_file
from dress_kg.records import Line, Operator

_SEARCHED = 30
_LONGEST_HEADER = 80
_ARM = re.compile(r"(?:placebo|controls?|no\s+treatment|observation|untreated)\b[^+;]{0,25}", re.IGNORECASE)
_OPERATORS: Mapping[str, Operator] = {
    "combination": Operator.COMBINATION,
    "combined": Operator.COMBINATION,
    "concurrent": Operator.COMBINATION,
    "substitutes": Operator.ALTERNATIVES,
    "alternative": Operator.ALTERNATIVES,
    "alternatives": Operator.ALTERNATIVES,
    "sequential": Operator.SEQUENCE,
    "sequence": Operator.SEQUENCE,
}
"""Words of an operator column that stand for one operator only."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A table as drafting sees it.

    :ivar header: index of the header line among `lines`. :ivar columns: those with a header.
    """

    path: Path
    format: str
    lines: tuple[Line, ...]
    header: int
    columns: tuple[ColumnValues, ...]
    guesses: Mapping[int, Guess]

    def of(self, field: str) -> ColumnValues | None:
        """The column guessed to be that field."""
        return next((g.column for g in self.guesses.values() if g.field == field), None)

    @property
    def body(self) -> tuple[Line, ...]:
        """The lines below the header that have text."""
        return tuple(line for line in self.lines[self.header + 1 :] if line.text.strip())

    def cell(self, line: Line, position: int) -> str:
        """The stripped text of a cell."""
        return line.cells[position - 1].strip() if position <= len(line.cells) else ""


def draft_profile(path: Path, *, sheet: str | None = None, table: str | int | None = None) -> str:
    """The draft for a table's file, as TOML text that :func:`dress_kg.profile.load_profile` reads.

    :param sheet: of a workbook; :param table: id, label or ordinal in an HTML or JATS file.
    :raises CallError: an option that the format does not have.
    :raises SourceError: the file cannot be read as a table, or has no line that could be a header.
    """
    kind = format_of(path)
    lines = read_file(path, kind, sheet=sheet, table=table, fill=kind in ("xlsx", "html", "jats"))
    header = _header(lines, path)
    columns = _columns(lines, header)
    found = _Found(path, kind, lines, header, columns, guess_fields(columns, AgentLexicon.load()))
    fields = _fields(found)
    wrapped, why_wrapped = _wrapped(found)
    filled = () if wrapped else _filled_down(found)
    key, why_key = _key(found, fields)
    parts = [
        _source(found, key, why_key, wrapped, why_wrapped),
        _file_options(sheet, table),
        *(
            _column(found, column, fields[column.position], filled)
            for column in columns
            if column.position in found.guesses or fields[column.position] in key
        ),
        _sections(found) if wrapped else "",
        _operators(found),
        _identifiers(found),
        _left(found, fields, key),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _header(lines: Sequence[Line], path: Path) -> int:
    """The line that is most like a header: short words in most columns, words that headers are known by."""
    width = max((len(line.cells) for line in lines), default=0)
    best: tuple[float, int] | None = None
    words = [word for known in HEADERS.values() for word in known]
    for index, line in enumerate(lines[:_SEARCHED]):
        cells = [cell.strip() for cell in line.cells if cell.strip()]
        if len(cells) < min(2, width) or not any(re.search(r"[^\W\d_]", cell) for cell in cells):
            continue
        plain = sum(len(cell) <= _LONGEST_HEADER and not re.fullmatch(r"[\d\W]+", cell) for cell in cells)
        known = sum(normal(cell) in words for cell in cells)
        score = (plain + 2 * known) / max(1, width) - index * 0.01
        if best is None or score > best[0]:
            best = (score, index)
    if best is None:
        raise SourceError(
            "no line looks like a header",
            file=path,
            remedy="a header has a word in each column; add one above the table",
        )
    return best[1]


def _columns(lines: Sequence[Line], header: int) -> tuple[ColumnValues, ...]:
    below = lines[header + 1 :]
    return tuple(
        ColumnValues(
            position,
            " ".join(cell.split()),
            tuple(
                line.cells[position - 1].strip()
                for line in below
                if position <= len(line.cells) and not NO_VALUE.fullmatch(line.cells[position - 1].strip())
            ),
        )
        for position, cell in enumerate(lines[header].cells, start=1)
        if cell.strip()
    )


def _fields(found: _Found) -> dict[int, str]:
    """The field of each column: the one guessed, else one made of its header."""
    fields = {position: guess.field for position, guess in found.guesses.items()}
    for column in found.columns:
        if column.position not in fields:
            fields[column.position] = unclaimed(column.header, column.position, fields.values()).field
    return fields


def _wrapped(found: _Found) -> tuple[bool, str]:
    """Whether rows seem to take several lines, and why."""
    if found.format not in ("tsv", "csv", "xlsx") or not found.body:
        return False, "marked up: each table row is a row"
    told = [found.of(field) for field in ("row_id", "level", "grade", "patients")]
    coded = [column for column in told if column is not None]
    lead = found.of("drug") or found.columns[0]
    total = len(found.body)
    rest = [
        line
        for line in found.body
        if not found.cell(line, lead.position) and not any(found.cell(line, c.position) for c in coded)
    ]
    if found.of("row_id") is None and len(rest) >= max(2, 0.1 * total):
        codes = " and no code" if coded else ""
        missing = f"{len(rest)} of {total} lines have nothing under {lead.header!r}{codes}"
        return True, f"{missing}: rows seem to be wrapped"
    return False, f"each of {total} lines seems to be a row"


def _filled_down(found: _Found) -> tuple[int, ...]:
    """Columns at the left edge that are blank on some lines and filled on the first."""
    if not found.body:
        return ()
    blank = []
    for column in found.columns:
        holes = len(found.body) - len(column.values)
        if not holes or not found.cell(found.body[0], column.position):
            break
        blank.append(column.position)
    drug = found.of("drug")
    return tuple(position for position in blank if drug is None or position != drug.position)


def _key(found: _Found, fields: Mapping[int, str]) -> tuple[tuple[str, ...], str]:
    """The fields that tell one row from another, and why these."""
    if found.of("row_id") is not None:
        return ("row_id",), "every value under it is there once"
    if found.of("drug") is not None and found.of("reference") is not None:
        return ("drug", "reference"), "who reports what; equal keys get a number"
    for column in found.columns:
        if (
            len(column.kinds) == len(column.values) == len(found.body)
            and column.share(lambda v: len(v) < 60) == 1
        ):
            return (fields[column.position],), "every value under it is there once"
    named = [g.field for g in found.guesses.values() if g.field in ("drug", "reference", "dose", "condition")]
    first = fields[found.columns[0].position]
    return tuple(
        dict.fromkeys([first, *sorted(named)])
    ), "no column tells all rows apart; equal keys get a number"


def _source(found: _Found, key: Sequence[str], why_key: str, wrapped: bool, why: str) -> str:
    name = terms.slug(found.path.stem) or "table"
    name = name if name[0].isalpha() else f"table-{name}"
    lines = [
        f"# A draft for {_plain(found.path.name)}, made by `dress-kg profile`.",
        "# Each guess says what it rests on: check them all. What each key means: docs/profiles.md.",
        "# Save this beside the table, then: dress-kg build THIS.toml --out DIR",
        "",
        "[source]",
        f"id = {_text(name)}   # goes into every IRI: choose well, then keep it",
        f"title = {_text(found.path.stem)}   # say what the table is and where it is printed",
        f"file = {_text(found.path.name)}",
        f"format = {_text(found.format)}",
        f'rows = "{"wrapped" if wrapped else "lines"}"   # {_plain(why)}',
        'language = "en"   # not looked at',
    ]
    if found.of("condition") is None:
        lines.append('condition = "not stated"   # say what the whole table is about')
    lines += [
        f"key = {_list(key)}   # {_plain(why_key)}",
        *_scale(found),
        '# rights = "…"   # whose the table is',
    ]
    return "\n".join(lines)


def _file_options(sheet: str | None, table: str | int | None) -> str:
    options = {"sheet": sheet, "table": table}
    lines = [
        f"{name} = {value if isinstance(value, int) else _text(value)}"
        for name, value in options.items()
        if value
    ]
    return "\n".join(["[file]", *lines]) if lines else ""


def _scale(found: _Found) -> list[str]:
    """The shipped scale on which every code can be read, where there is just one."""
    level, grade = found.of("level"), found.of("grade")
    if level is None and grade is None:
        return []
    fits = []
    for path in sorted((resources.folder("ontology") / "scales").glob("*.ttl")):
        scale = Scale.load(path.stem)
        codes = [(code, "") for code in (level.codes if level else ())]
        codes += [("", code) for code in (grade.codes if grade else ())]
        read = [read_assessment(left, right, scale) for left, right in codes]
        good = sum(bool(each and (each.levels or each.grades) and not each.unread) for each in read)
        if codes and good >= 0.8 * len(codes):
            fits.append((path.stem, f"{good} of {len(codes)} different codes are on it"))
    if len(fits) == 1:
        name, why = fits[0]
        return [f"rating_scale = {_text(name)}   # {why}; is it the one the authors used?",
                "rating_scale_stated = false   # true where the table names its scale"]  # fmt: skip
    why = (
        f"several fit: {', '.join(name for name, _ in fits)}" if fits else "no shipped scale has these codes"
    )
    return [f'# rating_scale = "…"   # {why}; a new one is a file in ontology/scales']


def _column(found: _Found, column: ColumnValues, field: str, filled: Sequence[int]) -> str:
    guess = found.guesses.get(column.position)
    reason = guess.reason if guess else "part of the key; carried along without being read"
    lines = [
        f"# {_plain(reason)}",
        "[[column]]",
        f"field = {_text(field)}",
        f"header = {_text(column.header)}",
    ]
    kinds = {"drug": "name", "reference": "citation", "level": "code", "grade": "code",
             "dose": "text", "interval": "text", "comments": "text", "study_design": "text"}  # fmt: skip
    if field in kinds:
        lines.append(f'kind = "{kinds[field]}"')
    if field in ("level", "grade") and column.codes:
        codes = sorted(column.codes, key=lambda code: (-len(code), code))
        lines.append(f"pattern = {_text('|'.join(map(re.escape, codes)))}   # the codes found")
    if field == "drug" and (separator := _separator(column)):
        lines.append(f"separator = {_text(separator[0])}   # {separator[1]}")
    if field == "drug":
        lines += _of_drugs(found, column)
    if column.position in filled:
        blank = len(found.body) - len(column.values)
        lines.append(
            f"fill_down = true   # blank on {blank} lines at the left edge: the value above seems to hold"
        )
    return "\n".join(lines)


def _of_drugs(found: _Found, column: ColumnValues) -> list[str]:
    """What the column of drugs holds besides: the dose, arms without a drug."""
    lines = []
    share = column.share(AMOUNT.search)
    if share >= 0.3 and found.of("dose") is None:
        lines.append(
            f'also = ["dose"]   # {share:.0%} of its values hold an amount: drug and dose in one cell'
        )
    arms = [value for value in column.kinds if _ARM.fullmatch(value)]
    if arms:
        lines.append(f"empty = {_list(arms)}   # arms of a study, no agents")
    return lines


def _separator(column: ColumnValues) -> tuple[str, str] | None:
    """The sign that parts lists of agents, and why; None where the cells read like text."""
    for sign in ("|", ";", ","):
        listed = [value for value in column.values if sign in value]
        parts = [part.strip() for value in listed for part in value.split(sign)]
        short = sum(bool(part) and len(part.split()) <= 4 for part in parts)
        texts = sum(bool(re.search(r"\d\s*mg|\b(?:and|or|with|followed)\b|[+()]", value)) for value in listed)
        if (
            len(listed) >= max(3, 0.05 * len(column.values))
            and short >= 0.9 * len(parts)
            and not texts > 0.1 * len(listed)
        ):
            return re.escape(
                sign
            ) if sign != "," else ",(?! )", f"{len(listed)} cells list several, parted by {sign!r}"
    return None


def _sections(found: _Found) -> str:
    lone = [line for line in found.body if sum(bool(cell.strip()) for cell in line.cells) == 1]
    # A title may be cut over several cells, but the columns of a row it does not fill.
    lone += [line for line in found.body if 1 < sum(bool(cell.strip()) for cell in line.cells) <= 4]
    capitals = [line for line in lone if line.text.strip().isupper() and re.match(r"[^\W\d_]{6}", line.text)]
    if not capitals:
        return ""
    return f'[sections]\ncase = "upper"   # {len(capitals)} lines hold nothing but words in capitals'


def _operators(found: _Found) -> str:
    column = found.of("operator")
    if column is None:
        return ""
    lines = ["[operators]   # printed value = single, combination, alternatives, sequence"]
    for printed in sorted(column.kinds):
        meant = _OPERATORS.get(printed.casefold())
        lines.append(
            f'{_text(printed)} = "{meant}"'
            if meant
            else f'# {_text(printed)} = "…"   # say what it stands for'
        )
    return "\n".join(lines)


def _identifiers(found: _Found) -> str:
    column = found.of("publication_id")
    if column is None:
        return ""
    head = normal(column.header)
    schemes = {"pmid": "pmid", "pubmed": "pmid", "doi": "doi", "pmcid": "pmcid"}
    scheme = next((value for word, value in schemes.items() if word in head.split()), None)
    if scheme:
        return f"[publication_id]\ndefault = {_text(scheme)}   # by its header"
    why = "say whose ids they are, and citations with one id become one publication"
    return f'# [publication_id]\n# default = "pmid"   # {why}'


def _left(found: _Found, fields: Mapping[int, str], key: Sequence[str]) -> str:
    left = [c for c in found.columns if c.position not in found.guesses and fields[c.position] not in key]
    if not left:
        return ""
    listed = "\n".join(f"#   {fields[c.position]}: {_plain(c.header)}" for c in left)
    why = "They are in the graph as cells, and the build's summary names them:"
    return f"# No field claims these columns. {why}\n{listed}"


def _text(value: str | None) -> str:
    return json.dumps(value or "", ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Sequence[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"


def _plain(text: str) -> str:
    """A text that can stand in a comment."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", text)
