"""How well printed citations are read: the 1,628 of CIViC (CC0), against what each string prints.

    PYTHONPATH=src python benchmarks/citation_corpus.py ../shared/corpora/citations-civic.tsv

The corpus has no fields of its own, so the string is cut by its one fixed form ("Author et al., year,
journal"), which the reader does not know. Author, year and journal must be what the cut gives: the
journal under its printed form, and its abbreviation equal but for full stops or resolved by the list.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

from dress_kg.interpret.citation import read_citation
from dress_kg.interpret.journals import Journals

_FORM = re.compile(
    r"(?:(?P<author>(?!\d)[^,]+?)(?P<et_al> et al\.)?, )?"
    r"(?:(?P<year>\d{4}), )?(?P<journal>.+?)(?:, Abstract \d+)?$"
)


def wrong(text: str, journals: Journals) -> list[str]:
    """The fields that are not read as printed."""
    form = _FORM.match(text)
    assert form is not None, text
    read = read_citation(text, journals)
    if read is None:
        return ["all"]
    got = {
        "author": read.author,
        "year": str(read.year) if read.year else None,
        "journal": read.printed_journal,
        "et_al": read.et_al,
    }
    expected = {**form.groupdict(), "et_al": form["et_al"] is not None}
    return [name for name in got if got[name] != expected[name]]


def measure(path: Path) -> tuple[int, dict[str, list[str]]]:
    """How many citations, and those at fault by field."""
    journals = Journals.load()
    faults: dict[str, list[str]] = {name: [] for name in ("all", "author", "year", "journal", "et_al")}
    with path.open(encoding="utf-8", newline="") as corpus:
        rows = list(csv.DictReader(corpus, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        for name in wrong(row["citation"], journals):
            faults[name].append(row["citation"])
    return len(rows), faults


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("give the corpus: python -m benchmarks.citation_corpus CITATIONS.tsv")
    total, faults = measure(Path(sys.argv[1]))
    for name, texts in faults.items():
        print(f"{name:8} {total - len(texts)} of {total} ({1 - len(texts) / total:.2%})")
        for text in texts[:20]:
            print("    ", text)


if __name__ == "__main__":
    main()
