"""`python -m tests.faults [--kills 60] [--writers 10] [--records 100]`: try every fault and print the table.

`--kills` is the number for each of the six commands. Exit 1 when anything was lost.
"""

import argparse
import sys
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.bench import printed
from tests.faults.copies import try_copies
from tests.faults.disk import try_full_disk
from tests.faults.kills import try_kills
from tests.faults.power import try_power_cuts
from tests.faults.restores import try_restores
from tests.faults.writers import try_writers


def main() -> int:
    """Run them all."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--writers", type=int, default=10)
    parser.add_argument("--records", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        tallies = chain(
            try_kills(folder, wanted.kills, seed=wanted.seed),
            try_writers(folder, wanted.writers, wanted.records),
            try_restores(folder, wanted.writers // 3, wanted.records // 4),
            try_full_disk(folder),
            try_power_cuts(folder),
            try_copies(folder),
        )
        return 1 if printed(tallies, partial(print, flush=True)) else 0


if __name__ == "__main__":
    sys.exit(main())
