"""How well strings are read that the rules were not written against (`tests/cases/unseen/`).

    PYTHONPATH=src python -m benchmarks.unseen [a|b|c|d|e|f|g|h|i|j] [dose|citation|design|finding|drug]…

The expected answers were written by hand before the reader saw the strings; `docs/interpretation.md` says
how. Half `a` was then used to mend the rules, half `b` was read once, at the end. A field of an answer is
right, wrong (read, and not what the text states) or missed (stated, not read). `?` is not scored;
`x|y` takes either, `x?` takes x or nothing, and an empty field must stay empty.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dress_kg.interpret.answers import reader
from dress_kg.interpret.regimen.vocabulary import DAYS_IN

CASES = Path(__file__).resolve().parents[1] / "tests" / "cases" / "unseen"
_TIMES = re.compile(r"(?P<n>\d*)(?:-(?P<n2>\d+))?/(?P<p>\d+)(?:-(?P<p2>\d+))?(?P<u>min|h|d|wk|mo)")
_SPAN = re.compile(r"(?P<n>\d*)(?:-(?P<n2>\d+))?(?P<u>min|h|d|wk|mo)")
HALVES = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
KINDS = ("dose", "citation", "design", "finding", "drug")
Fields = dict[str, Any]
Outcome = tuple[str, str, Any, Any]


@dataclass
class Score:
    """Counts over fields, and what was not right."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    cases: int = 0
    cases_wrong: int = 0
    lines: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Right among what was read."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Right among what the strings state (a wrong value is also one that was not read right)."""
        return self.right / max(1, self.right + self.missed + self.wrong)

    def add(self, text: str, outcomes: list[Outcome]) -> None:
        """Count the outcomes of one string."""
        self.cases += 1
        self.cases_wrong += any(kind == "wrong" for kind, *_ in outcomes)
        for kind, name, wanted, got in outcomes:
            setattr(self, kind, getattr(self, kind) + 1)
            if kind != "right":
                self.lines.append(f"  {kind} {name}: {got!r}, expected {wanted!r}: {text}")


def number(text: str) -> float | None:
    return float(text) if text not in ("", "-") else None


def step_fields(notation: str) -> Fields:
    """A step as the case files write it, in the terms that are compared; `?` values are kept as such."""
    out: Fields = {}
    for token in notation.split():
        key, _, value = token.partition("=")
        if value == "?":
            out[key] = "?"
        elif key == "d":
            low, _, high = value.partition("..")
            out |= {"low": number(low), "high": number(high or low)}
        elif key == "f":
            match = _TIMES.fullmatch(value)
            assert match is not None, notation
            out["f"] = rate(match["n"], match["n2"], match["p"], match["p2"], match["u"])
        elif key in ("for", "ev", "cf"):
            match = _SPAN.fullmatch(value)
            assert match is not None, notation
            out[key] = length(match["n"] or None, match["n2"], match["u"])
        elif key in ("x", "c"):
            out[key] = int(value)
        else:
            out[key] = value.replace("_", " ") if key == "a" else (value or True)
    return out


def rate(n: Any, n2: Any, p: Any, p2: Any, unit: str | None) -> tuple[float, ...] | None:
    """Times a day: least and most."""
    if unit is None or not p:
        return None
    period = float(p) * float(DAYS_IN[unit])
    longest = float(p2) * float(DAYS_IN[unit]) if p2 else period
    most = n2 or n
    return (round(float(n) / longest, 4) if n else 0.0, round(float(most) / period, 4) if most else 0.0)


def length(low: Any, high: Any, unit: str | None) -> tuple[float, float] | None:
    if unit is None or (low is None and high is None):
        return None
    days = float(DAYS_IN[unit])
    return (round(float(low if low is not None else high) * days, 5), round(float(high or low) * days, 5))


