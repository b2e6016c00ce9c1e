"""Large tables with varied values, made from the DRESS and the CIViC table.

    PYTHONPATH=src python -m benchmarks.varied --rows N [--tables K] [--kind dress|civic] [--seed S] OUT

Writes into the folder OUT, for each table, the table and a profile of its own, so that it can be built:
`dress-kg build OUT/varied-dress.toml`. Rows are written one at a time. The same arguments give the same
bytes. Prints how many distinct texts each column has, which is what says how varied the rows are.

What is kept of the real tables is the shape: columns, phrases, lengths, how often a cell is empty, wrapped
lines. What varies: agents (drawn from the lexicon), doses (a grammar, and the printed ones with other
numbers), authors, journals, years, numbers of patients, sentences of comments and the numbers in them.
About three rows in four cite a publication that another row cites too.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dress_kg.interpret.agents import AgentLexicon
from dress_kg.interpret.item import Interpreter
from dress_kg.profile import load_profile
from dress_kg.repair import repair
from dress_kg.resources import folder
from dress_kg.table import read_lines

KINDS = ("dress", "civic")
CIVIC = "tables/civic-clinical-evidence.tsv"
DRESS_FIELDS = ("drug", "dose", "interval", "reference", "study_design", "comments", "level", "grade")
WRAPPED = 8
"""One row in so many is printed over two lines, as the OCR'd table does."""

_NUMBER = re.compile(r"(?<![\w.-])(\d+)-(\d+)(?![\d.-])|(?<![\w.-])\d+(?:\.\d+)?(?![\d.-])")
_SENTENCE = re.compile(r"(?<=[.;]) +(?=[A-Z*])")
_UNITS = (("mg", 25, 2000), ("mg/kg", 1, 10), ("g", 1, 4), ("g/kg", 1, 2), ("mcg", 50, 500))
_OFTEN = ("daily", "twice daily", "three times daily", "every 8 h", "/d", "/12h", "per day", "once weekly")
_HOW = ("orally", "intravenously", "IV", "oral", "")
_ONSETS = "B Br C Ch D F G Gr H J K L M N P R S Sch T V W Z".split()
_MIDDLES = "a e i o u ar en il on or an er".split()
_ENDS = "bert ck der dez ini kov lan mann moto ner ni rez ski sen son sson ta tti vic ya".split()

Fill = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Template:
    """A printed text whose numbers and agents are drawn anew.

    :ivar parts: fixed texts and what fills the gaps between them.
    """

    parts: tuple[str | Fill, ...]

    def fill(self, draw: random.Random) -> str:
        """The text with other numbers and agents."""
        return "".join(part if isinstance(part, str) else part(draw) for part in self.parts)


def template(text: str) -> Template:
    """The template of a printed text.

    >>> template("Not effective, 3-7 days").fill(random.Random(1))
    'Not effective, 4-8 days'
    """
    gaps: list[tuple[int, int, Fill]] = [(m.start, m.end, _agent) for m in _lexicon().find(text)]
    taken = [(start, end) for start, end, _ in gaps]
    for found in _NUMBER.finditer(text):
        if not any(start < found.end() and found.start() < end for start, end in taken):
            gaps.append((found.start(), found.end(), _number(found)))
    parts: list[str | Fill] = []
    at = 0
    for start, end, fill in sorted(gaps, key=lambda gap: gap[0]):
        parts += [text[at:start], fill]
        at = end
    return Template((*parts, text[at:]))


@cache
def _lexicon() -> AgentLexicon:
    return AgentLexicon.load()


@cache
def _agents() -> tuple[str, ...]:
    labels = {agent.label for agent in _lexicon().agents()}
    names = (folder("mappings") / "drug-names.txt").read_text("utf-8").split("\n")
    listed = {name for line in names if not line.startswith("#") for name in line.split()}
    return tuple(sorted(labels | listed))


def _agent(draw: random.Random) -> str:
    return draw.choice(_agents())


def _number(found: re.Match[str]) -> Fill:
    """Numbers of the same size: a range stays a range, a decimal keeps its places."""
    if found[1]:
        low, span = int(found[1]), max(1, int(found[2]) - int(found[1]))

        def spread(draw: random.Random) -> str:
            start = draw.randint(1, 2 * low + 1)
            return f"{start}-{start + span}"

        return spread
    text = found[0]
    places = len(text.partition(".")[2])
    top = max(2, int(float(text) * 2 * 10**places))

    def number(draw: random.Random) -> str:
        return f"{draw.randint(1, top) / 10**places:.{places}f}" if places else str(draw.randint(1, top))

    return number


@cache
def _journals() -> tuple[str, ...]:
    with gzip.open(folder("mappings") / "journals.tsv.gz", "rt", encoding="utf-8") as lines:
        names = [line.partition("\t")[0] for line in lines]
    plain = [name for name in names if re.fullmatch(r"[A-Z][A-Za-z]+( [A-Z][a-z]+){1,3}", name)]
    return tuple(random.Random(0).sample(sorted(plain), 400))  # noqa: S311


