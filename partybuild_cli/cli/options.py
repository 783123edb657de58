"""Options and arguments (选项): those that many commands share, those of a ledger's columns, and what Tab offers (补全)."""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import BadParameter, Context

from partybuild_cli.cli import session
from partybuild_cli.cli.lazy import Place, Text, argument, flag, option
from partybuild_cli.errors import NotFound, PartybuildError, UsageFault, ValueProblem
from partybuild_cli.index.quarter import Quarter, parse_quarter
from partybuild_cli.values.day import far_ahead
from partybuild_cli.values.period import Period, parse_period, refuse_future, running, whole_day

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partybuild_cli.records.base.row import View

#: What a shell asks for the words that may stand there, each with a word of help or alone.
Completer = Callable[[Context, list[str], str], list[tuple[str, str]]]
_QUERIES = {
    "member": "SELECT name, coalesce(staff_no, '') FROM member WHERE name LIKE ? OR staff_no LIKE ? ORDER BY id LIMIT 50",
    "branch": "SELECT name, coalesce(kind, '') FROM branch WHERE name LIKE ? OR '' LIKE ? ORDER BY id LIMIT 50",
}


def names(kind: str) -> Completer:
    """A completer for names of members (or their 工号) or of branches, straight from the book, so that Tab answers at once.

    It is silent where there is no book or no key.
    """

    def complete(ctx: Context, args: list[str], incomplete: str) -> list[tuple[str, str]]:
        from partybuild_cli.store import driver

        session.begin(ctx)
        try:
            book = driver.connect(session.book_path(), query="mode=ro", timeout=0.2)
            found = book.execute(_QUERIES[kind], (f"{incomplete}%", f"{incomplete}%")).fetchall()
            book.close()
        except driver.errors("Error", OSError, PartybuildError):
            return []
        return [(name, more) if name.startswith(incomplete) else (more, name) for name, more in found]

    return complete


#: The same, by ledger.
COMPLETERS = {ledger: names(ledger) for ledger in _QUERIES}


def ledger_words(incomplete: str) -> list[tuple[str, str]]:
    from partybuild_cli.records.base.registry import captions

    return [(name, caption) for name, caption in captions().items() if name.startswith(incomplete)]


def whole(said: str | int) -> int:
    if not re.fullmatch(r"-?\d{1,4000}", str(said)):
        raise BadParameter(f"“{said}”不是整数")
    return int(said)


def positive(said: str | int) -> int:
    if whole(said) < 1:
        raise BadParameter(f"{said} 太小，要从 1 起")
    return whole(said)


def days(said: str | int) -> int:
    if not 0 <= whole(said) < 1000:
        raise BadParameter(f"{said} 不是天数，要在 0 到 999 之间")
    return whole(said)


def day_of(text: str) -> date:
    """A whole day, as the clerk writes it. UsageFault for anything else, and for one that can only be a slip."""
    try:
        day = whole_day(text)
    except ValueProblem as problem:
        raise UsageFault(f"日期：{problem.sentence}。") from None
    if slip := far_ahead(str(day), date.today()):
        raise UsageFault(f"日期：{slip}。")
    return day


def period_of(text: str) -> Period:
    """The period of a list, which may look ahead: something may be due in one that has not begun."""
    return parse_period(text, date.today())


def begun(text: str) -> Period:
    """The period of any other command. UsageFault for one of which no day has come, and for what is none."""
    period = period_of(text)
    refuse_future(period, date.today())
    return period


def year_of(text: str) -> Period:
    year = begun(text)
    if len(year.label) != 4:
        raise UsageFault(f"“{text}”不是一个年度，请写成 2026。")
    return year


def unfinished(period: Period) -> str:
    """A period as it is printed: one that still runs says up to which day it is known."""
    today = date.today()
    return f"{period.label}（截至 {today}，期间未结束）" if running(period, today) else period.label


AsJson = Annotated[bool, flag("--json", "以 JSON 输出")]
Yes = Annotated[bool, flag("--yes", "不再询问")]
Full = Annotated[bool, flag("--full", "身份证号、电话不打码")]
AsOf = Annotated[Text, option("日期", "看那一天结束时的记录，如 2026-09-05", "--as-of")]
OfBranch = Annotated[Text, option("党支部", "只看这个支部的", "--branch", autocompletion=COMPLETERS["branch"])]
Quarterly = Annotated[Quarter, argument("季度", "如 2026Q3、2026年第三季度、this、last", parser=parse_quarter)]
_HOW = "如 2026Q3、2026、last；不写是本季度"
_OfPeriod = argument("[期间]", _HOW, parser=begun, default_factory=lambda: "this", show_default=False)
OfPeriod = Annotated[Period, _OfPeriod]
InPeriod = Annotated[Period, argument("期间", "如 2026、2026H1、2026Q3、last", parser=begun)]
InYear = Annotated[Period, argument("年度", "如 2026", parser=year_of)]
ToFile = Annotated[Place, option("文件", "写到哪个工作簿；不写则自动取名", "--out")]
ToFolder = Annotated[Path, option("文件夹", "放到哪个文件夹", "--out")]
Records = Annotated[bool, flag("--records", "列出依据的全部记录和姓名")]

#: What an option of a command that is made from a declaration says; and what stands in the columns of a record.
Said = str | list[str] | bool | None
Cells = dict[str, str]


@dataclass(frozen=True)
class Own:
    """What the module of a ledger adds to its verbs.

    Attributes:
        further: the options of `add` or `edit` that are no columns.
        completed: the cells of a new record, with what those options say.
        worked_out: new records with what follows from their cells.
        entailed: the cells of an edit with what follows from them and the options, and what to say of it; given the
            number of the record and the columns that are to be emptied.
        remark: what else to say of a new record.
    """

    further: Callable[[str], list[Parameter]] | None = None
    completed: Callable[[Cells, Mapping[str, Said]], Cells] | None = None
    worked_out: "Callable[[Connection, list[Cells]], list[Cells]] | None" = None
    entailed: "Callable[[Connection, int, Cells, list[str], Mapping[str, Said]], tuple[Cells, str]] | None" = None
    remark: "Callable[[View], str] | None" = None


def joined(said: Said) -> str:
    """The people of a repeatable option as one list."""
    return "、".join(said) if isinstance(said, list) else ""


def listed(said: str) -> list[str]:
    """The lines of the file that `@…` names, or of standard input for `-`; anything else is itself."""
    if said != "-" and not said.startswith("@"):
        return [said]
    path = Path(said[1:])
    try:
        text = sys.stdin.read().encode("utf8", "surrogateescape") if said == "-" else path.read_bytes()
    except OSError:
        raise NotFound(f"不能读取名单文件 {path}。请检查路径；名单每行写一个姓名。") from None
    try:
        lines = text.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        lines = text.decode("gb18030", errors="replace").splitlines()
    return [line for line in lines if line.strip()]
