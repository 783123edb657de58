"""Options and arguments (选项): those that many commands share, those of a ledger's columns, and what Tab offers (补全)."""

import re
import sys
from collections.abc import Callable, Mapping
from datetime import date
from inspect import Parameter
from pathlib import Path
from typing import Annotated, NamedTuple

from typer import BadParameter, Context

from partybuild_cli.cli import session
from partybuild_cli.cli.lazy import Place, Text, argument, flag, later, option
from partybuild_cli.errors import NotFound, UsageFault, ValueProblem
from partybuild_cli.index.quarter import Quarter, parse_quarter
from partybuild_cli.records.base.registry import captions
from partybuild_cli.values.day import far_ahead
from partybuild_cli.values.period import Period, parse_period, refuse_future, running, whole_day

with later():
    from partybuild_cli.records.base import row
    from partybuild_cli.store import driver

#: What a shell asks for the words that may stand there, each with a word of help or alone.
Completer = Callable[[Context, list[str], str], list[tuple[str, str]]]


def names(ledger: str) -> Completer:
    """A completer for names of members (or their 工号) or of branches, straight from the book, so that Tab answers at once.

    It is silent where there is no book or no key.
    """
    beside, *sought = {"member": ("staff_no", "name", "staff_no"), "branch": ("kind", "name")}[ledger]

    def complete(ctx: Context, args: list[str], incomplete: str) -> list[tuple[str, str]]:
        session.begin(ctx)
        found = driver.beginning(session.book_path(), ledger, sought, beside, incomplete)
        return [(name, more) if name.startswith(incomplete) else (more, name) for name, more in found]

    return complete


MEMBERS, BRANCHES = names("member"), names("branch")
#: The same, by ledger.
COMPLETERS = {"member": MEMBERS, "branch": BRANCHES}


def ledger_words(incomplete: str) -> list[tuple[str, str]]:
    return [(name, caption) for name, caption in captions().items() if name.startswith(incomplete)]


def whole(said: str | int) -> int:
    if not re.fullmatch(r"-?\d{1,4000}", str(said)):
        raise BadParameter(f"“{said}”不是整数")
    return int(said)


def positive(said: str | int) -> int:
    if (number := whole(said)) < 1:
        raise BadParameter(f"{said} 太小，要从 1 起")
    return number


def days(said: str | int) -> int:
    if not 0 <= (number := whole(said)) < 1000:
        raise BadParameter(f"{said} 不是天数，要在 0 到 999 之间")
    return number


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
AsOf = Annotated[Text, option("日期", "看那一天结束时的记录，如 2026-09-05")]
OfBranch = Annotated[Text, option("党支部", "只看这个支部的", autocompletion=BRANCHES)]
Quarterly = Annotated[Quarter, argument("季度", "如 2026Q3、2026年第三季度、this、last", parser=parse_quarter)]
_HOW = "如 2026Q3、2026、last；不写是本季度"
_OfPeriod = argument("[期间]", _HOW, parser=begun, default_factory=lambda: "this", show_default=False)
OfPeriod = Annotated[Period, _OfPeriod]
InPeriod = Annotated[Period, argument("期间", "如 2026、2026H1、2026Q3、last", parser=begun)]
InYear = Annotated[Period, argument("年度", "如 2026", parser=year_of)]
ToFile = Annotated[Place, option("文件", "写到哪个工作簿；不写则自动取名")]
ToFolder = Annotated[Path, option("文件夹", "放到哪个文件夹")]
Records = Annotated[bool, flag("--records", "列出依据的全部记录和姓名")]

#: What an option of a command that is made from a declaration says; and what stands in the columns of a record.
Said = str | list[str] | bool | None
Cells = dict[str, str]


class Own(NamedTuple):
    """What the module of a ledger adds to its verbs."""

    #: The options of `add` or `edit` that are no columns; the cells of a new record, with what those options say.
    further: Callable[[str], list[Parameter]] | None = None
    completed: Callable[[Cells, Mapping[str, Said]], Cells] | None = None
    #: New records with what follows from their cells; what else to say of a new record.
    worked_out: "Callable[[session.Connection, list[Cells]], list[Cells]] | None" = None
    remark: "Callable[[row.View], str] | None" = None
    #: The cells of an edit (of a record; what is to be emptied) with what follows from them and the options, and a remark.
    entailed: "Callable[[session.Connection, int, Cells, list[str], Mapping[str, Said]], tuple[Cells, str]] | None" = (
        None
    )


def joined(said: Said) -> str:
    """The people of a repeatable option as one list."""
    return "、".join(said) if isinstance(said, list) else ""


def listed(said: str) -> list[str]:
    """The lines of the file that `@…` names, or of standard input for `-`; anything else is itself."""
    if said != "-" and not said.startswith("@"):
        return [said]
    path = Path(said[1:])
    try:
        data = sys.stdin.read().encode("utf8", "surrogateescape") if said == "-" else path.read_bytes()
    except OSError:
        raise NotFound(f"不能读取名单文件 {path}。请检查路径；名单每行写一个姓名。") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    return [line for line in text.splitlines() if line.strip()]
