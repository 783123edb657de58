"""What work costs, measured in a process of its own: the test's process has a past, and the clock has other readers."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

_AROUND = """
import json, sys, time
from pathlib import Path

def peak():
    try:
        return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
    except OSError:
        return 0.0

started = time.process_time()
said = work()
print(json.dumps([said, time.process_time() - started, peak()]))
"""
_READ = """
def work():
    from partybuild_cli.errors import Unfit
    from partybuild_cli.sheets.reading import read_book
    try:
        return [len(sheet.rows) for sheet in read_book(Path(sys.argv[1])).sheets]
    except Unfit as refusal:
        return refusal.sentence
"""
_RUN = """
def work():
    from partybuild_cli.cli.run import run
    return run(sys.argv[1:])
"""


@dataclass(frozen=True)
class Spent:
    """What the work answered, its seconds of CPU, and the most memory its process took (0 where no system tells)."""

    answer: Any
    seconds: float
    mib: float


def reading(path: object) -> Spent:
    """Read a workbook: the number of rows of each sheet, or the sentence that refuses it."""
    return _spent(_READ, str(path))


def command(*line: object) -> Spent:
    """Run a command of the program; its exit code."""
    return _spent(_RUN, *map(str, line))


def _spent(work: str, *arguments: str) -> Spent:
    done = subprocess.run(
        [sys.executable, "-c", work + _AROUND, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return Spent(*json.loads(done.stdout.splitlines()[-1]))
