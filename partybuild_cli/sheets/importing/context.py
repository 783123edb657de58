"""What a sheet says outside its columns (表头以外的信息): branch, kind, quarter, year and 填报日期 in title, unit row and sheet name."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kinds import DAY, BranchKind, MonthKind, SealedMemberKind, YearKind
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.sheets.importing import wording
from partybuild_cli.values import Choice, Day, PeriodKind, QuarterKind
from partybuild_cli.values.day import last_date
from partybuild_cli.values.kind import NumberCell, Raw
from partybuild_cli.values.period import read_period
from partybuild_cli.values.text import Text, normalise, tight

_BRANCH_LABEL = re.compile(r"(?:所在|所属)?(?:党支部|支部)(?:名称)?(?:\(盖章\)|\(章\))?:([^:]+)")
_AS_OF = re.compile(r"(?:填报|填表|制表|更新|统计|上报)(?:日期|时间)[:为]?([0-9][^:]{3,})|截至([0-9][^:]{3,})")
#: 社区义诊活动 is 义诊; what stands before and behind what a list is about.
_ACTIVITY = re.compile(r"(?:会议|活动|服务)+$")
_BEFORE_MATTER = re.compile(
    r"^.{0,20}?(?:党支部|党总支|党委)(?:委员会)?|(?:19|20)\d\d年?度?|第?[一二三四1-4]季度|[上下]半年|\(.*\)"
)
_PAPER = "项目|任务|情况|统计|登记|汇总|明细|一览|销号|进展|落实|责任|管理|工作|重点|整改|问题|清单|台账|表|记录|登记册"
_OF_LIST = re.compile(rf"(?!(?:{_PAPER})*$)([^:,。]{{4,}}?)(?:{_PAPER})*(?:清单|台账|表|记录|登记册)")
_QUARTER = re.compile(r"(?:(\d{4})年?度?)?(?:第([一二三四1-4])季度|Q([1-4]))")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年|$|(?!\d))")
_WHOLE_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[年./-]?(1[0-2]|0[1-9]|(?<=\D)[1-9])[月./-]?(3[01]|[12]\d|0[1-9]|(?<=\D)[1-9])(?!\d)"
)
_RANGE = r"(?<!\d)(1[0-2]|0?[1-9])\s*月?份?\s*[-~—–至到]+\s*(1[0-2]|0?[1-9])\s*月份?"
_MONTH = re.compile(rf"(?<!\d)((?:19|20)\d\d)(?:年|[-./])(?!{_RANGE})(1[0-2]|0?[1-9])(?!\d)月?")
_SPAN = re.compile(rf"{_RANGE}|第[一二三四1-4]季度|Q[1-4]|[上下]半年")


class Surroundings(NamedTuple):
    """The texts around a table in comparable form: of the rows above it, the sheet's name, and of the rows above its first table,
    which say the year and the branch of all."""

    lines: tuple[str, ...]
    sheet: str
    head: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Where a value may stand, the most telling first."""
        return (*self.lines, self.sheet)

    @property
    def year(self) -> int | None:
        """The year that they say."""
        return year_in(self.texts) or year_in(self.head)


def surroundings(preamble: Sequence[Sequence[str]], sheet: str, head: Sequence[Sequence[str]] = ()) -> Surroundings:
    """The texts around a table."""
    above, first = (tuple(wording.label(text) for line in lines for text in line) for lines in (preamble, head))
    return Surroundings(above, wording.label(sheet), first)


def context_of(
    record: type[Record], held: set[str], around: Surroundings, roster: Roster, default: bool = True
) -> dict[str, Any]:
    """Values of columns that the sheet does not have. Without any word on the branch, by `default` the only one of the book."""
    context: dict[str, Any] = {}
    for column in record.columns.values():
        if column.context and column.key not in held:
            value = value_of(column, around, roster, default and (column.required or bool(record.branch_from)))
            if value is not None:
                context[column.key] = value
    if "branch" not in record.columns and record.ledger != "branch":
        branch = branch_in(around, roster)
        if branch is not None:
            context["branch"] = branch
    return context


def value_of(column: Column, around: Surroundings, roster: Roster, default: bool) -> Any:
    """What texts say of a column; None where they say nothing."""
    kind = column.kind
    if isinstance(kind, BranchKind):
        only = roster.only_branch() if default else None
        return branch_in(around, roster) or (roster.branch_names[only] if only is not None else None)
    if isinstance(kind, SealedMemberKind):  # 评议人 above an anonymous form
        said = (line.partition(":")[::2] for line in around.lines)
        return next((kind.parse(value) for word, value in said if word in column.headings and value), None)
    if isinstance(kind, Choice):
        return next(filter(None, (choice_in(kind, text) for text in around.texts)), None)
    if isinstance(kind, QuarterKind):
        return quarter_in(around)
    if isinstance(kind, MonthKind):
        return month_in(around)
    if isinstance(kind, YearKind):
        return str(around.year) if around.year else None
    if isinstance(kind, PeriodKind):
        return quarter_in(around) or month_in(around)
    if type(kind) is Text:  # 方面: 我为群众办实事 of 2026年“我为群众办实事”项目清单
        plain = (_BEFORE_MATTER.sub("", re.sub("[“”‘’\"'《》]", "", line)) for line in around.lines)
        return next((found[1] for found in map(_OF_LIST.fullmatch, plain) if found), None)
    return None


