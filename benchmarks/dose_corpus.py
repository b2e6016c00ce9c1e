"""Score the dose interpreter on the corpus of prescription texts (`../shared/corpora/dose.jsonl`).

`python benchmarks/dose_corpus.py [FILE]` prints the score and each disagreement.

Only what a text states is scored: a gold value counts when its number (or, for a route and "as needed",
a word for it) stands in the text. Where a text comes several times with different gold, any of them is
right; an amount "a day" with no frequency counts for once a day. `DISPUTED` lists, by line and field, the
gold we hold to be wrong, with the reason; the score is given with and without these.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from dress_kg.interpret.agents import AgentLexicon
from dress_kg.interpret.numbers import parse_number
from dress_kg.interpret.regimen import dose_json
from dress_kg.interpret.regimen.vocabulary import (
    AS_NEEDED,
    COUNT_UNITS,
    DAYS_IN,
    MASS_UNITS,
    ROUTES,
    TIME_UNITS,
)

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpora" / "dose.jsonl"
_SWAPPED = "the text says so many times a day, the gold once in so many days"
_SPREAD = "the gold gives every dose of the escalation what the text says of the last one"
_BRACKET = "the text prints both amounts; we keep the first, the gold the one in brackets"
_PARTS = "the gold has the two tablets that make up the dose"
DISPUTED: dict[tuple[int, str], str] = {
    (2, "rate a day"): _SWAPPED,
    (101, "rate a day"): _SWAPPED,
    (205, "rate a day"): _SWAPPED,
    **{(n, "rate a day"): "so many tablets a day, not so many times a day" for n in range(121, 128)},
    (133, "rate a day"): "the gold is of another prescription: nothing here is five times a day",
    **{(n, name): _SPREAD for n in (158, 177, 178) for name in ("rate a day", "run time", "route")},
    (179, "run time"): "12 weeks is how long the course lasts; the infusion runs 120 min",
    **{(n, name): _BRACKET for n in (180, 184) for name in ("low", "high", "unit")},
    (186, "rate a day"): "no frequency in the text, but a rate of infusion",
    (193, "rate a day"): "one tablet daily for 4 days is not 4 a day",
    **{(n, name): _PARTS for n in (201, 202) for name in ("low", "high")},
    (213, "rate a day"): "no frequency in the text, but a rate of infusion",
}
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[a-z]+")
_PERIOD = re.compile(r"daily|day|hour|hr|week|wk|month|minute|nightly|night|morning|q[0-9]+h")
_SAID = {"once": 1, "twice": 2, "daily": 1, "weekly": 1, "every": 1, "each": 1, "q6h": 1}
_ROUTE_STEMS = {
    "intravenous": "intravenous", "iv": "intravenous", "oral": "oral", "subcut": "subcutaneous",
    "intramuscular": "intramuscular", "topical": "topical", "inhal": "inhalation", "rectal": "rectal",
    "vaginal": "vaginal", "ophthalmic": "ophthalmic", "sublingual": "sublingual",
}  # fmt: skip
Values = dict[str, Any]


@dataclass
class Score:
    """Field counts: right, wrong, and stated by the text but not read."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    wrong_steps: set[int] = field(default_factory=set)
    disagreements: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Right among what was read."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Right among what the texts state."""
        return self.right / max(1, self.right + self.wrong + self.missed)


def unit_code(printed: str | None) -> str | None:
    words = tuple((printed or "").lower().replace(" - unit of product usage (qualifier value)", "").split())
    found = MASS_UNITS.get(words) or COUNT_UNITS.get(words)
    for joined in ("/", " per "):
        if found is None and printed is not None and joined in printed:
            parts = [
                unit_code(p) or p for p in printed.replace("²", "2").replace("kilogram", "kg").split(joined)
            ]
            return "/".join(parts)
    return found


def gold_values(gold: dict[str, Any]) -> Values:
    """The gold of one line in our terms."""
    low, high = (gold.get(k) or gold.get("dose") or {} for k in ("dose_low", "dose_high"))
    if "hour" in str(low.get("unit")) or "minute" in str(low.get("unit")):
        low = high = {}  # a rate in the place of a dose
    out: Values = {"low": low.get("value"), "high": high.get("value"), "unit": unit_code(low.get("unit"))}
    out["rate a day"] = per_day(gold.get("frequency"), gold.get("period"), gold.get("periodUnit"))
    out["most a day"] = per_day(gold.get("frequencyMax"), gold.get("period"), gold.get("periodUnit"))
    out["longest period"] = gold.get("periodMax")
    bounds = gold.get("boundsDuration") or {}
    out["days"] = days(bounds.get("value"), bounds.get("unit") or bounds.get("code"))
    out["run time"] = days(gold.get("duration"), gold.get("durationUnit"))
    out["count"] = gold.get("count")
    out["as needed"] = gold.get("as_needed") or None
    stem = (gold.get("route") or "").lower()
    out["route"] = next((route for part, route in _ROUTE_STEMS.items() if stem.startswith(part)), None)
    return {k: v for k, v in out.items() if v is not None}


