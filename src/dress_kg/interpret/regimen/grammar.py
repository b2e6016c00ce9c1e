"""The grammar's upper half: a dosing text as a sequence of phrases that covers every token.

At each place every recogniser that may begin there is asked, and the one that reads furthest wins.
What none reads becomes an `unread` phrase: nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache

from dress_kg.interpret.agents import compound
from dress_kg.interpret.regimen import asides, counts, cues, timing
from dress_kg.interpret.regimen.amounts import amount, unclear_thousands
from dress_kg.interpret.regimen.lexer import Token, TokenKind, tokenize
from dress_kg.interpret.regimen.openings import OPENINGS
from dress_kg.interpret.regimen.phrases import Amount, Count, Payload, Phrase, Word
from dress_kg.interpret.regimen.quantities import Phrasebook, Tokens, at, sign, word
from dress_kg.interpret.regimen.vocabulary import (
    AS_NEEDED,
    BASIS_WORDS,
    BLOCKING,
    FILLERS,
    LINKS,
    NOT_SPECIFIED,
    ONCE,
    QUALITATIVE,
    ROUTES,
)
from dress_kg.records import AgentMention

_LONGEST_KNOWN = 6  # units and abbreviations are shorter
Read = tuple[Payload, int]
_BOOKS: Phrasebook[Payload] = Phrasebook(
    {
        words: Count(Decimal(1), Decimal(1), "loading" if value == "loading" else "times")
        if kind == "once"
        else Word(kind, value, " ".join(words))
        for kind, table in (
            ("once", ONCE),
            ("route", ROUTES),
            ("qualitative", QUALITATIVE),
            ("basis", BASIS_WORDS),
            ("link", LINKS),
            ("as needed", AS_NEEDED),
            ("not specified", NOT_SPECIFIED),
        )
        for words, value in table.items()
    }
)
Recogniser = Callable[[Tokens, int], tuple[Payload, int] | None]
RECOGNISERS: tuple[Recogniser, ...] = (
    cues.limit,
    cues.follow_up,
    cues.between_doses,
    cues.diluent,
    cues.infusion,
    cues.group,
    cues.change,
    timing.frequency,
    timing.divided,
    timing.duration,
    timing.cycle_length,
    counts.count,
    timing.frequencies_differ,
    asides.routes_differ,
    cues.amount_to_take,
    amount,
    asides.target,
    asides.check,
    asides.most,
    asides.often_changed,
    asides.share,
    asides.power,
    asides.other_count,
    asides.amounts_listed,
    asides.days_named,
    asides.times_named,
    asides.until,
    asides.nothing_given,
    asides.changed_if_needed,
    asides.changed_from,
    asides.spread,
)
_SIGNS = {
    "\n": "boundary", ";": "boundary", ".": "boundary", "(": "open", "[": "open", ")": "close", "]": "close",
    ",": "comma", ":": "comma", "-": "comma", "=": "comma", "*": "group", "•": "group", "●": "group",
    "▪": "group", "■": "group", "·": "comma", "…": "comma", '"': "comma", "'": "comma", "/": "comma",
}  # fmt: skip


_BEGINNING = frozenset("/×+&→")
"""Signs that a phrase of several tokens may begin with."""


def phrases(text: str, mentions: Sequence[AgentMention]) -> list[Phrase]:
    """The phrases of a text, in order; each token is in exactly one."""
    tokens = tokenize(text, mentions)
    found: list[Phrase] = []
    i = 0
    while i < len(tokens):
        value, after = _read(tokens, i, text)
        after = min(after, len(tokens))  # a text may end where more was to come ("50 × 10⁹/")
        found.append(Phrase(value, tokens[i].start, tokens[after - 1].end, i, after))
        i = after
    return cues.equivalents(found)


def _read(tokens: Tokens, i: int, text: str) -> Read:
    token = tokens[i]
    if token.kind is TokenKind.AGENT:
        return _agent(tokens, i, text)
    if token.kind is TokenKind.SIGN and token.text not in _BEGINNING:
        return Word(_SIGNS.get(token.text, "unread"), token.text), i + 1
    skipped = cues.skipped_sentence(tokens, i) if token.text in cues.SKIPPING else None
    if skipped is not None:
        return skipped
    best: Read | None = _BOOKS.match(tokens, i)
    if (
        best is not None
        and isinstance(best[0], Word)
        and best[0].kind == "route"
        and cues.is_site(tokens, best[1])
    ):
        best = Word("unread", token.text), best[1]
    for recogniser in _asked(token.kind, token.text if token.kind is not TokenKind.NUMBER else ""):
        read = recogniser(tokens, i)
        if read is not None and (best is None or read[1] > best[1]):
            best = read
    if best is not None:
        none = isinstance(best[0], Amount) and _no_dose(tokens, i, best[1])
        return (Word("unread", token.text), best[1]) if none else best
    if token.kind is TokenKind.SIGN:
        return Word(_SIGNS.get(token.text, "unread"), token.text), i + 1
    kind = "filler" if token.kind is TokenKind.WORD and token.text in FILLERS else "unread"
    return Word(kind, token.text), i + 1


@lru_cache(maxsize=4096)
def _asked(kind: TokenKind, text: str) -> tuple[Recogniser, ...]:
    """The recognisers of a phrase that may begin with such a token, in order."""
    token = Token(kind, text, 0, 0)
    return tuple(each for each in RECOGNISERS if OPENINGS[each].may_be(token))


def _no_dose(tokens: Tokens, i: int, after: int) -> bool:
    return cues.compared(tokens, i) or cues.is_limit(tokens, after) or unclear_thousands(tokens, i)


def _is_part(tokens: Tokens, i: int) -> bool:
    """True for a drug that is half of a fixed combination whose other half is unknown, or a yardstick.

    As in "sacubitril/valsartan" where one name is not known, and "mg of prednisone equivalent".
    """
    if word(tokens, i + 1 + sign(tokens, i + 1, "-"), "equivalent", "equivalents"):
        return True
    for slash, other in ((i - 1, i - 2), (i + 1, i + 2)):
        glued = sign(tokens, slash, "/") and at(tokens, slash).glued and at(tokens, max(slash, other)).glued
        name = at(tokens, other)
        long_word = name.kind is TokenKind.WORD and len(name.text) > _LONGEST_KNOWN
        if glued and long_word and name.text not in FILLERS and (name.text,) not in ROUTES:
            return True
    return False


def _agent(tokens: Tokens, i: int, text: str) -> Read:
    """The agent at a place, unless the words around it say that it is not what is given here."""
    mention = tokens[i].mention
    if mention is None or compound(text, mention.end) is not None or _is_part(tokens, i):
        return Word("unread", tokens[i].text), i + 1
    for back in range(1, 4):
        if at(tokens, i - back).kind is not TokenKind.WORD:
            break
        if word(tokens, i - back, *BLOCKING):
            return Word("unread", "not given"), i + 1
    return mention.agent, i + 1