def said_by(column: Column, value: Any, entry: dict[str, Any]) -> Any:
    """What another field's `value` says of the column: the entry's own word, a word of the choice in it, or the same."""
    kind, text = column.kind, tight(str(value))
    if value is None or "says" in entry:
        return entry.get("says") if value is not None else None
    if not isinstance(kind, Choice):
        return kind.parse(str(value))
    name = _ACTIVITY.sub("", text)
    at_end = (kind.meanings[word] for word in sorted(kind.meanings, key=len, reverse=True) if name.endswith(word))
    return next(at_end, None) or (choice_in(kind, text) if entry.get("some") else None)


def branch_in(around: Surroundings, roster: Roster) -> str | None:
    """The branch that the sheet is about: after 党支部名称：, else a known name in the texts, else the sheet's name."""
    for line in around.lines:
        if found := _BRANCH_LABEL.fullmatch(line):
            return known_branch(found[1], roster) or found[1]
    for text in (*around.texts, *around.head):
        if (name := known_branch(text, roster)) is not None:
            return name
    short = [name for name in real_branches(roster) if around.sheet and name.removesuffix("党支部") == around.sheet]
    return short[0] if len(short) == 1 else None


def known_branch(text: str, roster: Roster) -> str | None:
    """The one branch of the book whose name, or former name, the text holds; of 一支部 and 第一支部 the longer."""
    every = {name: roster.numbered(name) or 0 for name in (*roster.branches, *roster.borne) if name in text}
    found = [name for name, number in every.items() if roster.branch_kinds[number] in ("党支部", None)]
    longest = [name for name in found if not any(name != other and name in other for other in found)]
    return longest[0] if len(longest) == 1 else None


def real_branches(roster: Roster) -> list[str]:
    """The branches of the book, without the organisations above them."""
    return [name for name, number in roster.branches.items() if roster.branch_kinds[number] in ("党支部", None)]


def choice_in(kind: Choice, text: str) -> str | None:
    """The one meaning among the words of a choice that the text holds."""
    found: set[str] = set()
    for word, meaning in sorted(kind.meanings.items(), key=lambda pair: -len(pair[0])):
        if len(word) > 1 and word in text:
            found.add(meaning)
            text = text.replace(word, " ")
    return found.pop() if len(found) == 1 else None


def quarter_in(around: Surroundings) -> str | None:
    """The quarter; its year may stand in another text than its number."""
    for text in around.texts:
        if found := _QUARTER.search(text):
            year = found[1] or year_in([text]) or around.year
            return read_period(f"{year}年第{found[2] or found[3]}季度") if year else None
    return None


def span_in(around: Surroundings) -> list[str]:
    """The several months that title, unit row or sheet name say, if they do."""
    for text in around.texts:
        if (found := _SPAN.search(text)) and (year := year_in([text]) or around.year):
            return months_in(found[0], str(year))
    return []


def day_in(around: Surroundings) -> str | None:
    """The one whole day that title, unit row or sheet name say; the day on which the sheet was filled in does not count."""
    found = {
        f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"
        for text in around.texts
        if not _AS_OF.search(text)
        for match in _WHOLE_DAY.finditer(text)
    }
    return found.pop() if len(found) == 1 else None


def month_in(around: Surroundings) -> str | None:
    """The one month that title, unit row or sheet name say; a month of a whole day does not count."""
    texts = [_AS_OF.sub(lambda said: "" if _WHOLE_DAY.search(said[0]) else said[0], text) for text in around.texts]
    found = {f"{match[1]}-{int(match[4]):02d}" for text in texts for match in _MONTH.finditer(text)}
    only = _MONTH_ONLY.fullmatch(around.sheet)  # the sheet 3月 of a title that says the year
    if not found and only and only[2] and (year := year_in(around.lines)):
        return f"{year}-{wording.numeral(only[1]):02d}"
    return found.pop() if len(found) == 1 else None


def year_in(texts: Sequence[str]) -> int | None:
    """The year that the first telling text says; none where that text says several."""
    for text in texts:
        years = {int(found[1]) for found in _YEAR.finditer(text)}
        if years:
            return years.pop() if len(years) == 1 else None
    return None