@dataclass(frozen=True, slots=True)
class Cited:
    """A made-up publication."""

    number: int
    author: str
    initials: str
    journal: str
    year: int

    @classmethod
    def draw(cls, seed: int, number: int) -> Cited:
        """The same publication for the same number."""
        draw = random.Random(f"{seed}/publication/{number}")  # noqa: S311
        author = draw.choice(_ONSETS) + draw.choice(_MIDDLES) + draw.choice(_ENDS)
        if draw.random() < 0.15:
            author += "-" + draw.choice(_ONSETS) + draw.choice(_MIDDLES) + draw.choice(_ENDS)
        initials = "".join(draw.sample("ABCDEFGHJKLMNPRSTVW", draw.randint(1, 2)))
        return cls(number, author, initials, draw.choice(_journals()), draw.randint(1985, 2025))


def dose(draw: random.Random, agents: list[str]) -> str:
    """A dose cell: one to three statements."""
    said = []
    for agent in agents[: draw.randint(1, 3)]:
        unit, low, high = draw.choice(_UNITS)
        amount = draw.randint(low, high)
        shown = f"{amount}-{amount + draw.randint(1, low + 1)}" if draw.random() < 0.2 else str(amount)
        length = draw.choice((f"for {draw.randint(2, 60)} days", f"for {draw.randint(1, 12)} weeks", ""))
        name = agent if draw.random() < 0.6 else ""
        said.append(
            " ".join(f"{name} {shown} {unit} {draw.choice(_OFTEN)} {draw.choice(_HOW)} {length}".split())
        )
    return draw.choice((", followed by ", "; ", " + ")).join(said)


@cache
def _printed() -> dict[str, tuple[str, ...]]:
    """The cells of the shipped table by field, once for each row that prints one."""
    profile = load_profile("dress")
    table = repair(
        read_lines(profile.source_file, profile),
        profile,
        profile.file,
        known_words=Interpreter.of(profile).words(),
    )
    return {name: tuple(row.cells[name].text for row in table.rows) for name in DRESS_FIELDS}


@cache
def _templates(field: str) -> tuple[Template, ...]:
    texts = _printed()[field]
    if field == "comments":
        texts = tuple(sentence for text in texts for sentence in _SENTENCE.split(text))
    return tuple(template(text) for text in texts)


def dress_rows(rows: int, seed: int, part: int = 0, publications: int | None = None) -> Iterator[list[str]]:
    """Rows of eight cells; :data:`DRESS_FIELDS` names them."""
    draw = random.Random(f"{seed}/dress/{part}")  # noqa: S311
    for _ in range(rows):
        agents = draw.sample(_agents(), draw.choices((1, 2, 3), (70, 22, 8))[0])
        drug = draw.choice((" + ", " + ", " or ")).join(agents)
        if draw.random() < 0.1:
            drug += f" (previous treatment with {_agent(draw)})"
        doses = dose(draw, agents) if draw.random() < 0.55 else draw.choice(_templates("dose")).fill(draw)
        cited = Cited.draw(seed, draw.randrange(publications or max(1, rows)))
        said = [
            draw.choice(_templates("comments")).fill(draw)
            for _ in range(draw.choices((1, 2, 3), (3, 4, 2))[0])
        ]
        rated = draw.randrange(len(_printed()["level"]))
        yield [
            drug[0].upper() + drug[1:],
            doses,
            draw.choice(_templates("interval")).fill(draw),
            f"{cited.author} {cited.initials}, et al {cited.journal} {cited.year} [{cited.number % 999 + 1}]",
            draw.choice(_templates("study_design")).fill(draw),
            " ".join(said),
            _printed()["level"][rated],
            _printed()["grade"][rated],
        ]  # fmt: skip


def _lines(row: list[str], draw: random.Random) -> Iterator[list[str]]:
    """The row as lines of the table: sometimes its comment goes on in a second one."""
    words = row[5].split(" ")
    if draw.randrange(WRAPPED) or len(words) < 12:
        yield row
        return
    cut = draw.randint(6, len(words) - 4)
    yield [*row[:5], " ".join(words[:cut]), *row[6:]]
    yield ["", "", "", "", "", " ".join(words[cut:]), "", ""]


