"""The option `--validator`, which `build` and `validate` share."""

from __future__ import annotations

import click

validator_option = click.option(
    "--validator",
    type=click.Choice(("auto", "pyshacl", "sparql")),
    default="auto",
    show_default=True,
    help="Who judges the row shapes; the results are the same.",
)
