"""What a new record is made of (登记): many people in one command (一条命令写多人: lists, a file of names, a group or everybody, all
but some), and the questions that it still needs on a terminal.
"""

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from inspect import Parameter
from typing import Annotated, Any, NamedTuple

from partybuild_cli import effects
from partybuild_cli.cli import ask, screen
from partybuild_cli.cli.lazy import Several, flag, later, option, parameter
from partybuild_cli.cli.options import MEMBERS, Cells, Said, listed
from partybuild_cli.cli.session import branches, groups, reading, roster_of
from partybuild_cli.errors import UsageFault, ValueProblem
from partybuild_cli.values.text import tight

with later():
    from partybuild_cli.records.base import column, declare, roster

#: What stands between two names; a blank does where each has a line of its own.
_BETWEEN = re.compile(r"[、，,;；\n]+")
#: Everybody, or a group, as a clerk says it; perhaps with those who are not meant.
_SPOKEN = re.compile(
    r"(?:(全体|全部|所有)(?:党员|人员|人)?|([^、，,;；\s]+小组)(?:党员|全体)?)(?:[，,、\s]*除(?:了|去|开)?[:：\s]*(.+?)(?:之?以?外)?)?"
)
#: How many can be named in an answer.
HOW = "几个人用顿号隔开；也可写 全体、全体除 张三、第一党小组"
_STEPS = f"（随时可写 {ask.BACK} 改上一项，写 {ask.LEAVE} 不做了）"
#: How an answer is written, where the name of its kind does not say it.
_HOW = {
    "日期": "如 9.25、昨天、2026-09-25", "是否": "是或否", "数字": "", "数量": "可写 300余",
    "日期，或“长期坚持”": "如 12.31、2026-12-31、长期坚持",
}  # fmt: skip

All = Annotated[bool, flag("--all", "全体党员；另写 --except 的除外")]
Groups = Annotated[Several, option("党小组", "这个党小组的党员；可重复", "--group")]
Without = Annotated[
    Several, option("姓名", "除了谁，与 --all、--group 合用；可重复", "--except", autocompletion=MEMBERS)
]


class Many(NamedTuple):
    """Who is meant besides those who are named: all, or some groups, but for some; false where that is nobody."""

    all: bool = False
    groups: Sequence[str] = ()
    without: Sequence[str] = ()

    def __bool__(self) -> bool:
        return self.all or bool(self.groups)

    def words(self) -> list[str]:
        named = [("--group", group) for group in self.groups] + [("--except", name) for name in self.without]
        return [*(["--all"] if self.all else []), *(word for pair in named for word in pair)]

    def members(self, roster: "roster.Roster", branch: str | None, day: str) -> list[str]:
        """Their names on a day, of a branch, or of the only one there is. UsageFault where one is not understood."""
        try:
            only = roster.only_branch if branch is None else roster.branch_meant(branch, day)
            if only is None and any(kind in ("党支部", None) for kind in roster.branch_kinds.values()):
                raise UsageFault("本院有几个党支部，请用 --branch 写明是哪个支部的党员。")
            if only is None:
                raise UsageFault("还没有党支部，请先用 partybuild branch add --name 名称 登记。")
            there, wanted = roster.belonging(only, day), set()
            known = {tight(who.group): who.group for who in there if who.group}
            for said in map(tight, self.groups):
                parts = [said] if said in known else [name for name in known if said in name]
                if len(parts) != 1:
                    listed = "、".join(parts or known) or "没有分党小组"
                    raise ValueProblem(f"没有叫“{said}”的党小组，{day} 有：{listed}。请核对")
                wanted.add(known[parts[0]])
            found = dict.fromkeys(who.member for who in there if not wanted or who.group in wanted)
            for name in self.without:
                if found.pop(roster.member(name), "absent") == "absent":
                    raise ValueProblem(f"“{name}”本来就不在其中，请核对")
        except ValueProblem as problem:
            raise UsageFault(f"{problem.sentence}。没有写入任何内容。") from None
        if not found:
            raise UsageFault(f"{roster.branch_names[only]}在 {day} 没有这样的党员，请核对日期。没有写入任何内容。")
        return [roster.shown(member) for member in found]


def many(all: Said = False, group: Said = None, without: Said = None, **others: Said) -> Many:
    """What the options say that name many at once."""
    found = Many(bool(all), *(parted(said if isinstance(said, list) else []) for said in (group, without)))
    if found.without and not found:
        raise UsageFault("--except 要和 --all 或 --group 一起写，请写明是从哪些人里除去。")
    return found


