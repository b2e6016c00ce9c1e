"""The findings of a row: what its free text says of the row's treatment, and of other agents.

The summary direction is the word for filters. Reported outcomes come before advice, advice before hedged
opinion; only what is said of the row's own treatment counts; where nothing is, it is "not stated".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from dress_kg.interpret.clause import Sentence
from dress_kg.interpret.mentions import AgentFinder, agents_in
from dress_kg.interpret.prose import passages
from dress_kg.interpret.spans import without
from dress_kg.interpret.statement import Statement
from dress_kg.records import (
    Agent,
    Basis,
    Direction,
    Finding,
    FindingKind,
    Role,
    Selection,
    Strategy,
    Study,
)

VOICE = "cited author, in the guideline's words"
_IT = re.compile(
    r"\W*it\s+(?:was|is|has|had|proved|proves|worked|appears|appeared|seems|seemed|may|might|could|can|should)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(r"^[\s,]*(?:(?:and|but|then|however|whereas|yet)[\s,]+)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FindingReading:
    """What the free text of a row says of treatments.

    :ivar direction: the row in one word. :ivar direction_basis: how it is known.
    :ivar unread: what is left of the COMMENTS cell without the cues, targets and conditions of its findings.
    """

    findings: tuple[Finding, ...]
    direction: Direction
    direction_basis: Basis
    unread: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """A statement's share for one agent or one set of agents given together."""

    statement: Statement
    targets: tuple[Agent, ...]


def read_findings(
    cells: Mapping[str, str],
    strategy: Strategy | None,
    study: Study | None,
    lexicon: AgentFinder,
    conditions: object = None,
) -> FindingReading:
    """The findings of a row, primary and secondary, and its summary direction.

    :param cells: repaired cell texts by field name.
    :param study: not needed to read a sentence; kept in the signature all readers of a row share.
    :param conditions: likewise.
    """
    said: list[_Said] = []
    told: list[Sentence] = []
    whole = cache(partial(_names_of_row, cells, lexicon, strategy))
    for passage in passages(cells, lexicon, strategy):
        said += [one for statement in passage.said for one in _split(statement, whole, strategy)]
        if passage.sentence.field == "comments":
            told.append(passage.sentence)
    said = _without_baseline(said, strategy)
    direction, leading = _summary(said, strategy)
    findings = _unique([_finding(one, primary=one in leading) for one in said])
    read = [(s.start, s.end) for f in findings for s in words_read(f) if s.field == "comments"]
    unread = [rest for s in told for rest in without(s.select(0, len(s.text)), read)]
    return FindingReading(findings, direction, Basis.STATED, tuple(unread))


def words_read(finding: Finding) -> tuple[Selection, ...]:
    """The words of a finding that say something: its cues, targets and conditions, not what lies between."""
    return (*(finding.selections[1:] or finding.selections), *finding.conditions)


def _names_of_row(
    cells: Mapping[str, str], lexicon: AgentFinder, strategy: Strategy | None
) -> tuple[Agent, ...]:
    own = () if strategy is None else tuple(c.agent for c in strategy.components)
    found = {agent.id: agent for text in cells.values() for agent in agents_in(text, lexicon, own)}
    return tuple(found.values())


def specific(agent: Agent, others: Iterable[Agent]) -> Agent:
    """The fuller name of the same agent in the row ("clobetasol" beside "clobetasol propionate"), else
    itself.
    """
    fuller = [o for o in others if o.label.startswith(agent.label + " ")]
    return fuller[0] if len(fuller) == 1 else agent


def _split(
    statement: Statement, whole: Callable[[], tuple[Agent, ...]], strategy: Strategy | None
) -> list[_Said]:
    agents: dict[str, Agent] = {}
    for named in statement.run:
        agent = specific(named.agent, whole())
        agents[agent.id] = agent
    if statement.alone is not None and not agents and strategy is not None:
        agents = {c.agent.id: c.agent for c in strategy.components if c.role is Role.INDEX}
    if not agents and strategy is not None and _IT.match(statement.sentence.text):
        # "It was effective": the one thing the row is about, not all that was given with it
        own = [c.agent for c in strategy.components if c.role in {Role.INDEX, Role.ALTERNATIVE}]
        agents = {own[0].id: own[0]} if len(own) == 1 and len(strategy.components) > 1 else {}
    if statement.joint or not agents:
        return [_Said(statement, tuple(agents.values()))]
    return [_Said(statement, (agent,)) for agent in agents.values()]


def about_strategy(targets: tuple[Agent, ...], strategy: Strategy | None, *, by_class: bool) -> bool:
    """Whether a statement on these agents is one on the row's treatment: it takes in an index agent of it.

    :param by_class: a class counts for its members ("antivirals" in a row on ganciclovir).
    """
    if strategy is None or not targets:
        return True
    own = [c.agent for c in strategy.components if c.role in {Role.INDEX, Role.ALTERNATIVE}]
    ids = {agent.id for agent in own}
    if any(t.id in ids or any(t.id == o.id or o.id in t.broader for o in own) for t in targets):
        return True
    return by_class and any(t.id in o.broader for t in targets for o in own)


