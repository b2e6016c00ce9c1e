"""Is a text a language tag? The grammar of BCP 47 (RFC 5646, section 2.1), without the registry."""

from __future__ import annotations

import re

_ALPHANUM = "[a-z0-9]"
_LANGTAG = (
    # A primary subtag of four letters is reserved and one of five to eight has to be registered; the
    # registry holds none of either, so "english" is well-formed and still names no language.
    r"[a-z]{2,3}(?:-[a-z]{3}){0,3}"
    r"(?:-[a-z]{4})?"
    r"(?:-(?:[a-z]{2}|[0-9]{3}))?"
    rf"(?:-(?:{_ALPHANUM}{{5,8}}|[0-9]{_ALPHANUM}{{3}}))*"
    rf"(?:-[a-wy-z0-9](?:-{_ALPHANUM}{{2,8}})+)*"
    rf"(?:-x(?:-{_ALPHANUM}{{1,8}})+)?"
)
_PRIVATE = rf"x(?:-{_ALPHANUM}{{1,8}})+"
_GRANDFATHERED = (
    "en-gb-oed|i-ami|i-bnn|i-default|i-enochian|i-hak|i-klingon|i-lux|i-mingo|i-navajo|i-pwn|i-tao|"
    "i-tay|i-tsu|sgn-be-fr|sgn-be-nl|sgn-ch-de"
)
_TAG = re.compile(f"(?:{_LANGTAG}|{_PRIVATE}|{_GRANDFATHERED})", re.IGNORECASE | re.ASCII)


def check_language(tag: str) -> str:
    """The tag itself.

    :raises ValueError: it is no language tag.

    >>> check_language("es-419")
    'es-419'
    >>> check_language("english")
    Traceback (most recent call last):
    ValueError: not a language tag
    """
    if _TAG.fullmatch(tag) is None:
        raise ValueError("not a language tag")
    return tag
