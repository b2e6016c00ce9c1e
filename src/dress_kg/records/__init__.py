"""The values that flow between the stages: frozen, typed, each with the text it was read from.

`table` is what reading and repair make (lines, cells, rows, the ledger); `strategy`, `regimen` and `evidence`
are what is read from a row. Absence is None (or an empty tuple), never an empty string. Offsets count
Unicode code points.
"""

from dress_kg.records.evidence import (
    Assessment,
    Citation,
    Condition,
    ContextKind,
    ContextStatement,
    Culprit,
    Curation,
    Direction,
    Evidence,
    Finding,
    FindingKind,
    Harm,
    LineOfTherapy,
    Study,
)
from dress_kg.records.regimen import (
    Cycle,
    DoseStatement,
    IntervalKind,
    IntervalStatement,
    RegimenStep,
)
from dress_kg.records.strategy import (
    Agent,
    AgentKind,
    AgentMention,
    Basis,
    Component,
    Operator,
    Role,
    Selection,
    Strategy,
)
from dress_kg.records.table import (
    Cell,
    Fragment,
    LedgerEntry,
    Line,
    LineKind,
    RawCell,
    Repair,
    Row,
    Table,
)

__all__ = [
    "Agent",
    "AgentKind",
    "AgentMention",
    "Assessment",
    "Basis",
    "Cell",
    "Citation",
    "Component",
    "Condition",
    "ContextKind",
    "ContextStatement",
    "Culprit",
    "Curation",
    "Cycle",
    "Direction",
    "DoseStatement",
    "Evidence",
    "Finding",
    "FindingKind",
    "Fragment",
    "Harm",
    "IntervalKind",
    "IntervalStatement",
    "LedgerEntry",
    "Line",
    "LineKind",
    "LineOfTherapy",
    "Operator",
    "RawCell",
    "RegimenStep",
    "Repair",
    "Role",
    "Row",
    "Selection",
    "Strategy",
    "Study",
    "Table",
]