def civic_rows(
    printed: list[dict[str, str]], rows: int, seed: int, part: int = 0, publications: int | None = None
) -> Iterator[list[str]]:
    """Rows of CIViC's columns; diseases, genes and codes stay as they go together."""
    draw = random.Random(f"{seed}/civic/{part}")  # noqa: S311
    statements = [template(row["evidence_statement"]) for row in printed]
    for number in range(1, rows + 1):
        at = draw.randrange(len(printed))
        row = dict(printed[at])
        cited = Cited.draw(seed, draw.randrange(publications or max(1, rows)))
        letter, other = draw.sample("ACDEFGHIKLMNPQRSTVWY", 2)
        place, start = draw.randint(1, 1500), draw.randint(10_000, 240_000_000)
        row |= {
            "evidence_id": str(number),
            "evidence_civic_url": f"https://civic.genome.wustl.edu/links/evidence_items/{number}",
            "variant": f"{letter}{place}{other}" if draw.random() < 0.8 else row["variant"],
            "citation": f"{cited.author} et al., {cited.year}, {cited.journal}",
            "citation_id": str(10_000_000 + cited.number),
            "source_type": "PubMed",
            "asco_abstract_id": "",
            "evidence_statement": statements[draw.randrange(len(statements))].fill(draw),
            "start": str(start),
            "stop": str(start + draw.randint(0, 20)),
        }
        if row["drugs"]:
            names = max(1, len(re.split(r",(?! )", row["drugs"])))
            row["drugs"] = ",".join(each.capitalize() for each in draw.sample(_agents(), names))
        yield list(row.values())


def _read_civic(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


class Variety:
    """Counts distinct texts a column; holds a number for each, not the text."""

    def __init__(self, columns: list[str]) -> None:
        self.columns = columns
        self.rows = 0
        self._seen: list[set[int]] = [set() for _ in columns]

    def add(self, row: list[str]) -> None:
        """Count one row."""
        self.rows += 1
        for seen, cell in zip(self._seen, row, strict=True):
            seen.add(hash(cell))

    def distinct(self) -> dict[str, int]:
        """Distinct texts by column."""
        return {column: len(seen) for column, seen in zip(self.columns, self._seen, strict=True)}


def _profile(kind: str, name: str) -> str:
    """The shipped profile for a table of another name; it is of no guideline and has no curation."""
    text = (folder("mappings") / f"{kind}.toml").read_text("utf-8")
    text = re.sub(r'(?m)^id = ".*"$', f'id = "{name}"', text, count=1)
    text = re.sub(r'(?m)^title = ".*"$', f'title = "Made-up table {name}"', text, count=1)
    text = re.sub(r'(?m)^file = ".*"$', f'file = "{name}.tsv"', text, count=1)
    return re.sub(r"(?m)^(?:publication|doi) = .*\n", "", text, count=0 if kind == "dress" else 1)


def write_table(out: Path, name: str, header: list[str], lines: Iterator[list[str]]) -> Path:
    """Write an unquoted TSV; returns its path."""
    path = out / f"{name}.tsv"
    with path.open("w", encoding="utf-8", newline="\n") as target:
        target.write("\t".join(header) + "\n")
        for line in lines:
            target.write("\t".join(cell.replace("\t", " ") for cell in line) + "\n")
    return path


def make(
    out: Path, rows: int, *, tables: int = 1, kind: str = "dress", seed: int = 1, civic: Path | None = None
) -> tuple[list[Path], Variety]:
    """Write the tables and their profiles.

    :param rows: rows of all tables together.
    :returns: the profiles, and how varied the rows are.
    """
    out.mkdir(parents=True, exist_ok=True)
    printed = _read_civic(civic or shared() / CIVIC) if kind == "civic" else []
    profile = load_profile(kind)
    header = list(printed[0]) if printed else [column.header for column in profile.columns]
    variety = Variety(header)
    profiles = []
    for part in range(tables):
        name = f"varied-{kind}" + (f"-{part + 1:04d}" if tables > 1 else "")
        share = rows // tables + (part < rows % tables)
        made = (
            civic_rows(printed, share, seed, part, rows) if printed else dress_rows(share, seed, part, rows)
        )
        draw = random.Random(f"{seed}/lines/{part}")  # noqa: S311

        def lines(made: Iterator[list[str]] = made, draw: random.Random = draw) -> Iterator[list[str]]:
            for row in made:
                variety.add(row)
                yield from [row] if kind == "civic" else _lines(row, draw)

        write_table(out, name, header, lines())
        path = out / f"{name}.toml"
        path.write_text(_profile(kind, name), "utf-8")
        profiles.append(path)
    return profiles, variety


def shared() -> Path:
    """The folder of data that is not shipped."""
    return Path(os.environ.get("DRESS_KG_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def main() -> None:
    """Write the tables and print how varied they are."""
    parser = argparse.ArgumentParser(description="Large tables with varied values.")
    parser.add_argument("--rows", type=int, required=True, help="rows of all tables together")
    parser.add_argument("--tables", type=int, default=1)
    parser.add_argument("--kind", choices=KINDS, default="dress")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    profiles, variety = make(given.out, given.rows, tables=given.tables, kind=given.kind, seed=given.seed)
    print(f"{variety.rows:,} rows in {len(profiles)} table(s); distinct texts:")
    for column, number in variety.distinct().items():
        print(f"  {column:<28}{number:>9,}  {100 * number / max(1, variety.rows):5.1f} %")


if __name__ == "__main__":
    main()
