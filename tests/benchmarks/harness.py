"""Ratios side by side in one run (基准): each figure is a command of ours over the floor that it stands on.

Only ratios travel between machines, so the two are run in turn, and the median of the pairs is quoted.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
PARTYBUILD = (sys.executable, "-c", "from partybuild_cli.__main__ import main; main()")


@dataclass(frozen=True)
class Run:
    """One run of a whole process: the time that the processor gave it, which a busy machine does not stretch as it does the clock's."""

    seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Ratio:
    """What was measured: ours and the floor, and how far apart they may be; without a limit it is there to compare."""

    name: str
    ours: Sequence[Run]
    floor: Sequence[Run]
    floor_name: str
    limit: float | None
    memory_limit: float | None = None
    extra: Sequence[str] = field(default=())

    @property
    def value(self) -> float:
        """The median of the pairs."""
        return statistics.median(one.seconds / other.seconds for one, other in zip(self.ours, self.floor, strict=True))

    @property
    def peak(self) -> float:
        """The highest memory that ours took, MiB."""
        return max(run.peak_mib for run in self.ours)

    @property
    def kept(self) -> bool:
        """Whether ratio and memory are within their limits."""
        return (self.limit is None or self.value <= self.limit) and (
            self.memory_limit is None or self.peak <= self.memory_limit
        )

    def row(self) -> list[str]:
        """A line of the table."""
        ours, floor = (statistics.median(run.seconds for run in runs) for runs in (self.ours, self.floor))
        memory = f"{self.peak:.0f}" + (f" ≤ {self.memory_limit:.0f}" if self.memory_limit else "")
        return [
            self.name,
            f"{ours:.2f}",
            f"{floor:.2f}",
            self.floor_name,
            f"{self.value:.2f}",
            "" if self.limit is None else f"≤ {self.limit}",
            memory,
            "只作比较" if self.limit is None else "达到" if self.kept else "未达到",
        ]


HEADINGS = ["项目", "本程序（秒）", "对照（秒）", "对照是什么", "比值", "要求", "内存峰值（MiB）", "结果"]


def process(command: Sequence[str], *, cwd: Path | None = None, **environment: str) -> Run:
    """Run a command to its end; it must succeed, or have nothing to complain of (`check` ends with 1 where something is lacking)."""
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "", **environment}
    child = subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert child.stderr is not None
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode and said:
        raise RuntimeError(f"{' '.join(command[:6])} … exits {child.returncode}: {said.decode()[-400:]}")
    return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def script(code: str, *arguments: str) -> tuple[str, ...]:
    """A command that runs some Python."""
    return (sys.executable, "-c", code, *arguments)
