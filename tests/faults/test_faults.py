"""A few of every fault; `python -m tests.faults` tries them by the hundred."""

import sys
from pathlib import Path

import pytest

from tests.faults.bench import Tally

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither SIGKILL nor quotas of a process")


def survived(*tallies: Tally) -> None:
    for one in tallies:
        assert one.tried > 0
        assert one.lost == [], one.fault


def test_processes_that_write_at_once(tmp_path: Path) -> None:
    from tests.faults.writers import try_writers

    survived(*try_writers(tmp_path, writers=3, records=5))


def test_restores_while_others_write(tmp_path: Path) -> None:
    from tests.faults.restores import try_restores

    survived(*try_restores(tmp_path, writers=2, times=2))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_full_disk(tmp_path: Path) -> None:
    from tests.faults.disk import try_full_disk

    (tally,) = try_full_disk(tmp_path, steps=4, only=("import",), rows=200)
    survived(tally)
    assert tally.nothing_there > 0
    assert tally.all_there > 0


def test_a_power_cut(tmp_path: Path) -> None:
    from tests.faults.power import try_power_cuts

    survived(*try_power_cuts(tmp_path, commits=2))


def test_a_book_copied_while_in_use(tmp_path: Path) -> None:
    from tests.faults.copies import try_copies

    survived(*try_copies(tmp_path, times=2))
