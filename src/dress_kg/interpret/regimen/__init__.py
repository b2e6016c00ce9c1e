"""Doses: from the words of a DOSE cell to regimen steps.

Flow: `lexer` (tokens) → `grammar` with `cues`, `timing`, `quantities` (phrases) → `steps` and `draft`
(statements) → `reading` (regimen steps, JSON) → `combine` (a row's steps from its DOSE and INTERVAL cells).
"""

from dress_kg.interpret.regimen.reading import DoseReading, Lexicon, dose_json, read_doses

__all__ = ["DoseReading", "Lexicon", "dose_json", "read_doses"]
