"""A new record (登记): the questions that it still needs on a terminal, and `add` of every ledger."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from inspect import Parameter
from typing import TYPE_CHECKING

from partybuild_cli.cli import ask, options, screen, whom
from partybuild_cli.cli.lazy import parameter
from partybuild_cli.cli.options import AsJson, Cells, Own, Said
from partybuild_cli.cli.session import branches, groups, reading, roster_of, writing
from partybuild_cli.errors import InputProblems, UsageFault, ValueProblem

if TYPE_CHECKING:
    from partybuild_cli.records.base.column import Column
    from partybuild_cli.records.base.declare import Record

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
        missing = [one for one in self.record.columns.values() if one.needed and self._open(one)]
        if not screen.on_terminal():
            if missing:
                names = "、".join(f"{column.flag}（{column.heading}）" for column in missing)
                raise UsageFault(f"缺少选项 {names}。用 partybuild {self.record.ledger} add --help 查看写法。")
            return self.cells
        if missing:
            branches()  # a book that does not open says so before anything is typed in vain
        questions = [*missing, *self._where_and_who(), *self._completing(bool(missing))]
        for key in self.cells if questions else ():  # so does an option that is wrong
            self._check(self.record.columns[key], self.cells[key])
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

    def _check(self, column: "Column", said: str) -> None:
        try:
            self._understood(column, False, said)
        except ValueProblem as problem:
            raise UsageFault(f"{column.heading}（{column.flag}）：{problem.sentence}。没有写入任何内容。") from None

    def _open(self, column: "Column") -> bool:
        return self.cells.get(column.key) is None and column.key not in self.spoken_for

    def _where_and_who(self) -> "list[Column]":
        columns, branch = self.record.columns, self.record.columns.get("branch")
        several = branch and branch.required and self._open(branch) and len(branches()) > 1
        known = any(self.cells.get(key) for key in ("staff_no", "id_number", "born_on"))
        told_apart = [columns["staff_no"]] if self.record.ledger == "member" and not known else []
        return [branch, *told_apart] if branch and several else told_apart

    def _completing(self, asking: bool) -> "list[Column]":
        """What a record should say besides: who was not there is always asked for, the rest where questions are asked anyway."""
        known = {*self.record.presence, *self.record.carried} & self.cells.keys()
        found = [self.record.columns[key] for key in self.record.completing]
        return [one for one in found if self._open(one) and (not known if one.key in self.record.presence else asking)]

    def _ask(self, columns: "Sequence[Column]") -> None:
        if len(columns) > 1:
            screen.note(_STEPS)
        at, more = 0, len(columns) == 1
        while at < len(columns):
            column = columns[at]
            if not self._fits(column):
                at += 1
                continue
            if column.key in self.record.completing and not more:
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
        only_of = self.record.completing.get(column.key)
        try:
            return not only_of or self.record.columns["kind"].kind.parse(self.cells.get("kind")) in only_of
        except ValueProblem:  # told with the other problems of the record
            return False

    def _answer(self, column: "Column") -> str:
        heading, needed = column.heading, column.key not in self.record.completing
        if column.key == "branch" and len(names := branches()) > 1:
            return ask.choose(heading, names, needed)
        if column.key == "group" and (names := groups()):
            return ask.choose(heading, names, needed, str if self.record.ledger == "member" else None)  # or a new one
        if column.kind.words:
            return ask.choose(heading, column.kind.words, needed, column.kind.parse)
        hint = whom.HOW if column is whom.spoken_of(self.record) else _HOW.get(column.kind.label, column.kind.label)
        question = column.asks or (heading if hint in ("", heading, "文字") else f"{heading}（{hint}）")
        return ask.prompt_for(question, partial(self._understood, column, needed), needed)

    def _understood(self, column: "Column", needed: bool, said: str) -> None:
        """ValueProblem where an answer is not; several persons are looked at by whoever knows them."""
        if column.kind.names != "member" and column.kind.parse(column.kind.meant(said, date.today())) is None:
            if needed:
                raise ValueProblem("这一项必须填写，请写上")
        elif column.kind.names == "member" or column.kind.links:
            with reading() as connection:
                several = column is whom.spoken_of(self.record)
                if wrong := whom.doubt(roster_of(connection), column, said, several):
                    raise ValueProblem(wrong)


def adding(record: "type[Record]", own: Own) -> tuple[Callable[..., None], list[Parameter]]:
    about = record.about

    def run(json: bool, **values: Said) -> None:
        from partybuild_cli.records.base.editing import add_records, read_some

        values, cells = options.told(record, values)
        many = whom.many_of(values) if "all" in values else None
        if own.completed:
            cells = own.completed(cells, values)
        interview = Interview(record, cells, {about.key} if many and about else ())
        filled, line = interview.fill(), list[str]()
        while True:
            cells, meant = (filled, many) if many or not about else whom.read(record, filled)
            if meant and (home := whom.branch_of(cells.get("branch"))):
                cells["branch"] = filled["branch"] = home
            if interview.asked:
                line = [record.ledger, "add", *_flags(record, cells), *(meant.words() if meant else ())]
                ask.completed(line)
            try:
                with writing() as (connection, change):
                    rows = whom.rows(record, about, cells, meant, roster_of(connection)) if about else [cells]
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

    further = [*(own.further("add") if own.further else ()), *(whom.parameters(record) if about else ())]
    return run, [*options.options_of(record, adding=True), *further, parameter("json", AsJson, False)]


def _flags(record: "type[Record]", cells: Cells) -> list[str]:
    """The options that say what the cells say, with days as they were meant."""
    words: list[str] = []
    for key, value in cells.items():
        column = record.columns[key]
        flag = "--on" if options.is_own_day(record, column) and key.endswith("_on") else column.flag
        words += [flag, column.kind.meant(value, date.today())]
    return words
