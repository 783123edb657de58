"""`python -m tests.benchmarks [名称…]`: run the benchmarks and print the table of ratios; exit 1 when one is not kept.

`sheets:20000` measures a roster of so many rows alone, within a minute.
"""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

from tests.benchmarks.harness import HEADINGS

_ROWS = "--rows"


def main() -> int:
    """Run the files that are named, or all of them, each in a process of its own.

    A process that has grown fat lends its size to the children it starts, and their peaks would not be their own.
    """
    arguments = sys.argv[1:]
    if arguments[:1] == [_ROWS]:
        return rows(arguments[1])
    print("| " + " | ".join(HEADINGS) + " |\n|" + "---|" * len(HEADINGS), flush=True)
    files = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    command = [sys.executable, "-m", "tests.benchmarks", _ROWS]
    return max(subprocess.run([*command, name]).returncode for name in arguments or files)


def rows(name: str) -> int:
    """The lines of one file."""
    kept, (name, _, size) = True, name.partition(":")
    for ratio in import_module(f"tests.benchmarks.bench_{name}").ratios(*map(int, filter(None, [size]))):
        kept = kept and ratio.kept
        print("| " + " | ".join(ratio.row()) + " |", flush=True)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
