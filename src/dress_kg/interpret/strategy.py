"""Read the DRUG cell: which agents, in which role, joined how.

The cell is cut at its joints ("+", ",", "or", "followed by", brackets); each piece names one agent, or
none. A piece that no vocabulary knows is kept as an agent of kind UNKNOWN, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from dress_kg.interpret.agents import AgentLexicon, compound
from dress_kg.interpret.cues import cue_book
from dress_kg.interpret.drug_names import recognised, unmapped_agent
from dress_kg.interpret.names import stretches
from dress_kg.records import (
    AgentKind,
    AgentMention,
    Basis,
    Component,
    Operator,
    Role,
    Selection,
    Strategy,
)

_JOINT = re.compile(
    r"(?P<alternative>\band\s?/\s?or\b|\bor\b|\beither\b)"
    r"|(?P<versus>\bversus\b|\bvs\b\.?|\bcompared\s+(?:with|to)\b)"
    r"|(?P<sequence>\bfollowed[\s-]by\b|\bthereafter\b|\b(?:and\s+)?then\b|\b(?:switched|changed)\s+to\b|\breplaced\s+by\b|→|->|\bbefore\b)"
    r"|(?P<slash>/)"
    r"|(?P<together>\+|&|\bplus\b|\band\b|\b(?:in\s+)?(?:combination|combined|associated|together|concomitant)"
    r"(?:ly)?\s+(?:with|to)\b|\badded\s+to\b|\bas\s+well\s+as\b|\bwith\b)"
    r"|(?P<list>[,;])"
    r"|(?P<bracket>[()\[\]])",
    re.IGNORECASE,
)
# looked for before the cues: its "without" excludes nothing
_OPTIONAL = re.compile(r"(?P<optional>±|\+\s?/\s?[-−]|\bwith\s?(?:or|/)\s?without\b)", re.IGNORECASE)
# "with" inside these is a part of the cue, not a joint, so cues are looked for first.
_CUES = (
    (
        Role.EXCLUDED,
        re.compile(
            r"\b(?:without|w/o|in\s+the\s+absence\s+of|not\s+(?:combined|associated|given)\s+with|no"
            r"|(?:but|and)\s+not|(?:(?<=[(\[,;])|(?<=[,;]\s))not(?!\s+(?:as|only|known|otherwise|specified|stated|reported))"
            r"|instead\s+of|rather\s+than|in\s+(?:place|lieu)\s+of|as\s+an?\s+alternative\s+to)\b"
            r"(?:\s+(?:any|associated|concomitant|concurrent|additional|added|other|the))*",
            re.IGNORECASE,
        ),
    ),
    (
        Role.PRIOR,
        re.compile(
            r"\b(?:previous(?:ly)?|prior|earlier|initial)\s+(?:(?:treatment|therapy|treated|course|use|failure)\s*)?"
            r"(?:with|to|on|of)?|\bpre-?treat(?:ed|ment)\s+with|\b(?:after|following)\s+(?:the\s+)?failure\s+of"
            r"|\b(?:refractory|resistant)\s+to|\b(?:replacing|(?:switched|changed)\s+from)\b|\bafter\b",
            re.IGNORECASE,
        ),
    ),
)
_MONOTHERAPY = re.compile(
    r"\b(?P<not>not\s+)?(?:(?:as|in)\s+(?:a\s+)?)?(?:monotherapy|single[-\s]agent|alone)\b", re.IGNORECASE
)
_QUALIFIER = re.compile(
    r"\b(?:oral(?:ly)?|intravenous(?:ly)?|iv|i\.v\.|im|sc|po|subcutaneous(?:ly)?|topical(?:ly)?|systemic|parenteral|"
    r"(?:very\s+)?(?:high|low|medium|moderate|full|standard)[-\s]doses?(?:\s+of)?|pulsed?|pulses|therapy|treatment|"
    r"course|infusions?|tablets?|use|of|the|a|an|as|given|adjunct(?:ive)?|only|drugs?|agents?|addition|in|both)\b",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"^(?:none|nil|n\.?/?a\.?|n\.?d\.?|n\.?r\.?|not?\s+(?:specified|stated|reported|available|applicable|drug)|"
    r"non\s+specified|unspecified|unknown|other(?:s)?|various|placebo|no\s+treatment|supportive\s+care)$",
    re.IGNORECASE,
)
_VARIANT = re.compile(
    r"\b(living[-\s](?:donor|related)|deceased[-\s]donor|cadaveric|split[-\s]liver|orthotopic|auxiliary|autologous|"
    r"allogene?ic|liposomal|pegylated|enteric[-\s]coated|extended[-\s]release|modified[-\s]release)\s+(?=\w)",
    re.IGNORECASE,
)
# A stretch with one of these is told, not named.
_TOLD = re.compile(
    r"\b(?:was|were|is|are|had|has|have|been|which|who|whom|that|those|these|received|responded|within|stopped|started|"
    r"discontinued|continued|withdrawn|reduced|increased|tapered|added|failed|improved)\b",
    re.IGNORECASE,
)
_DOSED = re.compile(
    r"[\s,(]*(?<![\w.])\d[\d.,\s–-]*(?:mg|g|mcg|µg|μg|ml|iu|u|%|x)(?![^\W\d_]).*$", re.IGNORECASE | re.DOTALL
)
_SHORT = re.compile(r"[A-Z]{2}")
# a research code: "AZD9291", "PD-180970", "9F7-F11", "JQ1"
_CODE = re.compile(r"(?=\S{3,})(?=\S*\d)(?=\S*[A-Z])[A-Z0-9][A-Za-z0-9-]*")
_NEAR = 40  # characters beside a sign that decide what it is
_LONGEST_NAME = 8  # words; a longer run is a sentence, not the name of an agent


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch between two joints, the joint before it, and the role a cue in it gives."""

    start: int
    end: int
    joint: str
    role: Role | None
    bracketed: bool