def _about(one: _Said, strategy: Strategy | None) -> bool:
    outcome = one.statement.kind is FindingKind.REPORTED_OUTCOME
    return about_strategy(one.targets, strategy, by_class=not outcome)


def _without_baseline(said: list[_Said], strategy: Strategy | None) -> list[_Said]:
    """Leave out a bad state that names no agent and stands before an outcome of the row's treatment by
    name.
    """
    named = [
        o
        for o in said
        if o.targets and _about(o, strategy) and o.statement.kind is FindingKind.REPORTED_OUTCOME
    ]
    last: dict[str, int] = {}
    for o in named:
        field = o.statement.sentence.field
        last[field] = max(last.get(field, -1), _position(o.statement))
    return [
        o
        for o in said
        if not o.statement.bare
        or o.statement.sentence.label is not None
        or _position(o.statement) >= last.get(o.statement.sentence.field, -1)
    ]


def _position(statement: Statement) -> int:
    return statement.sentence.start + statement.cues[0].start


def _rank(statement: Statement) -> int:
    """Outcomes of patients before advice, advice before what is hedged or only an opinion."""
    if statement.kind is FindingKind.REPORTED_OUTCOME:
        return 0
    return 2 if statement.direction is Direction.CONDITIONAL or statement.kind is FindingKind.OPINION else 1


def _summary(said: list[_Said], strategy: Strategy | None) -> tuple[Direction, list[_Said]]:
    """The row's direction and the statements that give it."""
    own = [o for o in said if _about(o, strategy) and o.statement.alone is None]
    firm = [o for o in own if not (o.statement.hedged and o.statement.direction is Direction.NOT_EFFECTIVE)]
    if not firm:
        return Direction.NOT_STATED, []
    rank = min(_rank(o.statement) for o in firm)
    leading = [o for o in firm if _rank(o.statement) == rank]
    leading.sort(key=lambda o: not about_strategy(o.targets, strategy, by_class=False))
    ways = list(dict.fromkeys(o.statement.direction for o in leading))
    if len(ways) == 1:
        return ways[0], leading[:1]
    if rank == 0:
        return Direction.MIXED, leading
    if Direction.RECOMMENDED in ways and Direction.RECOMMENDED_AGAINST in ways:
        return Direction.CONDITIONAL, leading
    strongest = next(
        w
        for w in (Direction.RECOMMENDED_AGAINST, Direction.RECOMMENDED, Direction.CONDITIONAL, *ways)
        if w in ways
    )
    return strongest, [next(o for o in leading if o.statement.direction is strongest)]


def _finding(one: _Said, *, primary: bool) -> Finding:
    s = one.statement
    sentence = s.sentence
    own = [n for n in s.run if n.start >= 0 and any(_names(n.agent, t) for t in one.targets)]
    places = [(c.start, c.end) for c in s.cues] + [(n.start, n.end) for n in own]
    if s.alone is not None:
        places.append(s.alone)
    first, last = min(a for a, _ in places), max(b for _, b in places)
    start = next((p.start for p in s.parts if p.start <= first < p.end), first)
    end = next((p.end for p in s.parts if p.start < last <= p.end), last)
    main = _trimmed(sentence, start, end)
    conditions = [_trimmed(sentence, a, b) for a, b in s.conditions]
    if sentence.label is not None:
        label_end = sentence.label_start + len(sentence.label)
        conditions.append(Selection(sentence.field, sentence.label_start, label_end, sentence.label))
    cues = [sentence.select(c.start, c.end) for c in s.cues]
    targets = [sentence.select(n.start, n.end) for n in own]
    selections = tuple(dict.fromkeys([main, *cues, *targets]))
    return Finding(s.kind, s.direction, one.targets, primary, selections, VOICE, tuple(conditions), s.hedged)


def _names(agent: Agent, target: Agent) -> bool:
    return agent.id == target.id or target.label.startswith(agent.label + " ")


def _trimmed(sentence: Sentence, start: int, end: int) -> Selection:
    text = sentence.text[start:end]
    lead = len(text) - len(_OPENING.sub("", text))
    return sentence.select(start + lead, start + len(text.rstrip(" ,.;")))


def _unique(findings: list[Finding]) -> tuple[Finding, ...]:
    """Findings in the order read, primary first; the same statement repeated in the row is kept: it is
    printed twice.
    """
    return tuple(sorted(dict.fromkeys(findings), key=lambda f: not f.primary))


def finding_json(text: str, lexicon: AgentFinder) -> dict[str, object]:
    """The answer of `dress-kg interpret finding` for one line of text, ready for `json.dumps`.

    `target` lists agent labels; empty means the treatment that the text is about but does not name.
    """
    reading = read_findings({"comments": text}, None, None, lexicon)
    findings = [
        {
            "kind": f.kind.value,
            "direction": f.direction.value,
            "target": [agent.label for agent in f.targets],
            "hedged": f.hedged,
            "start": f.selections[0].start,
            "end": f.selections[0].end,
            "text": f.selections[0].exact,
            "conditions": [c.exact for c in f.conditions],
        }
        for f in sorted(reading.findings, key=lambda f: f.selections[0].start)
    ]
    return {
        "text": text,
        "direction": reading.direction.value,
        "findings": findings,
        "unread": [[s.start, s.end] for s in reading.unread],
    }