def our_fields(step: dict[str, Any]) -> Fields:
    """A step of `interpret dose` in the same terms."""
    cycle = step.get("cycle") or {}
    out = {
        "a": step["agent"], "low": step["low"], "high": step["high"], "u": step["unit"],
        "b": step["basis"], "r": step["route"], "x": step.get("count"), "c": cycle.get("count"),
        "f": rate(step["frequency"], step["frequency_max"], step["period"], step["period_max"],
                  step["period_unit"]),
        "for": length(step["duration"], step["duration_max"], step["duration_unit"]),
        "ev": length(cycle.get("every_low"), cycle.get("every_high"), cycle.get("every_unit")),
        "prn": step["as_needed"] or None, "alt": step["alternative"] or None,
        "div": step["divided"] or None, "inf": True if step["infusion"] else None,
        "q": True if step.get("qualitative") else None,
    }  # fmt: skip
    return {k: v for k, v in out.items() if v is not None}


def compare_step(wanted: Fields, got: Fields) -> Iterator[Outcome]:
    if wanted.get("d") == "?":
        wanted = {**wanted, "low": "?", "high": "?"}
    daily = (1.0, 1.0)
    if wanted.get("b") == "day" and "f" not in wanted and (got.get("b"), got.get("f")) == ("dose", daily):
        got = {k: v for k, v in {**got, "b": "day"}.items() if k != "f"}
    if wanted.get("b") == "dose" and wanted.get("f") == daily and got.get("b") == "day" and "f" not in got:
        got = {**got, "b": "dose", "f": daily}
    if "x" not in wanted and wanted.get("c") == got.get("x"):
        got = {k: v for k, v in got.items() if k != "x"}
    if "ev" not in wanted and "f" in got:
        got = {k: v for k, v in got.items() if k not in ("ev", "c")}
    for name in sorted({*wanted, *got} - {"d"}):
        want, have = wanted.get(name), got.get(name)
        if want == "?" or (want is None and have is None):
            continue
        if isinstance(want, str) and isinstance(have, str):
            want, have = want.lower(), have.lower()
        yield ("right" if want == have else "missed" if have is None else "wrong", name, want, have)


def align(wanted: list[Fields], got: list[Fields]) -> Iterator[tuple[Fields, Fields]]:
    """Steps in order, matched where the most fields agree."""
    best: dict[tuple[int, int], tuple[float, list[tuple[Fields, Fields]]]] = {}
    for i in range(len(wanted), -1, -1):
        for j in range(len(got), -1, -1):
            options: list[tuple[float, list[tuple[Fields, Fields]]]] = [(0.0, [])]
            if i < len(wanted):
                points, pairs = best[i + 1, j]
                options.append((points, [(wanted[i], {}), *pairs]))
            if j < len(got):
                points, pairs = best[i, j + 1]
                options.append((points, [({}, got[j]), *pairs]))
            if i < len(wanted) and j < len(got):
                points, pairs = best[i + 1, j + 1]
                outcomes = list(compare_step(wanted[i], got[j]))
                gain = 0.1 + sum((k == "right") - 0.5 * (k == "wrong") for k, *_ in outcomes)
                options.append((points + max(gain, 0.05), [(wanted[i], got[j]), *pairs]))
            full = [o for o in options if (i == len(wanted) and j == len(got)) or o[1]]
            best[i, j] = max(full, key=lambda option: option[0])
    yield from best[0, 0][1]


def dose_outcomes(case: dict[str, str], answer: dict[str, Any]) -> list[Outcome]:
    wanted = [step_fields(part) for part in case["steps"].split(";") if part.strip()]
    got = [our_fields(step) for step in answer["steps"]]
    return [o for want, have in align(wanted, got) for o in compare_step(want, have)]


def one_of(wanted: str, got: str, name: str) -> list[Outcome]:
    """A single value against `x`, `x?`, `x|y`, `?` (must abstain where the case says so) or nothing."""
    allowed = {v.lower() for v in wanted.rstrip("?").split("|")}
    if wanted.endswith("?"):
        allowed.add("")
    if not got and allowed == {""}:
        return []
    kind = "right" if got.lower() in allowed else "missed" if not got else "wrong"
    return [(kind, name, wanted, got)]


def citation_outcomes(case: dict[str, str], answer: dict[str, Any]) -> list[Outcome]:
    out: list[Outcome] = []
    for name in ("author", "initials", "journal", "year", "number"):
        out += one_of(case[name], str(answer.get(name) or ""), name)
    out += one_of(case["suffix"], str(answer.get("year_suffix") or ""), "suffix")
    if case["et_al"]:
        out += one_of(case["et_al"], "yes" if answer.get("et_al") else "no", "et_al")
    return out


