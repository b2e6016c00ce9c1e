"""Run every command of a README: the lines that start with `$ dress-kg` in its console blocks.

Used by a test in the checkout and by `.ci/run` with the installed wheel, from another folder.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """The command lines of all console blocks, in order; a trailing backslash joins lines."""
    found = []
    for block in _BLOCK.findall(text):
        joined = block.replace("\\\n", " ")
        found += [
            line[2:].strip() for line in joined.split("\n") if line.startswith("$ ") and "dress-kg " in line
        ]
    return found


def main(readme: Path) -> int:
    """Run them one after the other in the current folder; the first failure ends it."""
    lines = commands(readme.read_text("utf-8"))
    if len(lines) < 8:
        print(f"only {len(lines)} commands found in {readme}: is the README still written this way?")
        return 1
    for line in lines:
        print(f"$ {line}", flush=True)
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line}"], stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode != 0:
            print(f"ended with {done.returncode}")
            return 1
    print(f"{len(lines)} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
