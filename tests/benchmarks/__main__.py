"""`python -m tests.benchmarks [名称…]`: run the benchmarks and print the table of ratios; exit 1 when one is not kept."""

import sys
from importlib import import_module
from pathlib import Path

from tests.benchmarks.harness import HEADINGS


def main() -> int:
    """Run the files that are named, or all of them."""
    wanted = sys.argv[1:] or sorted(
        path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py")
    )
    print("| " + " | ".join(HEADINGS) + " |\n|" + "---|" * len(HEADINGS), flush=True)
    kept = True
    for name in wanted:
        for ratio in import_module(f"tests.benchmarks.bench_{name}").ratios():
            kept = kept and ratio.kept
            print("| " + " | ".join(ratio.row()) + " |", flush=True)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