def spoken(said: str) -> Many:
    """Who is meant by 全体, 全体除 张三, 第一党小组; nobody by any other text."""
    if (found := _SPOKEN.fullmatch(said.strip())) is None:
        return Many()
    everybody, group, but = found.groups()
    return Many(bool(everybody), [group] if group else [], parted([but] if but else []))


def read(record: "type[declare.Record]", cells: Cells) -> tuple[Cells, Many | None]:
    """The cells, and who is meant besides, where the cell of those whom the record is about says 全体 instead of names."""
    column = spoken_of(record)
    if column is None or not (meant := spoken(cells.get(column.key, ""))):
        return cells, None
    return {key: value for key, value in cells.items() if key != column.key}, meant


def spoken_of(record: "type[declare.Record]") -> "column.Column | None":
    """The column whose cell may say 全体: one of members only, for any group (护理小组) may win an honour."""
    column = record.about
    return column if column is not None and column.kind.names and "group" not in record.columns else None


def branch_of(said: str | None) -> str | None:
    """The branch whose members are all meant: as said, else asked for on a terminal where there are several."""
    if said or not screen.on_terminal() or len(known := branches()) < 2:
        return said
    return ask.choose("哪个党支部的", known)


def doubt(roster: "roster.Roster", column: "column.Column | None", said: str, several: bool = True) -> str | None:
    """What is wrong with the people whom an answer names: nobody is called so, or two are.

    `several` where 全体 is an answer too. Others than members may win an honour, or answer for a task.
    """
    meant = spoken(said) if several else Many()
    words = [*meant.without] if meant else [said] if column is not None and column.kind.many else parted([said])
    if column is not None and not column.kind.names:
        words = [word for word in words if roster.known(word)]
    try:
        for person in (each for text in words for each in roster.people(text)):
            roster.member(person.name)
    except ValueProblem as problem:
        return problem.sentence
    return None


def parameters(record: "type[declare.Record]") -> list[Parameter]:
    """The options that name many at once, of a record that is about people, unless it knows groups of its own."""
    found = [parameter("all", All, False), parameter("group", Groups), parameter("without", Without)]
    return [] if "group" in record.columns else found


def parted(said: list[str] | None) -> list[str]:
    """The names of a repeatable option, which may itself hold several; each once."""
    found = (name.strip() for text in said or () for part in listed(text) for name in _BETWEEN.split(part))
    return list(dict.fromkeys(name for name in found if name))


def rows(
    record: "type[declare.Record]", column: "column.Column", cells: Cells, meant: Many | None, roster: "roster.Roster"
) -> list[Cells]:
    """The records to be made of the cells: one for each person where a record is about one, else one with all of them."""
    said = cells.get(column.key)
    named = [said] if column.kind.many and said else parted([said] if said else [])
    if meant:
        already = {roster.member(person.name) for text in named for person in roster.people(text)}
        day: Any = date.today()  # somebody must have belonged on it, as exact as it is known
        if (said := cells.get(record.date)) is not None:
            dated = record.columns[record.date]
            try:
                day = dated.kind.parse(dated.kind.meant(said, day))
            except ValueProblem as problem:
                raise UsageFault(f"{dated.heading}：{problem.sentence}。请改正，没有写入任何内容。") from None
        everybody = meant.members(roster, cells.get("branch"), str(day).partition("..")[0])
        named += [name for name in everybody if roster.member(name) not in already]
    if column is record.one_each:
        return [{**cells, column.key: name} for name in named] or [cells]
    return [{**cells, column.key: "、".join(named)} if named else cells]


