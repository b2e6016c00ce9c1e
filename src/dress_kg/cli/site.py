"""`dress-kg site`: the pages as files that any web host serves."""

from __future__ import annotations

from pathlib import Path

import click

from dress_kg.cli.graph import graph_option, open_graph
from dress_kg.cli.query import folders_option
from dress_kg.progress import Progress
from dress_kg.queries import query_folders


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new, empty or earlier folder.")
@click.option("--url", metavar="URL", help="Where the site will stand, for its site map (https://…).")
@folders_option
@graph_option
def site(out: Path, url: str | None, folders: tuple[Path, ...], graph: str | None) -> None:
    """Write the pages of `dress-kg serve` as files, with relative links, and the data beside them.

    Any web host serves them, or open index.html. Stored queries are answered for their defaults and for
    each value of a parameter that has few; to ask anything else, start `dress-kg serve`. What was in the
    folder stays until the new site is whole.

    \b
    Examples:
      dress-kg site --out public
      dress-kg site --out public --url https://example.org/dress
    """
    from dress_kg.pages.links import site_root
    from dress_kg.pages.site import write_site

    root = site_root(url)
    build = open_graph(graph)
    with Progress() as progress:
        progress.stage("site")
        pages = write_site(build, out, query_folders(folders), root=root)
    click.echo(f"wrote {pages:,} pages to {out}", err=True)
