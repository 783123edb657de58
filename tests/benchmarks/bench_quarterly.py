"""The quarterly export: of a hospital with 1,000 members in ten branches, and how it grows with the hospital.

Nothing else makes such a folder, so the floor is openpyxl opening the workbooks that came out, as an inspector's program would.
"""

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from tests.benchmarks.bench_index import fill
from tests.benchmarks.harness import PARTYBUILD, Ratio, Run, process, script

SIZES, PAIRS = (100, 1_000, 10_000), 3
OPEN = "import openpyxl, sys; [openpyxl.load_workbook(name) for name in sys.argv[1:]]"


def ratios() -> Iterator[Ratio]:
    """The figures of this file."""
    found = {members: measure(members) for members in SIZES}
    ours, floors = found[1_000]
    yield Ratio("quarterly，1000 名党员", ours, floors, "openpyxl 打开导出的工作簿", 2.5)
    for small, large in pairwise(SIZES):
        yield Ratio(
            f"quarterly，党员从 {small} 到 {large}", found[large][0], found[small][0], f"{small} 名党员所用的时间", 12
        )


def measure(members: int) -> tuple[list[Run], list[Run]]:
    """Runs of ours, each into a new folder, and of the floor."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = folder / "book.db"
        fill(book, members)
        ours, floors = [], []
        for place in range(PAIRS):
            out = folder / str(place)
            ours.append(process((*PARTYBUILD, "--db", str(book), "quarterly", "2026Q3", "--out", str(out))))
            floors.append(process(script(OPEN, *map(str, sorted(out.rglob("*.xlsx"))))))
        return ours, floors
