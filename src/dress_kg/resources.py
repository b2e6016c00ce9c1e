"""Where the shipped folders are: `ontology`, `mappings`, `queries`, `data`.

In a checkout (or an editable install) they stand at its top level; in a wheel they lie inside the
package. Symlinks or `force-include` alone each miss one of the two, hence this locator.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parents[1]


def folder(name: str) -> Path:
    """The shipped folder of that name.

    :param name: `ontology`, `mappings`, `queries` or `data`.
    :raises FileNotFoundError: the installation is incomplete.

    >>> folder("data").name
    'data'
    """
    for base in (_PACKAGE / "_resources", _CHECKOUT):
        candidate = base / name
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"dress-kg is installed without its folder {name!r}: install it again")