def read_strategy(text: str, lexicon: AgentLexicon, *, field: str = "drug") -> Strategy | None:
    """The strategy that a DRUG cell states, or None where it names no agent.

    The first agent is the index one and those joined to it are concomitant; joined by "or" all are
    alternatives. Commas alone do not say how. Prior and excluded agents do not count for the operator.

    >>> s = read_strategy("IVIG (previous treatment with prednisone)", AgentLexicon.load())
    >>> s.operator.value, [(c.agent.id, c.role.value) for c in s.components]
    ('single', [('intravenous-immunoglobulin', 'index'), ('prednisone', 'prior')])
    """
    mentions = _named(text, lexicon)
    alone = list(_MONOTHERAPY.finditer(text))
    pieces = _pieces(text, mentions, alone)
    read = [(hit.start(), hit.end()) for hit in alone]
    parts: list[tuple[_Piece, AgentMention]] = []
    waiting = list(reversed(mentions))
    for piece in pieces:
        inside: list[AgentMention] = []
        while waiting and waiting[-1].end <= piece.end:
            inside.append(waiting.pop())
        if not inside or _is_narrower(text, piece, inside):
            unknown = _unknown(text, piece)
            inside = (inside or _told_of(text, piece)) if unknown is None else [unknown]
        parts.extend((piece, mention) for mention in inside)
    components = _components(parts, field)
    if not components:
        return None
    given = [c for c in components if c.role not in (Role.PRIOR, Role.EXCLUDED)]
    covered = [*read, *((m.start, m.end) for _, m in parts)]
    return Strategy(
        _operator([piece for piece, _ in parts], given),
        components,
        monotherapy_stated=len(given) == 1 and any(hit["not"] is None for hit in alone),
        selections=tuple(Selection(field, hit.start(), hit.end(), hit.group()) for hit in alone),
        unread=_unread(text, covered, field),
    )


def unread_drug(text: str, strategy: Strategy | None, *, field: str = "drug") -> tuple[Selection, ...]:
    """What a DRUG cell says that was not read: all of it where it names no agent, unless it says "none".

    >>> [s.exact for s in unread_drug("see text", None)], unread_drug("Not specified", None)
    (['see text'], ())
    """
    if strategy is not None:
        return strategy.unread
    whole = text.strip()
    if not re.search(r"\w", whole) or _NOTHING.match(whole.rstrip(".")):
        return ()
    start = text.index(whole)
    return (Selection(field, start, start + len(whole), whole),)


def _named(text: str, lexicon: AgentLexicon) -> tuple[AgentMention, ...]:
    """The agents of the cell; "steroid-sparing" and the like name none."""
    return tuple(m for m in lexicon.find(text) if compound(text, m.end) is None)


def _boundaries(
    text: str, mentions: tuple[AgentMention, ...], alone: list[re.Match[str]]
) -> list[tuple[int, int, str, Role | None]]:
    """(start, end, kind of joint, role a cue gives) in order; none lies inside a name."""
    closed = bytearray(len(text))
    named = (*mentions, *recognised(text, dosed=True))
    for start, end in [*((m.start, m.end) for m in named), *(hit.span() for hit in alone)]:
        closed[start:end] = b"\1" * (end - start)
    found: list[tuple[int, int, str, Role | None]] = []
    for role, pattern in ((None, _OPTIONAL), *_CUES, (None, _JOINT)):
        for hit in pattern.finditer(text):
            if any(closed[hit.start() : hit.end()]) or (role is None and _in_a_name(text, hit, closed)):
                continue
            closed[hit.start() : hit.end()] = b"\1" * len(hit.group())
            found.append((*hit.span(), "cue" if role else str(hit.lastgroup), role))
    return sorted(found, key=lambda each: each[:2])


