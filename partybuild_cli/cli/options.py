"""Options and arguments (选项): those of a ledger's columns, and those that many commands share."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, BadParameter, Option

from partybuild_cli.cli.ask import must_say
from partybuild_cli.cli.complete import Completer, names, words
from partybuild_cli.cli.help import NEEDED
from partybuild_cli.errors import UsageFault
from partybuild_cli.index.quarter import Quarter, parse_quarter
from partybuild_cli.values.period import Period, parse_period, refuse_future, running

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partybuild_cli.records.base.column import Column
    from partybuild_cli.records.base.context import View
    from partybuild_cli.records.base.declare import Record


def begun(text: str) -> Period:
    """The period that a command line names. UsageFault for one of which no day has come, and for what is none."""
    period = period_of(text)
    refuse_future(period, date.today())
    return period


def period_of(text: str) -> Period:
    """The same of a list, which may look ahead: something may be due in a period that has not begun."""
    return parse_period(text, date.today())


def year_of(text: str) -> Period:
    """A whole year. UsageFault for anything else."""
    year = begun(text)
    if len(year.label) != 4:
        raise UsageFault(f"“{text}”不是一个年度，请写成 2026。")
    return year


AsJson = Annotated[bool, Option("--json", help="以 JSON 输出")]
Yes = Annotated[bool, Option("--yes", help="不再询问")]
Full = Annotated[bool, Option("--full", help="身份证号、电话不打码")]
AsOf = Annotated[str | None, Option("--as-of", metavar="日期", help="看那一天结束时的记录，如 2026-09-05")]
OfBranch = Annotated[
    str | None, Option("--branch", metavar="党支部", help="只看这个支部的", autocompletion=names("branch"))
]
Quarterly = Annotated[
    Quarter, Argument(metavar="季度", help="如 2026Q3、2026年第三季度、this、last", parser=parse_quarter)
]
OfPeriod = Annotated[
    Period,
    Argument(
        metavar="[期间]",
        help="如 2026Q3、2026、last；不写是本季度",
        parser=begun,
        default_factory=lambda: "this",
        show_default=False,
    ),
]
InPeriod = Annotated[Period, Argument(metavar="期间", help="如 2026、2026H1、2026Q3、last", parser=begun)]
InYear = Annotated[Period, Argument(metavar="年度", help="如 2026", parser=year_of)]
ToFile = Annotated[Path | None, Option("--out", metavar="文件", help="写到哪个工作簿；不写则自动取名")]


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

    further: Callable[[str], list[Parameter]] = lambda verb: []
    completed: Callable[[Cells, Mapping[str, Said]], Cells] = lambda cells, values: cells
    worked_out: "Callable[[Connection, list[Cells]], list[Cells]]" = lambda connection, rows: rows
    entailed: "Callable[[Connection, int, Cells, list[str], Mapping[str, Said]], tuple[Cells, str]]" = (
        lambda connection, number, cells, erase, values: (cells, "")
    )
    remark: "Callable[[View], str]" = lambda told: ""


def joined(said: Said) -> str:
    """The people of a repeatable option as one list."""
    return "、".join(said) if isinstance(said, list) else ""


def whole(said: str | int) -> int:
    """The number of something; a default comes as it is."""
    if not re.fullmatch(r"-?\d{1,4000}", str(said)):
        raise BadParameter(f"“{said}”不是整数")
    return int(said)


def positive(said: str | int) -> int:
    """A count, from 1 on."""
    if whole(said) < 1:
        raise BadParameter(f"{said} 太小，要从 1 起")
    return whole(said)


def unfinished(period: Period) -> str:
    """A period as it is printed: one that still runs says up to which day it is known."""
    today = date.today()
    return f"{period.label}（截至 {today}，期间未结束）" if running(period, today) else period.label


def parameter(name: str, annotation: object, default: object = None) -> Parameter:
    """A parameter of a command that is made from a declaration."""
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def signed(run: Callable[..., object], parameters: Sequence[Parameter]) -> Callable[..., object]:
    """A function as Typer shall see it: it takes these parameters, by name."""
    vars(run)["__signature__"] = Signature(parameters)
    return run


def options_of(record: "type[Record]", adding: bool, taken: Collection[str] = ()) -> list[Parameter]:
    """An option for each column that a command may set; `--on` stands for the record's own day.

    Whoever names people may name several; a single person of a new record may be several too, who then get one each.
    Second names that are `taken` mean something else.
    """
    return [_option(record, column, adding, taken) for column in record.columns.values() if not column.computed]


def is_own_day(record: "type[Record]", column: "Column") -> bool:
    """Whether `--on` stands for the column: the record's own day, from which it holds or on which it happened."""
    return column.key == record.date and (column.identity or column.key in ("started_on", "set_on"))


