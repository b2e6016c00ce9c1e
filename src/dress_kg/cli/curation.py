"""The option that says where decisions of curators are, for the commands that read a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def curation_option(command: F) -> F:
    """Add `--curation PATH` to a command."""
    return click.option(
        "--curation",
        type=click.Path(path_type=Path),
        metavar="PATH",
        envvar="DRESS_KG_CURATION",
        help="Decisions of curators beside those shipped with the profile: a file, or a folder of "
        "<profile>.tsv. Default: $DRESS_KG_CURATION.",
    )(command)
