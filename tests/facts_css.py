"""Write `facts.css`: one rule a fact, because a style sheet cannot count. `python -m tests.facts_css`."""

from __future__ import annotations

from dress_kg.pages.item import LIT
from tests.conftest import ROOT

FILE = ROOT / "src/dress_kg/pages/assets/facts.css"
_HEAD = f"""\
/* A fact that is pointed at, focused or the target of the address lights its characters, without a script:
   .kN and .sN are of one fact. Made by `python -m tests.facts_css`; beyond {LIT} facts it takes item.js. */
"""


def _rule(from_: str, to: str, look: str) -> str:
    lit = (f".item:has(.{from_}{n}:is(:hover,:focus-within,:target)) .{to}{n}" for n in range(1, LIT + 1))
    return ",\n".join(lit) + f" {{ {look} }}\n"


def text() -> str:
    """What the file holds."""
    return (
        _HEAD
        + _rule("k", "s", "background: var(--lit); color: var(--lit-ink);")
        + _rule("s", "k", "background: var(--mark-faint); box-shadow: inset 3px 0 0 var(--lit);")
    )


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
