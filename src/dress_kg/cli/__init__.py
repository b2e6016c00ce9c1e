"""The command `dress-kg`. One module a command; heavy libraries are imported where they are used."""

from __future__ import annotations

import importlib
import os
import sys

import click

from dress_kg import __version__
from dress_kg.errors import EXIT_OURS, DressKgError

NAME = "dress-kg"
COMMANDS = {
    "build": ("dress_kg.cli.build:build", "Turn tables into a validated, published graph."),
    "queries": ("dress_kg.cli.query:queries", "List the stored queries."),
    "query": ("dress_kg.cli.query:query", "Ask a stored query of the graph."),
    "sparql": ("dress_kg.cli.query:sparql", "Ask your own SPARQL of the graph."),
    "export": ("dress_kg.cli.export:export", "Write the graph or its tables in another format."),
    "validate": ("dress_kg.cli.validate:validate", "Judge a table or an RDF file; publish nothing."),
    "interpret": ("dress_kg.cli.interpret:interpret", "Read a text as a cell would be read."),
    "profile": ("dress_kg.cli.profile:profile", "Draft a profile for a table of your own."),
    "reason": ("dress_kg.cli.reason:reason", "Find contradictions and classes (OWL)."),
    "review": ("dress_kg.cli.review:review", "Write the curator's queue, or take it back."),
    "plot": ("dress_kg.cli.plot:plot", "Draw the evidence map as a picture."),
    "report": ("dress_kg.cli.report:report", "Show the findings on the table as printed."),
    "diff": ("dress_kg.cli.diff:diff", "Say which items differ between two builds."),
    "remove": ("dress_kg.cli.remove:remove", "Publish the graph without one of its sources."),
    "store": ("dress_kg.cli.store:store", "Look after the published graph on disk."),
    "load": ("dress_kg.cli.load:load", "Bring a remote triple store up to date."),
    "serve": ("dress_kg.cli.serve:serve", "Serve the graph on this machine, read-only."),
    "mcp": ("dress_kg.cli.mcp:mcp", "Give it to an assistant (Model Context Protocol)."),
    "site": ("dress_kg.cli.site:site", "Write the pages as files for any web host."),
}
"""In the order of a first session; a module is imported when its command is asked for."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are needed, listed in the order of a first session."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in that order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list for `--help`, without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest name in the message where there is one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(error.message + hint, ctx) from error


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
A first session:
  dress-kg build                                    build the shipped DRESS graph
  dress-kg queries                                  what can be asked
  dress-kg query conflicting-reports                ask it
  dress-kg export --format turtle > dress.ttl       take it with you

Results go to stdout, progress and messages to stderr. Exit codes: 0 done, 1 the data are at
fault (what was published before still stands), 2 the call, 3 the surroundings, 70 dress-kg itself.

Reports cited in one guideline, almost all uncontrolled cases. Not advice for prescribing.""",
)
@click.version_option(__version__, prog_name="dress-kg")
def dress_kg() -> None:
    """Guideline evidence tables as a validated, traceable knowledge graph."""


def main() -> None:
    """Run the command and end with its exit code; the one frame that catches everything."""
    try:
        if f"_{NAME.upper().replace('-', '_')}_COMPLETE" in os.environ:
            dress_kg.main(prog_name=NAME)  # shell completion
        # Not `main`: it would end with 1, data at fault, where only the reader of a pipe has gone.
        with dress_kg.make_context(NAME, sys.argv[1:]) as context:
            dress_kg.invoke(context)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.secho("stopped; what was published before still stands", fg="yellow", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) has gone: nothing more to say, and nothing to flush to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except DressKgError as error:
        click.secho("error: ", fg="red", bold=True, err=True, nl=False)
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - the outermost frame
        import traceback

        traceback.print_exc()
        click.secho(
            f"\nThis is a fault of dress-kg itself ({type(error).__name__}). What was published before "
            "still stands. Please report it with the lines above.",
            fg="red",
            err=True,
        )
        sys.exit(EXIT_OURS)