def design_outcomes(case: dict[str, str], answer: dict[str, Any]) -> list[Outcome]:
    out = one_of("" if case["design"] == "?" else case["design"], answer["design"] or "", "design")
    if case["patients"] != "?":
        out += one_of(case["patients"] or "", str(answer["patients"] or ""), "patients")
    return out


def drug_outcomes(case: dict[str, str], answer: dict[str, Any]) -> list[Outcome]:
    out: list[Outcome] = []
    wanted_operator = "" if case["operator"] == "none" else case["operator"]
    if wanted_operator != "?":
        out += one_of(wanted_operator.replace("none?", "?"), str(answer["operator"] or ""), "operator")
    got = [(a["label"].lower(), "x" if a["role"] == "excluded" else a["role"][0]) for a in answer["agents"]]
    wanted = re.findall(r"(\S[^:]*):(\S)", case["agents"].lower())
    if case["agents"] == "?":
        return out
    for label, role in wanted:
        found = next((g for g in got if label in ("?", g[0]) and role in ("?", g[1])), None)
        out.append(("right" if found else "missed", "agent", f"{label}:{role}", got))
        if found:
            got.remove(found)
    return out + [("wrong", "agent", None, g) for g in got]


def finding_direction(text: str, strategy: str) -> str:
    from dress_kg.interpret.agents import AgentLexicon, ConditionLexicon
    from dress_kg.interpret.finding import read_findings
    from dress_kg.records import Agent, AgentKind, Component, Operator, Role, Strategy
    from dress_kg.terms import slug

    lexicon, conditions = _lexicons(AgentLexicon.load, ConditionLexicon.load)
    agent = lexicon.resolve(strategy) or Agent(slug(strategy), strategy, AgentKind.UNKNOWN)
    row = Strategy(Operator.SINGLE, (Component(agent, Role.INDEX, ()),))
    return str(read_findings({"comments": text}, row, None, lexicon, conditions).direction)


_LOADED: list[Any] = []


def _lexicons(*loaders: Callable[[], Any]) -> list[Any]:
    if not _LOADED:
        _LOADED.extend(load() for load in loaders)
    return _LOADED


def finding_outcomes(case: dict[str, str], answer: dict[str, Any]) -> list[Outcome]:
    got, allowed = answer["direction"], case["direction"].split("|")
    if got in allowed:
        return [] if got == "not stated" else [("right", "direction", case["direction"], got)]
    kind = "missed" if got == "not stated" else "wrong"
    return [(kind, "direction", case["direction"], got)]


def score(kind: str, half: str) -> Score:
    """Score one kind of string on one half."""
    total = Score()
    with (CASES / f"{kind}_{half}.tsv").open(encoding="utf-8", newline="") as file:
        names = ["text", "steps"] if kind == "dose" else None
        rows = list(csv.DictReader(file, names, delimiter="\t", quoting=csv.QUOTE_NONE))
    read = None if kind == "finding" else reader({"design": "study", "drug": "agents"}.get(kind, kind))
    judge = {"dose": dose_outcomes, "citation": citation_outcomes, "design": design_outcomes,
             "drug": drug_outcomes, "finding": finding_outcomes}[kind]  # fmt: skip
    for row in rows:
        case = {k: v or "" for k, v in row.items()}
        answer: Any
        if read is None:
            answer = {"direction": finding_direction(case["text"], case["strategy"])}
        else:
            answer = read(case["text"])
        total.add(case["text"], judge(case, answer))
    return total


def main() -> None:
    halves = [a for a in sys.argv[1:] if a in HALVES] or ["a"]
    kinds = [a for a in sys.argv[1:] if a not in (*HALVES, "-q")] or list(KINDS)
    for half in halves:
        for kind in kinds:
            if not (CASES / f"{kind}_{half}.tsv").exists():
                continue  # the later halves hold some kinds only
            result = score(kind, half)
            if "-q" not in sys.argv:
                print("\n".join(result.lines))
            print(
                f"{kind} {half}: precision {result.precision:.3f}, recall {result.recall:.3f}, right "
                f"{result.right}, wrong {result.wrong}, missed {result.missed}; "
                f"strings with a wrong field {result.cases_wrong} of {result.cases}"
            )


if __name__ == "__main__":
    main()
