"""`python -m partybuild_cli` and the console script `partybuild`."""

import gc
import sys


def main() -> None:
    """Run the command line and end the process with its exit code."""
    gc.set_threshold(100_000, 50, 50)  # importing makes many objects and frees few: a tenth of the start-up
    from partybuild_cli.cli.run import run

    sys.exit(run())


if __name__ == "__main__":
    main()
