"""Mutated workbooks through the whole import: `python -m tests.fuzz [COUNT] [FIRST SEED]`; 2,000 take some minutes."""

import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.judging import make_book, try_one


def _try(seed: int, whole: Path, folder: Path) -> tuple[int, str, list[str]]:
    return (seed, *try_one(seed, whole, folder / str(os.getpid())))


def main(count: int = 2000, first: int = 0) -> int:
    """Try so many workbooks; 1 where one of them did what it may not."""
    endings: Counter[str] = Counter()
    failed = 0
    started = time.monotonic()
    with TemporaryDirectory() as name, ProcessPoolExecutor() as pool:
        folder = Path(name)
        whole = make_book(folder)
        seeds = range(first, first + count)
        for seed, ending, wrong in pool.map(_try, seeds, [whole] * count, [folder] * count, chunksize=20):
            endings[ending] += 1
            failed += bool(wrong)
            for sentence in wrong:
                print(f"seed {seed}: {sentence}", flush=True)
    told = ", ".join(f"{ending} {number}" for ending, number in sorted(endings.items()))
    print(f"{count} workbooks tried in {time.monotonic() - started:.0f} s: {told}; {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