def _in_a_name(text: str, hit: re.Match[str], closed: bytearray) -> bool:
    """Whether a sign is part of a chemical or code name ("2,4-diamine", "PI3K/BET inhibitor"), no joint.

    A slash without blanks joins two agents only beside a known name or between two whole words.
    """
    before, after = text[: hit.start()][-_NEAR:], text[hit.end() : hit.end() + _NEAR]
    if hit.group() == ",":
        return before[-1:].isdigit() and after[:1].isdigit()
    if hit.group() != "/" or not before[-1:].strip() or not after[:1].strip():
        return False
    beside_name = closed[hit.start() - 1] or closed[hit.end()]
    words = re.search(r"(?:^|[\s,;+(])[^\W\d_]{6,}$", before) and re.match(r"[^\W\d_]{6,}(?![\w-])", after)
    return not (beside_name or words)


def _pieces(text: str, mentions: tuple[AgentMention, ...], alone: list[re.Match[str]]) -> list[_Piece]:
    """The stretches between joints, each with the joint before it and the role that a cue gives it."""
    pieces: list[_Piece] = []
    at, joint, depth = 0, "", 0
    role: Role | None = None
    for start, end, kind, given in _boundaries(text, mentions, alone):
        pieces.append(_Piece(at, start, joint, role, depth > 0))
        sign = text[start:end]
        if given is not None:
            role = given
        elif kind == "bracket":
            depth = max(0, depth + (1 if sign in "([" else -1))
            role = None
        elif kind == "sequence" or sign == "+":
            role = None
        blank = not text[at:start].strip()
        # ", or" joins by its "or"; a bracket or a cue does not undo the joint before it
        joint = joint if blank and joint and kind in ("list", "bracket", "cue") else kind
        at = end
    pieces.append(_Piece(at, len(text), joint, role, depth > 0))
    return pieces


def _is_narrower(text: str, piece: _Piece, inside: list[AgentMention]) -> bool:
    """Whether a piece names one member of a class by a code ("anti-EGFR monoclonal antibody MEDI0680")."""
    if len(inside) > 1 or inside[0].agent.kind is not AgentKind.DRUG_CLASS:
        return False
    around = text[piece.start : inside[0].start] + " " + text[inside[0].end : piece.end]
    return any(_CODE.fullmatch(word) or word.lower().startswith("anti-") for word in around.split())


def _told_of(text: str, piece: _Piece) -> list[AgentMention]:
    """Drugs that a piece too long to be a name tells of, by their own names."""
    if piece.bracketed:
        return []
    found = recognised(text[piece.start : piece.end], dosed=True)
    placed = [replace(m, start=m.start + piece.start, end=m.end + piece.start) for m in found]
    return [m for m in placed if compound(text, m.end) is None]


def _unknown(text: str, piece: _Piece) -> AgentMention | None:
    """A piece that names something the vocabulary lacks: an agent of kind UNKNOWN, or None."""
    raw = _DOSED.sub("", text[piece.start : piece.end])
    bare = _QUALIFIER.sub(lambda hit: " " * len(hit.group()), raw)
    name = bare.strip(" \t\n.:*-–—•")
    named = re.search(r"[^\W\d_]{3,}", name) or _CODE.fullmatch(name) or _SHORT.fullmatch(name)
    added = (
        piece.bracketed
        and piece.joint in ("together", "slash", "optional")
        and _SHORT.fullmatch(name) is not None
    )
    if (
        (piece.bracketed and not added)
        or not named
        or len(name.split()) > _LONGEST_NAME
        or _TOLD.search(name)
    ):
        return None
    whole = raw.strip(" \t\n.:*-–—•")
    if re.match(r"\d+\s", name) or _NOTHING.match(whole) or _NOTHING.match(name):
        return None
    start = (
        piece.start + raw.index(name[0], bare.index(name[0]))
        if name in raw
        else piece.start + raw.index(whole)
    )
    exact = name if name in raw else whole
    return AgentMention(unmapped_agent(exact), start, start + len(exact), exact, "unmapped")


def _components(parts: list[tuple[_Piece, AgentMention]], field: str) -> tuple[Component, ...]:
    """One component an agent and role; a name repeated in brackets joins the one before."""
    found: dict[tuple[str, bool], Component] = {}
    offered = _offered([piece for piece, _ in parts])
    for index, (piece, mention) in enumerate(parts):
        selection = Selection(field, mention.start, mention.end, mention.exact)
        apart = piece.role is not None
        key = (mention.agent.id, apart)
        if key in found:
            known = found[key]
            found[key] = replace(known, selections=(*known.selections, selection))
            continue
        if piece.role is not None:
            role = piece.role
        elif index in offered:
            role = Role.ALTERNATIVE
        else:
            first = not any(c.role in (Role.INDEX, Role.ALTERNATIVE) for c in found.values())
            later = Role.SUBSEQUENT if piece.joint == "sequence" else Role.CONCOMITANT
            role = Role.INDEX if first else later
        found[key] = Component(mention.agent, role, (selection,))
    return tuple(found.values())


