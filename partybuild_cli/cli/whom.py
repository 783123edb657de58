"""Many people in one command (一条命令写多人): lists, a file of names, a group or everybody, all but some."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import choose
from partybuild_cli.cli.lazy import Several, flag, option, parameter
from partybuild_cli.cli.options import Cells, Said, listed, names
from partybuild_cli.cli.session import branches
from partybuild_cli.errors import UsageFault, ValueProblem
from partybuild_cli.values.text import tight

if TYPE_CHECKING:
    from partybuild_cli.records.base.column import Column
    from partybuild_cli.records.base.declare import Record
    from partybuild_cli.records.base.roster import Roster

#: What stands between two names; a blank does where each has a line of its own.
_BETWEEN = re.compile(r"[、，,;；\n]+")
#: Everybody, or a group, as a clerk says it; perhaps with those who are not meant.
_SPOKEN = re.compile(
    r"(?:(全体|全部|所有)(?:党员|人员|人)?|([^、，,;；\s]+小组)(?:党员|全体)?)(?:[，,、\s]*除(?:了|去|开)?[:：\s]*(.+?)(?:之?以?外)?)?"
)
#: How many can be named in an answer.
HOW = "几个人用顿号隔开；也可写 全体、全体除 张三、第一党小组"

All = Annotated[bool, flag("--all", "全体党员；另写 --except 的除外")]
Groups = Annotated[Several, option("党小组", "这个党小组的党员；可重复", "--group")]
Without = Annotated[
    Several, option("姓名", "除了谁，与 --all、--group 合用；可重复", "--except", autocompletion=names("member"))
]


@dataclass(frozen=True, slots=True)
class Many:
    """Who is meant besides those who are named: all, or some groups, but for some."""

    all: bool = False
    groups: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.without and not self:
            raise UsageFault("--except 要和 --all 或 --group 一起写，请写明是从哪些人里除去。")

    def __bool__(self) -> bool:
        return self.all or bool(self.groups)

    def words(self) -> list[str]:
        named = [("--group", group) for group in self.groups] + [("--except", name) for name in self.without]
        return [*(["--all"] if self.all else []), *(word for pair in named for word in pair)]

    def members(self, roster: "Roster", branch: str | None, day: str) -> list[str]:
        """Their names on a day, of a branch, or of the only one there is. UsageFault where one is not understood."""
        try:
            only = roster.only_branch if branch is None else roster.branch_meant(branch, day)
            if only is None and any(kind in ("党支部", None) for kind in roster.branch_kinds.values()):
                raise UsageFault("本院有几个党支部，请用 --branch 写明是哪个支部的党员。")
            if only is None:
                raise UsageFault("还没有党支部，请先用 partybuild branch add --name 名称 登记。")
            there, wanted = roster.belonging(only, day), set()
            known = {tight(seat.group): seat.group for seat in there if seat.group}
            for said in map(tight, self.groups):
                parts = [said] if said in known else [name for name in known if said in name]
                if len(parts) != 1:
                    listed = "、".join(parts or known) or "没有分党小组"
                    raise ValueProblem(f"没有叫“{said}”的党小组，{day} 有：{listed}。请核对")
                wanted.add(known[parts[0]])
            found = dict.fromkeys(seat.member for seat in there if not wanted or seat.group in wanted)
            for name in self.without:
                if found.pop(roster.member(name), "absent") == "absent":
                    raise ValueProblem(f"“{name}”本来就不在其中，请核对")
        except ValueProblem as problem:
            raise UsageFault(f"{problem.sentence}。没有写入任何内容。") from None
        if not found:
            raise UsageFault(f"{roster.branch_names[only]}在 {day} 没有这样的党员，请核对日期。没有写入任何内容。")
        return [roster.shown(member) for member in found]


def branch_of(said: str | None) -> str | None:
    """The branch whose members are all meant: as said, else asked for on a terminal where there are several."""
    if said or not screen.on_terminal() or len(known := branches()) < 2:
        return said
    return choose("哪个党支部的", known)


def spoken(said: str) -> Many:
    """Who is meant by 全体, 全体除 张三, 第一党小组; nobody by any other text."""
    found = _SPOKEN.fullmatch(said.strip())
    if found is None:
        return Many()
    everybody, group, but = found.groups()
    return Many(bool(everybody), (group,) if group else (), tuple(parted([but] if but else [])))


def read(record: "type[Record]", cells: Cells) -> tuple[Cells, Many | None]:
    """The cells, and who is meant besides, where the cell of those whom the record is about says 全体 instead of names."""
    column = spoken_of(record)
    if column is None or not (meant := spoken(cells.get(column.key, ""))):
        return cells, None
    return {key: value for key, value in cells.items() if key != column.key}, meant


def spoken_of(record: "type[Record]") -> "Column | None":
    """The column whose cell may say 全体: one of members only, for any group (护理小组) may win an honour."""
    column = record.about
    return column if column is not None and column.kind.names and "group" not in record.columns else None


def doubt(roster: "Roster", column: "Column | None", said: str, several: bool = True) -> str | None:
    """What is wrong with the people whom an answer names: nobody is called so, or two are.

    `several` where 全体 is an answer too. Others than members may win an honour, or answer for a task.
    """
    meant = spoken(said) if several else Many()
    listed = [*meant.without] if meant else [said] if column is not None and column.kind.many else parted([said])
    if column is not None and not column.kind.names:
        listed = [word for word in listed if roster.known(word)]
    try:
        for person in (one for text in listed for one in roster.people(text)):
            roster.member(person.name)
    except ValueProblem as problem:
        return problem.sentence
    return None


def parameters(record: "type[Record]") -> list[Parameter]:
    """The options that name many at once, of a record that is about people and knows no groups of its own."""
    if record.about is None or "group" in record.columns:
        return []
    return [parameter("all", All, False), parameter("group", Groups), parameter("without", Without)]


def many_of(values: Mapping[str, Said]) -> Many | None:
    """What those options said; None where they name nobody."""
    groups, without = (value if isinstance(value := values[key], list) else [] for key in ("group", "without"))
    return Many(bool(values["all"]), tuple(parted(groups)), tuple(parted(without))) or None


def parted(said: list[str] | None) -> list[str]:
    """The names of a repeatable option, which may itself hold several; each once."""
    found = (name.strip() for one in said or () for part in listed(one) for name in _BETWEEN.split(part))
    return list(dict.fromkeys(name for name in found if name))


def rows(record: "type[Record]", column: "Column", cells: Cells, many: Many | None, roster: "Roster") -> list[Cells]:
    """The records to be made of the cells: one for each person where a record is about one, else one with all of them."""
    said = cells.get(column.key)
    named = [said] if column.kind.many and said else parted([said] if said else [])
    if many:
        already = {roster.member(person.name) for one in named for person in roster.people(one)}
        day: Any = date.today()  # somebody must have belonged on it, as exact as it is known
        if (spoken_day := cells.get(record.date)) is not None:
            dated = record.columns[record.date]
            try:
                day = dated.kind.parse(dated.kind.meant(spoken_day, day))
            except ValueProblem as problem:
                raise UsageFault(f"{dated.heading}：{problem.sentence}。请改正，没有写入任何内容。") from None
        everybody = many.members(roster, cells.get("branch"), str(day).partition("..")[0])
        named += [name for name in everybody if roster.member(name) not in already]
    if column is record.one_each:
        return [{**cells, column.key: name} for name in named] or [cells]
    return [{**cells, column.key: "、".join(named)} if named else cells]
