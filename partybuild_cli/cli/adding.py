"""A new record (登记): many people in one command (全体, 党小组, 名单), the questions that it still needs on a terminal, and `add` of
every ledger.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated

from partybuild_cli import effects
from partybuild_cli.cli import ask, options, screen
from partybuild_cli.cli.ask import choose
from partybuild_cli.cli.lazy import Several, flag, option, parameter
from partybuild_cli.cli.options import AsJson, Cells, Own, Said, listed, names
from partybuild_cli.cli.session import branches, groups, reading, roster_of, writing
from partybuild_cli.errors import InputProblems, UsageFault, ValueProblem
from partybuild_cli.records.base.registry import record as record_of
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
            only = roster.only_branch() if branch is None else roster.branch_meant(branch, day)
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


def branch_meant(said: str | None) -> str | None:
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


def meant_by(record: "type[Record]", cells: Cells) -> tuple[Cells, Many | None]:
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


def many_options(record: "type[Record]") -> list[Parameter]:
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


def records_of(
    record: "type[Record]", column: "Column", cells: Cells, many: Many | None, roster: "Roster"
) -> list[Cells]:
    """The records to be made of the cells: one for each person where a record is about one, else one with all of them."""
    said = cells.get(column.key)
    named = [said] if column.kind.many and said else parted([said] if said else [])
    if many:
        already = {roster.member(person.name) for one in named for person in roster.people(one)}
        day = date.today()  # somebody must have belonged on it, as exact as it is known
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


#: So many new records of one command are told one by one.
_EACH = 3
_STEPS = f"（随时可写 {ask.BACK} 改上一项，写 {ask.LEAVE} 不做了）"
#: How an answer is written, where the name of its kind does not say it.
_HOW = {
    "日期": "如 9.25、昨天、2026-09-25", "是否": "是或否", "数字": "", "数量": "可写 300余",
    "日期，或“长期坚持”": "如 12.31、2026-12-31、长期坚持",
}  # fmt: skip


@dataclass
class Interview:
    """The questions that a record still needs on a terminal, one after the other; each may be gone back to.

    Attributes:
        cells: what is known already, by column key.
        spoken_for: the columns that are filled otherwise.
        asked: the columns of which somebody was asked.
    """

    record: "type[Record]"
    cells: dict[str, str]
    spoken_for: Collection[str] = ()
    asked: "list[Column]" = field(default_factory=list)

    def fill(self) -> dict[str, str]:
        """The cells with every required one: asked for on a terminal, else UsageFault names the missing options.

        Behind what is required comes what the index or a check would miss, and a member is asked for what tells
        namesakes apart.
        """
        columns, is_open = self.record.columns, self._open
        missing = [one for one in columns.values() if one.needed and is_open(one)]
        if not screen.on_terminal():
            if missing:
                names = "、".join(f"{column.flag}（{column.heading}）" for column in missing)
                raise UsageFault(f"缺少选项 {names}。用 partybuild {self.record.ledger} add --help 查看写法。")
            return self.cells
        if missing:
            branches()  # a book that does not open says so before anything is typed in vain
        questions, branch = [*missing], columns.get("branch")
        if branch and branch.required and is_open(branch) and len(branches()) > 1:
            questions.append(branch)
        if self.record.ledger == "member" and not any(map(self.cells.get, ("staff_no", "id_number", "born_on"))):
            questions.append(columns["staff_no"])
        # Who was not there is always asked for, the rest where questions are asked anyway.
        known = {*self.record.presence, *self.record.carried} & self.cells.keys()
        further = (columns[key] for key in self.record.completing() if is_open(columns[key]))
        questions += (one for one in further if (not known if one.key in self.record.presence else missing))
        for column, said in ((columns[key], said) for key, said in self.cells.items() if questions):
            try:  # so does an option that is wrong
                self._understood(column, False, said)
            except ValueProblem as problem:
                wrong = f"{column.heading}（{column.flag}）：{problem.sentence}"
                raise UsageFault(f"{wrong}。没有写入任何内容。") from None
        self._ask(questions)
        return self.cells

    def again(self, wrong: str) -> dict[str, str]:
        """The cells once the clerk has corrected what did not do, typed or answered; Enter is for the one that is named."""
        screen.note(wrong)
        known = [one for one in self.record.columns.values() if one in self.asked or one.key in self.cells]
        answers = [f"{column.heading}：{self.cells.get(column.key, '')}" for column in known]
        named = next((one for one in known if wrong.startswith(f"{one.heading}（{one.flag}）")), None)
        otherwise = f"直接回车改“{named.heading}”" if named else ""
        chosen = ask.choose("改哪一项", answers, needed=named is None, otherwise=otherwise)
        column = known[answers.index(chosen)] if chosen or named is None else named
        self.cells.pop(column.key, None)
        self._ask([column])
        return self.cells

    def _open(self, column: "Column") -> bool:
        return self.cells.get(column.key) is None and column.key not in self.spoken_for

    def _ask(self, columns: "Sequence[Column]") -> None:
        if len(columns) > 1:
            screen.note(_STEPS)
        at, more = 0, len(columns) == 1
        while at < len(columns):
            column = columns[at]
            if not self._fits(column):
                at += 1
                continue
            if column.key in self.record.completing() and not more:
                more = True
                screen.note("还有吗？没有的直接回车。")
            try:
                said = self._answer(column)
            except ask.Stop as stop:
                before = [place for place in range(at) if columns[place] in self.asked]
                if stop.leaving or not before:
                    raise
                at = before[-1]
                self.cells.pop(columns[at].key, None)
                continue
            if column not in self.asked:
                self.asked.append(column)
            if said:
                self.cells[column.key] = said
            at += 1

    def _fits(self, column: "Column") -> bool:
        only_of = self.record.completing().get(column.key)
        try:
            return not only_of or self.record.columns["kind"].kind.parse(self.cells.get("kind")) in only_of
        except ValueProblem:  # told with the other problems of the record
            return False

    def _answer(self, column: "Column") -> str:
        heading, needed = column.heading, column.key not in self.record.completing()
        if column.key == "branch" and len(names := branches()) > 1:
            return ask.choose(heading, names, needed)
        if column.key == "group" and (names := groups()):
            return ask.choose(heading, names, needed, str if self.record.ledger == "member" else None)  # or a new one
        if column.kind.words:
            return ask.choose(heading, column.kind.words, needed, column.kind.parse)
        hint = HOW if column is spoken_of(self.record) else _HOW.get(column.kind.label, column.kind.label)
        question = column.asks or (heading if hint in ("", heading, "文字") else f"{heading}（{hint}）")
        return ask.prompt_for(question, partial(self._understood, column, needed), needed)

    def _understood(self, column: "Column", needed: bool, said: str) -> None:
        """ValueProblem where an answer is not; several persons are looked at by whoever knows them."""
        if column.kind.names != "member" and column.kind.parse(column.kind.meant(said, date.today())) is None:
            if needed:
                raise ValueProblem("这一项必须填写，请写上")
        elif column.kind.names == "member" or column.kind.links:
            with reading() as connection:
                several = column is spoken_of(self.record)
                if wrong := doubt(roster_of(connection), column, said, several):
                    raise ValueProblem(wrong)


def adding(ledger: str, own: Own) -> tuple[Callable[..., None], list[Parameter]]:
    """What `add` of a ledger does, and its parameters."""
    record = record_of(ledger)
    about = record.about

    def run(json: bool, **values: Said) -> None:
        from partybuild_cli.records.base.editing import add_records, read_some

        values, cells = options.told(record, values)
        many = many_of(values) if "all" in values else None
        if own.completed:
            cells = own.completed(cells, values)
        interview = Interview(record, cells, {about.key} if many and about else ())
        filled, line = interview.fill(), list[str]()
        while True:
            cells, meant = (filled, many) if many or not about else meant_by(record, filled)
            if meant and (home := branch_meant(cells.get("branch"))):
                cells["branch"] = filled["branch"] = home
            if interview.asked:
                line = [ledger, "add"]
                for column, said in ((record.columns[key], said) for key, said in cells.items()):
                    flag = "--on" if options.is_own_day(record, column) and column.key.endswith("_on") else column.flag
                    line += [flag, column.kind.meant(said, date.today())]  # days as they were meant
                line += meant.words() if meant else ()
                effects.so_far().command = line  # the answers are part of it: the log shall have it whole
            try:
                with writing() as (connection, change):
                    rows = records_of(record, about, cells, meant, roster_of(connection)) if about else [cells]
                    if own.worked_out:
                        rows = own.worked_out(connection, rows)
                    drafts = add_records(connection, change, record, rows)
                    told = read_some(connection, record, [draft.number or 0 for draft in drafts])
                break
            except (InputProblems, UsageFault) as fault:
                if not interview.asked:
                    raise
                filled = interview.again(fault.sentence)
        screen.warn(drafts)
        if json:
            documents = [screen.as_document(record, one) for one in told]
            screen.document(documents if len(documents) > 1 else documents[0])
            return
        if len(told) > _EACH:
            numbers = f"编号 {told[0].number} 至 {told[-1].number}"
            screen.say(f"已登记到{record.caption} {len(told)} 条，{numbers}：{screen.title_of(record, told[0])}等。")
        for one in told if len(told) <= _EACH else ():
            said = f"已登记到{record.caption}，编号 {one.number}：{screen.title_of(record, one)}。"
            screen.say(said + (own.remark(one) if own.remark else ""))
        if line:
            ask.teach(line)

    further = [*(own.further("add") if own.further else ()), *(many_options(record) if about else ())]
    return run, [*options.options_of(record, adding=True), *further, parameter("json", AsJson, False)]