def as_of_in(around: Surroundings, endings: Sequence[str]) -> date | None:
    """The sheet's 填报日期 above or below the records, up to which 党龄 and 年龄 count; of a month its last day."""
    for text in (*around.lines, *endings):
        if found := _AS_OF.search(text):
            try:
                day = DAY.parse((found[1] or found[2]).split("至")[-1].rstrip(",;。)"))
            except ValueProblem:
                continue
            if day:
                return last_date(day)
    return None


_CHINESE_DAY = re.compile(r"^(十[一二]?|[一二三四五六七八九])月([一二三四五六七八九十廿]{1,3})[日号]")
_MONTH_ONLY = re.compile(r"(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s*(月份?)?([底末]?(?:之?前)?)")
_WITHOUT_YEAR = re.compile(
    r"(1[0-2]|0?[1-9])\s*(?:月|[./-])\s*(3[01]|[12]\d|0?[1-9])\s*(?:[日号](?:.*)|(?=\D|$)(?!\s*[./]\d).*)"
)
_DAY_ONLY = re.compile(r"(3[01]|[12]\d|0?[1-9])\s*[日号]")
_MONTHS_RANGE = re.compile(_RANGE)
_QUARTER_ALONE = re.compile(r"第?([一二三四1-4])季度?|Q([1-4])")
_OWN_YEAR = re.compile(r"((?:19|20)\d\d)\s*年?度?\s*[./-]?\s*")


def with_year(kind: Day, raw: Raw, said: str | None) -> Raw:
    """The cell with the year, or year and month, that it lacks and the sheet has `said`; as it is where it says one, where
    none is known, or where it is ambiguous."""
    if said is None or raw is None:
        return raw
    year = said[:4]
    value = raw.value if isinstance(raw, NumberCell) else raw
    if isinstance(kind, MonthKind):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        text = f"{value:.15g}" if number else value if isinstance(value, str) else ""
        found = _MONTH_ONLY.fullmatch(normalise(text))
        return f"{year}-{wording.numeral(found[1]):02d}" if found and not found[3] else raw
    if isinstance(raw, float):
        return f"{year}.{raw!r}" if _plain_pair(repr(raw)) else raw
    if isinstance(raw, NumberCell) and _WITHOUT_YEAR.fullmatch(raw.shown.strip()):
        return f"{year}.{raw.shown.strip()}"
    if isinstance(raw, str) and not raw[:4].isdecimal():
        if len(said) > 4 and (day := _DAY_ONLY.fullmatch(normalise(raw).strip())):
            return f"{said}-{int(day[1]):02d}"
        text = _CHINESE_DAY.sub(
            lambda found: f"{wording.numeral(found[1])}月{wording.numeral(found[2])}日", normalise(raw), count=1
        )
        if found := _WITHOUT_YEAR.fullmatch(text):
            rest = text[found.end(2) :].lstrip().lstrip("日号")
            return f"{year}年{found[1]}月{found[2]}日{rest}"
        if (found := _MONTH_ONLY.fullmatch(text)) and found[2] and (kind.ahead or not found[3]):
            return f"{year}-{wording.numeral(found[1]):02d}"
    return raw


#: So many days lie between the two beginnings from which spreadsheets count.
_FROM_1904 = 1462


def since_1900(raw: Raw) -> Raw:
    """A bare serial of a workbook that counts from 1904, as one that counts from 1900."""
    value = raw.value if isinstance(raw, NumberCell) else raw
    serial = isinstance(value, int | float) and not isinstance(value, bool) and 18538 <= value < 60000
    return int(value) + _FROM_1904 if serial and isinstance(value, int | float) else raw


def _plain_pair(shown: str) -> bool:
    """Whether a number says a month and a day: 3.5, 4.16; 4.1, 4.2 and 4.3 may have been 4.10, 4.20 and 4.30."""
    month, _, day = shown.partition(".")
    return bool(_WITHOUT_YEAR.fullmatch(shown)) and (len(day) == 2 or int(day) > 3) and 0 < int(month) < 13


def months_in(raw: Raw, year: str | None) -> list[str]:
    """The months of a cell that names several (1-3月, 2026年第一季度, 上半年); none where it names another thing, or no year."""
    if not isinstance(raw, str):
        return []
    text = normalise(raw)
    if said := _OWN_YEAR.match(text):
        year, text = said[1], text[said.end() :]
    if found := _MONTHS_RANGE.fullmatch(text):
        first, last = int(found[1]), int(found[2])
    elif text in ("上半年", "下半年"):
        first, last = (1, 6) if text[0] == "上" else (7, 12)
    elif found := _QUARTER_ALONE.fullmatch(text):
        last = 3 * wording.numeral(found[1] or found[2])
        first = last - 2
    else:
        return []
    return [f"{year}-{month:02d}" for month in range(first, last + 1)] if year else []
