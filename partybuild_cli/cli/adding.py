"""The questions that a new record (登记) still needs on a terminal."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from partybuild_cli.cli import ask, screen, whom
from partybuild_cli.cli.options import Cells
from partybuild_cli.cli.session import branches, groups, reading, roster_of
from partybuild_cli.errors import UsageFault, ValueProblem

if TYPE_CHECKING:
    from partybuild_cli.records.base.column import Column
    from partybuild_cli.records.base.declare import Record

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

    def fill(self, missing: "Sequence[Column]") -> None:
        """Ask for what is missing and required, behind it for what the index or a check would miss, and of a member for what
        tells namesakes apart."""
        columns, is_open = self.record.columns, self._open
        if missing:
            branches()  # a book that does not open says so before anything is typed in vain
        questions, branch = [*missing], columns.get("branch")
        if branch and branch.required and is_open(branch) and len(branches()) > 1:
            questions.append(branch)
        if self.record.ledger == "member" and not any(map(self.cells.get, ("staff_no", "id_number", "born_on"))):
            questions.append(columns["staff_no"])
        # Who was not there is always asked for, the rest where questions are asked anyway.
        known = {*self.record.presence, *self.record.carried} & self.cells.keys()
        further = (columns[key] for key in self.record.completing if is_open(columns[key]))
        questions += (one for one in further if (not known if one.key in self.record.presence else missing))
        for column, said in ((columns[key], said) for key, said in self.cells.items() if questions):
            try:  # so does an option that is wrong
                self._understood(column, False, said)
            except ValueProblem as problem:
                wrong = f"{column.heading}（{column.flag}）：{problem.sentence}"
                raise UsageFault(f"{wrong}。没有写入任何内容。") from None
        self._ask(questions)

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

    def flags(self, cells: Cells) -> list[str]:
        """The options that say what the cells say, with days as they were meant."""
        words: list[str] = []
        for key, value in cells.items():
            column = self.record.columns[key]
            flag = "--on" if column is self.record.own_day and key.endswith("_on") else column.flag
            words += [flag, column.kind.meant(value, date.today())]
        return words