def _offered(pieces: list[_Piece]) -> set[int]:
    """Which pieces are offered as alternatives: those on both sides of an "or", through its commas."""
    chosen: set[int] = set()
    for index, piece in enumerate(pieces):
        if piece.joint in ("alternative", "versus") and piece.role is None and index > 0:
            chosen.update((index - 1, index))
            back = index - 1
            while back > 0 and pieces[back].joint == "list":
                back -= 1
                chosen.add(back)
    return {index for index in chosen if pieces[index].role is None}


def _operator(pieces: list[_Piece], given: list[Component]) -> Operator:
    """How the agents given are joined."""
    if len(given) < 2:
        return Operator.SINGLE
    joints = {piece.joint for piece in pieces if piece.role is None and piece.joint}
    if "optional" in joints or (len(pieces) > 1 and joints <= {"list"}):
        return Operator.NOT_STATED  # "A ± B" is A, or A with B; "A, B, C" does not say
    if {"together", "versus"} <= joints or ("slash" in joints and not _is_fixed(given)):
        return Operator.NOT_STATED  # "A + B vs B" compares two; "A/B" may be both, or either
    if all(c.role is Role.ALTERNATIVE for c in given):
        return Operator.ALTERNATIVES
    if any(c.role is Role.SUBSEQUENT for c in given) and any(p.joint == "sequence" for p in pieces):
        return Operator.SEQUENCE
    return Operator.COMBINATION


def _is_fixed(given: list[Component]) -> bool:
    """Whether these agents are a fixed combination, which is printed with a slash."""
    names = "/".join(c.agent.label.lower() for c in given)
    return cue_book().patterns["names.fixed"].fullmatch(names) is not None


def _unread(text: str, covered: list[tuple[int, int]], field: str) -> tuple[Selection, ...]:
    """Stretches with letters that neither a name, a joint, a cue nor a plain qualifier explains."""
    rest = list(text)
    patterns = (_OPTIONAL, _JOINT, *(pattern for _, pattern in _CUES), _QUALIFIER)
    spans = [*covered, *(hit.span() for pattern in patterns for hit in pattern.finditer(text))]
    for start, end in spans:
        rest[start:end] = " " * (end - start)
    return tuple(Selection(field, start, end, text[start:end]) for start, end in stretches("".join(rest)))


def refine_roles(strategy: Strategy, target_agents: Collection[str]) -> Strategy:
    """The strategy with every agent that the row's outcome is reported for as an index agent.

    Only for a reported outcome of patients ("Successful plasmapheresis and rituximab treatment"): an
    opinion that names two agents does not make the second one the subject of the row.

    :param target_agents: ids of the agents that the row's primary reported outcome is about. Where the
        index agent is not among them, or they are all agents of the strategy, nothing changes.
    """
    inside = [c for c in strategy.components if c.role in (Role.INDEX, Role.CONCOMITANT)]
    named = {c.agent.id for c in inside} & set(target_agents)
    index = {c.agent.id for c in inside if c.role is Role.INDEX}
    if not index or not index < named or len(named) == len(inside):
        return strategy
    return replace(
        strategy,
        components=tuple(
            replace(c, role=Role.INDEX, basis=Basis.INFERRED)
            if c.role is Role.CONCOMITANT and c.agent.id in named
            else c
            for c in strategy.components
        ),
    )


def with_variant(strategy: Strategy, text: str, lexicon: AgentLexicon, *, field: str = "dose") -> Strategy:
    """The strategy with the variant that another cell states of one of its agents ("living-donor").

    The variant must stand right before, or at the head of, a name of an index or alternative agent.
    """
    if strategy.variant is not None:
        return strategy
    own = {c.agent.id for c in strategy.components if c.role in (Role.INDEX, Role.ALTERNATIVE)}
    for mention in lexicon.find(text):
        if mention.agent.id not in own:
            continue
        for hit in _VARIANT.finditer(text, 0, mention.end):
            if hit.end() == mention.start or mention.start <= hit.start() < mention.end:
                variant = re.sub(r"\s", "-", hit.group(1).lower())
                selection = Selection(field, hit.start(1), hit.end(1), hit.group(1))
                return replace(strategy, variant=variant, selections=(*strategy.selections, selection))
    return strategy
