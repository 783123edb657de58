"""How the unattended runs ended (定时归档的记录): the last good and the last failed one, and the quarters that have no archive.

It stands in a file beside the book and not in it: a run may fail just because the book could not be opened. It says of
nobody anything.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from partybuild_cli import effects
from partybuild_cli.errors import PartybuildError, UsageFault
from partybuild_cli.outputs import BLANK_SEAL, is_ours, put, refuse_taken, take_place
from partybuild_cli.reports.folder import MANIFEST
from partybuild_cli.values.day import add_months
from partybuild_cli.values.period import Period, parse_period, period_of, quarter_of

_QUARTER = re.compile(r"\d{4}Q[1-4]")


_NOTICE = """partybuild 季度归档没有成功：{}
原因：{}
时间：{}；从 {} 起没有成功过
上一次成功：{}
数据库：{}
改好以后再运行一次 quarterly，漏下的季度会一起补上，成功后这个文件自动消失。
# {}
"""


@dataclass(frozen=True, slots=True)
class Good:
    """A run that succeeded: its quarter, when, and into which folder it wrote."""

    period: str
    at: str
    folder: str


@dataclass(slots=True)
class Failed:
    """A run that failed: its period, when, why, since when none has succeeded; `over` once one has."""

    period: str
    at: str
    since: str
    why: str
    over: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How the runs stand; `missing`: ended quarters since the first run without one that succeeded, or without folder."""

    last_good: Good | None
    last_failed: Failed | None
    missing: list[str]


@dataclass(slots=True)
class Runs:
    """What is known of the runs on one book: the last good one of each quarter, the last of all standing last, and the last failed."""

    good: dict[str, Good] = field(default_factory=dict)
    failed: Failed | None = None

    def standing(self, today: date) -> Standing:
        folders = {quarter: Path(run.folder) for quarter, run in self.good.items()}
        known = {quarter for quarter, at in folders.items() if (at / MANIFEST).exists() or not at.parent.is_dir()}
        said = [*self.good, *([self.failed.period] if self.failed else [])]
        last = next(reversed(self.good.values()), None)
        return Standing(last, self.failed, _between(said, known, quarter_of(today)))


def _between(said: list[str], known: set[str], end: str) -> list[str]:
    """The quarters from the first that is spoken of up to, and without, the end, that are not known."""
    found, at = [], min((quarter for quarter in said if _QUARTER.fullmatch(quarter)), default=end)
    while at < end:
        found += [at] if at not in known else []
        at = quarter_of(add_months(period_of(at).first, 3))
    return found


def missed(book: Path, out: Path, last: Period) -> list[Period]:
    """The quarters before `last` that were never archived, since the first that was."""
    known = {*read(book).good, *(path.parent.name for path in out.glob(f"*/{MANIFEST}"))}
    return [period_of(quarter) for quarter in _between([*known], known, last.label)]


def read(book: Path) -> Runs:
    """What the file beside the book says; nothing where there is none or it cannot be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(_file(book).read_bytes())
        good = {quarter: Good(**{**run, "period": quarter}) for quarter, run in kept["good"].items()}
        return Runs(good, Failed(**kept["failed"]) if kept["failed"] else None)
    return Runs()


@contextmanager
def recorded(book: Path, period: str, notify: Path | None, told: Callable[[str], str] = str) -> Iterator[Runs]:
    """Remember how a run ends; where it fails, `notify` tells a person what failed and since when, until one succeeds."""
    if notify is not None:
        refuse_taken(notify)
    with suppress(UsageFault):  # `last` says nothing when the file is read
        period = parse_period(period, date.today()).label
    runs = read(book)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        yield runs
    except Exception as fault:
        why = fault.sentence if isinstance(fault, PartybuildError) else f"程序自身出了差错（{type(fault).__name__}）。"
        since = now if runs.failed is None or runs.failed.over else runs.failed.since
        runs.failed = Failed(period, now, since, why)
        _keep(book, runs)
        if notify is not None:
            last = next(reversed(runs.good.values()), None)
            good = f"{last.period}，{_local(last.at)}，{last.folder}" if last else "还没有成功过"
            notice = _NOTICE.format(*(period, told(why), _local(now), _local(since), good, book.absolute(), BLANK_SEAL))
            with suppress(PartybuildError), effects.draft(notify):  # the fault itself is what is told
                put(notify, lambda beside: beside.write_bytes(notice.encode()))
        raise
    if runs.failed is not None:
        runs.failed.over = True
    _keep(book, runs)
    if notify is not None and is_ours(notify):
        with suppress(OSError):
            notify.unlink()


def succeeded(runs: Runs, quarter: str, folder: Path) -> None:
    runs.good.pop(quarter, None)
    runs.good[quarter] = Good(quarter, datetime.now(UTC).isoformat(timespec="seconds"), str(folder.absolute()))


def _local(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")


def _keep(book: Path, runs: Runs) -> None:
    """Written anew, whole or not at all; a folder that only reads keeps none, nor does a book that is not there."""
    path = _file(book)
    beside = path.with_name(f"{path.name}.partial{os.getpid()}")
    with suppress(OSError):
        book.stat()
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf8") as file:
            json.dump(asdict(runs), file, indent=1)
        take_place(beside, path)


def _file(book: Path) -> Path:
    return book.with_name(f"{book.name}-runs.json")