@dataclass
class Interview:
    """The questions that a record still needs on a terminal, one after the other; each may be gone back to."""

    record: "type[declare.Record]"
    cells: dict[str, str]  # what is known already, by column key
    spoken_for: Collection[str] = ()  # the columns that are filled otherwise
    asked: "list[column.Column]" = field(default_factory=list)  # the columns of which somebody was asked

    def fill(self, missing: "Sequence[column.Column]") -> None:
        """Ask for what is missing and required, behind it for what the index or a check would miss, and of a member for what
        tells namesakes apart."""
        columns = self.record.columns
        free = [key for key in columns if self.cells.get(key) is None and key not in self.spoken_for]
        if missing:
            branches()  # a book that does not open says so before anything is typed in vain
        questions, branch = [*missing], columns.get("branch")
        if branch and branch.required and "branch" in free and len(branches()) > 1:
            questions.append(branch)
        if self.record.ledger == "member" and not any(map(self.cells.get, ("staff_no", "id_number", "born_on"))):
            questions.append(columns["staff_no"])
        # Who was not there is always asked for, the rest where questions are asked anyway.
        known = {*self.record.presence, *self.record.carried} & self.cells.keys()
        further = [key for key in self.record.completing if key in free]
        questions += [columns[key] for key in further if (not known if key in self.record.presence else missing)]
        for column, said in ((columns[key], said) for key, said in self.cells.items() if questions):
            try:  # so does an option that is wrong
                self._understood(column, False, said)
            except ValueProblem as problem:
                wrong = f"{column.heading}（{column.flag}）：{problem.sentence}"
                raise UsageFault(f"{wrong}。没有写入任何内容。") from None
        self._ask(questions)

    def again(self, wrong: str) -> None:
        """Let the clerk correct what did not do, typed or answered; Enter is for the one that is named."""
        screen.note(wrong)
        known = [each for each in self.record.columns.values() if each in self.asked or each.key in self.cells]
        answers = [f"{column.heading}：{self.cells.get(column.key, '')}" for column in known]
        named = next((each for each in known if wrong.startswith(f"{each.heading}（{each.flag}）")), None)
        otherwise = f"直接回车改“{named.heading}”" if named else ""
        chosen = ask.choose("改哪一项", answers, needed=named is None, otherwise=otherwise)
        column = known[answers.index(chosen)] if chosen or named is None else named
        self.cells.pop(column.key, None)
        self._ask([column])

    def line(self, cells: Cells, meant: Many | None) -> list[str]:
        """The command line that would have done without the questions, days as they were meant; empty where none was asked."""
        if not self.asked:
            return []
        words = [self.record.ledger, "add"]
        for key, value in cells.items():
            column = self.record.columns[key]
            flag = "--on" if column is self.record.own_day and key.endswith("_on") else column.flag
            words += [flag, column.kind.meant(value, date.today())]
        words += meant.words() if meant else []
        effects.so_far().command = words  # the answers are part of it: the log shall have it whole
        return words

    def _ask(self, columns: "Sequence[column.Column]") -> None:
        if len(columns) > 1:
            screen.note(_STEPS)
        at, more = 0, len(columns) == 1
        while at < len(columns):
            column = columns[at]
            at += 1
            only_of = self.record.completing.get(column.key)
            if only_of and not self._is_of(only_of):
                continue
            if only_of is not None and not more:
                more = True
                screen.note("还有吗？没有的直接回车。")
            try:
                said = self._answer(column)
            except ask.Stop as stop:
                before = [position for position in range(at - 1) if columns[position] in self.asked]
                if stop.leaving or not before:
                    raise
                at = before[-1]
                self.cells.pop(columns[at].key, None)
                continue
            self.asked += [column] if column not in self.asked else []
            if said:
                self.cells[column.key] = said

    def _is_of(self, kinds: Sequence[str]) -> bool:
        with suppress(ValueProblem):  # told with the other problems of the record
            return self.record.columns["kind"].kind.parse(self.cells.get("kind")) in kinds
        return False

    def _answer(self, column: "column.Column") -> str:
        heading, needed = column.heading, column.key not in self.record.completing
        if column.key == "branch" and len(names := branches()) > 1:
            return ask.choose(heading, names, needed)
        if column.key == "group" and (names := groups()):
            return ask.choose(heading, names, needed, str if self.record.ledger == "member" else None)  # or a new one
        if column.kind.words:
            return ask.choose(heading, column.kind.words, needed, column.kind.parse)
        hint = HOW if column is spoken_of(self.record) else _HOW.get(column.kind.label, column.kind.label)
        question = column.asks or (heading if hint in ("", heading, "文字") else f"{heading}（{hint}）")
        return ask.prompt_for(question, partial(self._understood, column, needed), needed)

    def _understood(self, column: "column.Column", needed: bool, said: str) -> None:
        """ValueProblem where an answer is not; several persons are looked at by whoever knows them."""
        if column.kind.names != "member" and column.kind.parse(column.kind.meant(said, date.today())) is None:
            if needed:
                raise ValueProblem("这一项必须填写，请写上")
        elif column.kind.names == "member" or column.kind.links:
            with reading() as connection:
                several = column is spoken_of(self.record)
                if wrong := doubt(roster_of(connection), column, said, several):
                    raise ValueProblem(wrong)
