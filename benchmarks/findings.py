"""What a run of the suite found."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from benchmarks.measuring import Measured


@dataclass(frozen=True, slots=True)
class Built:
    """One whole build.

    :ivar tables: 1 is one long table. :ivar stages: seconds by stage, as the manifest has them.
    :ivar peaks: MB by stage, the most that any one process held. :ivar size: bytes of `graph.nq`.
    """

    kind: str
    rows: int
    tables: int
    jobs: int
    quads: int
    size: int
    run: Measured
    stages: dict[str, float]
    peaks: dict[str, float]


@dataclass(frozen=True, slots=True)
class Compared:
    """Ours beside a peer's, on the same files in the same run.

    :ivar ours: seconds (`wall`, `cpu`) and MB (`peak`). :ivar theirs: the same of the peer.
    :ivar same: whether both made the same; None where that was not looked at.
    :ivar asked: the name of what was asked for, in :mod:`benchmarks.targets`; None where nothing was.
    """

    what: str
    rows: int
    peer: str
    ours: dict[str, float]
    theirs: dict[str, float]
    same: bool | None = None
    asked: str | None = None

    def ratio(self, measure: str) -> float:
        """The peer's time by ours: above 1 we are quicker.

        :param measure: `wall` or `cpu`. On a machine with other work, `cpu` is steadier.
        """
        return self.theirs[measure] / max(self.ours[measure], 1e-9)


@dataclass(slots=True)
class Findings:
    """All that a run of the suite found.

    :ivar variety: distinct texts a column, by kind and rows. :ivar figures: single numbers by name.
    """

    built: list[Built] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    variety: dict[str, dict[str, int]] = field(default_factory=dict)

    def grown(self) -> Iterator[tuple[Built, Built]]:
        """Each build of one long table after the next smaller one of the same kind."""
        for kind in dict.fromkeys(each.kind for each in self.built):
            long = (each for each in self.built if each.kind == kind and each.tables == 1)
            yield from pairwise(sorted(long, key=lambda each: each.rows))

    def as_json(self) -> dict[str, Any]:
        """JSON-ready values, with what machine it was."""
        return {
            "machine": {
                "processors": os.cpu_count() or 1,
                "system": platform.system(),
                "python": platform.python_version(),
            },
            "built": [{**asdict(each), "run": each.run.as_json()} for each in self.built],
            "compared": [
                {**asdict(each), "ratio": {m: round(each.ratio(m), 2) for m in ("wall", "cpu")}}
                for each in self.compared
            ],
            "figures": self.figures,
            "variety": self.variety,
        }