def our_values(step: dict[str, Any]) -> Values:
    """A step in the same terms; a run time is what `infusion` prints."""
    running = (step["infusion"] or "").startswith("over") or step["duration_unit"] in ("min", "h")
    length = days(step["duration"] or step["duration_max"], step["duration_unit"])
    out = {
        "low": step["low"], "high": step["high"], "unit": step["unit"],
        "rate a day": per_day(step["frequency"], step["period"], step["period_unit"]),
        "most a day": per_day(step["frequency_max"], step["period"], step["period_unit"]),
        "longest period": step["period_max"],
        "days": length, "run time": length if running else None,
        "count": step["count"], "as needed": step["as_needed"], "route": step["route"],
    }  # fmt: skip
    if running and step["duration_unit"] in ("d", "wk", "mo"):
        number = re.search(r"[0-9.]+", step["infusion"])
        unit = re.search(r"[0-9]\s*([a-z]+)", step["infusion"])
        out["run time"] = days(number and number.group(), unit and unit.group(1))
    if step["basis"] == "day" and step["frequency"] is None:
        out["rate a day"] = "so much a day"
    return {k: v for k, v in out.items() if v is not None}


def per_day(times: float | None, period: float | None, unit: str | None) -> float | None:
    if times is None or period is None or unit is None:
        return None
    return round(float(times) / (float(period) * float(DAYS_IN[unit])), 4)


def days(value: object, unit: str | None) -> float | None:
    code = TIME_UNITS.get((unit or "").lower())
    if value is None or code is None:
        return None
    return round(float(str(value)) * float(DAYS_IN[code]), 5)


def stated(name: str, gold: Values, text: str, raw: dict[str, Any]) -> bool:
    """True where the text prints what the gold holds."""
    lowered = text.lower()
    if name == "route":
        flat = lowered.replace("-", "")
        return any(" ".join(w) in flat for w, r in ROUTES.items() if r == gold["route"] and len(w[0]) > 1)
    if name == "as needed":
        return any(" ".join(w) in lowered for w in AS_NEEDED)
    if name == "unit":
        code = str(gold["unit"]).split("/")[0]
        names = [w for w, c in {**MASS_UNITS, **COUNT_UNITS}.items() if c == code]
        printed = any(re.search(rf"(?<![a-z]){re.escape(' '.join(w))}(?![a-z])", lowered) for w in names)
        return stated("low", gold, text, raw) and printed
    value = {
        "low": gold.get("low"), "high": gold.get("high"), "rate a day": raw.get("frequency"),
        "most a day": raw.get("frequencyMax"), "longest period": raw.get("periodMax"),
        "days": (raw.get("boundsDuration") or {}).get("value"), "run time": raw.get("duration"),
        "count": raw.get("count"),
    }[name]  # fmt: skip
    words = _NUMBER.findall(lowered)
    numbers = {number for word in words if (number := parse_number(word)) is not None}
    if name in ("days", "run time"):
        pairs = pairwise(words)
        numbers = {n for w, unit in pairs if unit in TIME_UNITS and (n := parse_number(w)) is not None}
    elif name in ("rate a day", "count"):
        if name == "rate a day" and not _PERIOD.search(lowered):
            return False
        numbers |= {Decimal(v) for word, v in _SAID.items() if word in lowered}
    return value is not None and Decimal(str(value)) in numbers


def score(lines: list[dict[str, Any]], lexicon: AgentLexicon, *, disputed: bool) -> Score:
    """Score all lines; `disputed`: leave out the gold that we dispute."""
    by_text: dict[str, list[Values]] = defaultdict(list)
    for line in lines:
        by_text[line["text"]].append(gold_values(line["gold"]))
    result = Score()
    for n, line in enumerate(lines, start=1):
        text, gold = line["text"], gold_values(line["gold"])
        steps = [our_values(step) for step in dose_json(text, lexicon)["steps"]]
        ours = best(steps, gold)
        for name, value in gold.items():
            if not stated(name, gold, text, line["gold"]) or (disputed and (n, name) in DISPUTED):
                continue
            accepted = [g.get(name) for g in by_text[text]]
            if name not in ours or (ours[name] == "so much a day" and value != 1.0):
                result.missed += 1
                kind = "missed"
            elif any(same(ours[name], one) for one in accepted):
                result.right += 1
                continue
            else:
                result.wrong += 1
                result.wrong_steps.add(n)
                kind = "wrong"
            reason = DISPUTED.get((n, name), "")
            mark = f"  (gold disputed: {reason})" if reason else ""
            result.disagreements.append(
                f"{n}: {kind} {name}: {ours.get(name)!r}, gold {value!r}: {text!r}{mark}"
            )
    return result


def best(steps: list[Values], gold: Values) -> Values:
    """The step that agrees most: a line of gold describes one dose of a text that may hold several."""
    return max(steps, key=lambda s: sum(same(s.get(k), v) for k, v in gold.items()), default={})


def same(one: object, other: object) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(float(one) - float(other)) < 1e-3
    return one == other or (one == "so much a day" and other == 1.0)


def main(path: Path = CORPUS) -> Score:
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    lexicon = AgentLexicon.load()
    result = Score()
    for disputed in (False, True):
        result = score(lines, lexicon, disputed=disputed)
        if not disputed:
            print("\n".join(result.disagreements))
        label = "without disputed gold" if disputed else "all gold"
        print(
            f"{label}: precision {result.precision:.4f}, recall {result.recall:.4f}, right {result.right}, "
            f"wrong {result.wrong}, missed {result.missed}; "
            f"lines with a wrong field {len(result.wrong_steps)} of {len(lines)}"
        )
    return result


if __name__ == "__main__":
    main(*(Path(arg) for arg in sys.argv[1:2]))