def _option(record: "type[Record]", column: "Column", adding: bool, taken: Collection[str]) -> Parameter:
    flags = [column.flag]
    if column.option and column.option not in taken:
        flags.append(f"--{column.option}")
    if is_own_day(record, column):
        flags.append("--on")
    several = column.kind.many or column.kind.links or (adding and column is record.one_each())
    says = Option(
        *flags,
        metavar=_metavar(column),
        help=_help(record, column, several, adding),
        autocompletion=_completer(column),
        show_default=False,
    )
    return parameter(column.key, Annotated[list[str] | None if several else str | None, says])


def holding(record: "type[Record]") -> list[Parameter]:
    """From when what is edited holds, where something of the record holds for a time."""
    headings = "、".join(column.heading for column in record.columns.values() if column.dated)
    begins = Option("--from", metavar="日期", help=f"从哪天起；不写是今天。用于{headings}")
    wrong = Option("--correct", help="不是变动，是一直登记错了：此前的也一起改正")
    since, correct = Annotated[str | None, begins], Annotated[bool, wrong]
    return [parameter("since", since), parameter("correct", correct, False)] if headings else []


def given(record: "type[Record]", values: Mapping[str, Said]) -> Cells:
    """The cells that options gave: several people of one column become one list."""
    told = {key: value for key, value in values.items() if key in record.columns and value not in (None, [])}
    return {key: joined(value) if isinstance(value, list) else str(value) for key, value in told.items()}


def sifting_of(record: "type[Record]") -> list[Parameter]:
    """What `list` may be asked for."""
    several, text = list[str] | None, str | None
    who = Option(metavar="姓名", help="只看与这名党员有关的；可重复", autocompletion=names("member"))
    kind = record.columns.get("kind")
    what = Option(metavar="类别", help="只看这一类的", autocompletion=words(kind.kind.words if kind else ()))
    when = Option(metavar="期间", help="只看这一期的，如 2026Q3、2026-09、上月", parser=period_of)
    group = Option(metavar="党小组", help="只看这个党小组的")
    where = Option(metavar="字段=值", help="只看这一项是这样的，如 place=示教室；!= 是不这样的，值空着是没填的；可重复")
    search = Option(metavar="文字", help="只看哪里写有这些字的；跨台账找用 partybuild search 文字")
    sum_ = Option("--sum", metavar="字段", help="另算这一项的合计，如 hours；可重复")
    every = Option("--all", help="显示所有列")
    return [
        parameter("branch", OfBranch),
        *([parameter("member", Annotated[several, who])] if record.ledger != "branch" else []),
        parameter("group", Annotated[text, group]),
        *([parameter("kind", Annotated[text, what])] if kind else []),
        *([parameter("period", Annotated[Period | None, when])] if record.date else []),
        parameter("where", Annotated[several, where]),
        parameter("search", Annotated[text, search]),
        parameter("sum", Annotated[several, sum_]),
        parameter("as_of", AsOf),
        parameter("all", Annotated[bool, every], False),
        parameter("full", Full, False),
        parameter("json", AsJson, False),
    ]


def _metavar(column: "Column") -> str:
    if column.kind.many:
        return "姓名[:说明]"
    choices = column.kind.words
    return "|".join(choices) if 0 < len(choices) <= 4 else column.kind.label


def _help(record: "type[Record]", column: "Column", several: bool, adding: bool) -> str:
    choices = column.kind.words
    parts = [column.heading, *([column.help] if column.help else [])]
    if len(choices) > 4:
        parts.append("可选：" + " ".join(choices))
    if several:
        parts.append("可重复，每人登记一条" if column is record.one_each() else "可重复")
    return (f"{NEEDED} " if adding and must_say(column) else "") + "；".join(parts)


def _completer(column: "Column") -> Completer | None:
    if column.kind.names:
        return names(column.kind.names)
    return words(column.kind.words) if column.kind.words else None
