"""Asking on a terminal for what was not given (询问); nobody is asked where there is no terminal.

Any question may be answered 返回, which leads to the one before, or 退出; nothing has been written by then.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from typer import Abort

from partybuild_cli import effects
from partybuild_cli.cli import screen
from partybuild_cli.errors import UsageFault, ValueProblem

if TYPE_CHECKING:
    from partybuild_cli.records.base.column import Column
    from partybuild_cli.records.base.declare import Record

BACK, LEAVE = "返回", "退出"
_STEPS = f"（随时可写 {BACK} 改上一项，写 {LEAVE} 不做了）"


#: How an answer is written, where the name of its kind does not say it.
_HOW = {
    "日期": "如 9.25、昨天、2026-09-25", "是否": "是或否", "数字": "", "数量": "可写 300余",
    "日期，或“长期坚持”": "如 12.31、2026-12-31、长期坚持",
}  # fmt: skip


class Stop(Abort):
    """Who was asked does not go on: he steps back (返回), or leaves altogether (退出)."""

    def __init__(self, leaving: bool) -> None:
        super().__init__()
        self.leaving = leaving


class EndOfInputError(UsageFault):
    """Nobody is there any more to answer."""


@dataclass
class Interview:
    """The questions that a record still needs on a terminal, one after the other; each may be gone back to.

    Attributes:
        cells: what is known already, by column key.
        branches: names the branches of the book; which one is meant is asked only where there are several.
        groups: names the 党小组 of the book, if there are any.
        doubt: what is wrong with the people whom an answer names, if anything is.
        spoken_for: columns that are filled otherwise.
        hints: how the answer for a column is written, where its kind does not say it.
    """

    record: "type[Record]"
    cells: dict[str, str]
    branches: Callable[[], Sequence[str]]
    groups: Callable[[], Sequence[str]]
    doubt: Callable[["Column", str], str | None]
    spoken_for: frozenset[str] = frozenset()
    hints: Mapping[str, str] = field(default_factory=dict)
    asked: "list[Column]" = field(default_factory=list)

    def fill(self) -> dict[str, str]:
        """The cells with every required one: asked for on a terminal, else UsageFault names the missing options.

        Behind what is required comes what the index or a check would miss, and a member is asked for what tells
        namesakes apart.
        """
        missing = [one for one in self.record.columns.values() if must_say(one) and self._open(one)]
        if not screen.on_terminal():
            if missing:
                names = "、".join(f"{column.flag}（{column.heading}）" for column in missing)
                raise UsageFault(f"缺少选项 {names}。用 partybuild {self.record.ledger} add --help 查看写法。")
            return self.cells
        if missing:
            self.branches()  # a book that does not open says so before anything is typed in vain
        self._ask([*missing, *self._where_and_who(), *self._completing(bool(missing))])
        return self.cells

    def again(self, wrong: str) -> dict[str, str]:
        """The cells once the clerk has corrected one of his answers, which did not do; Enter is for the one that is named."""
        screen.note(wrong)
        answers = [f"{column.heading}：{self.cells.get(column.key, '')}" for column in self.asked]
        named = next((one for one in self.asked if wrong.startswith(f"{one.heading}（{one.flag}）")), None)
        otherwise = f"直接回车改“{named.heading}”" if named else ""
        chosen = choose("改哪一项", answers, needed=named is None, otherwise=otherwise)
        column = self.asked[answers.index(chosen)] if chosen or named is None else named
        self.cells.pop(column.key, None)
        self._ask([column])
        return self.cells

    def _open(self, column: "Column") -> bool:
        return self.cells.get(column.key) is None and column.key not in self.spoken_for

    def _where_and_who(self) -> "list[Column]":
        record, wanted = self.record, []
        branch = record.columns.get("branch")
        if branch is not None and branch.required and self._open(branch) and len(self.branches()) > 1:
            wanted.append(branch)
        telling = [column for column in record.identity() if column.key in ("staff_no", "id_number")]
        if record.ledger == "member" and not any(self.cells.get(key) for key in ("staff_no", "id_number", "born_on")):
            wanted.append(telling[0])
        return wanted

    def _completing(self, asking: bool) -> "list[Column]":
        """What a record should say besides: who was not there is always asked for, the rest where questions are asked anyway."""
        known = {*self.record.presence, *self.record.carried} & self.cells.keys()
        found = [self.record.columns[key] for key in self.record.completing()]
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
            if column.key in self.record.completing() and not more:
                more = True
                screen.note("还有吗？没有的直接回车。")
            try:
                said = self._answer(column)
            except Stop as stop:
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
        """Whether it is asked of a record of this kind."""
        only_of = self.record.completing().get(column.key)
        try:
            return not only_of or self.record.columns["kind"].kind.parse(self.cells.get("kind")) in only_of
        except ValueProblem:  # told with the other problems of the record
            return False

    def _answer(self, column: "Column") -> str:
        needed = column.key not in self.record.completing()
        if column.key == "branch" and len(names := self.branches()) > 1:
            return choose(column.heading, names, needed)
        if column.key == "group" and (names := self.groups()):
            return choose(
                column.heading, names, needed, str if self.record.ledger == "member" else None
            )  # or a new one
        if column.kind.words:
            return choose(column.heading, column.kind.words, needed, column.kind.parse)
        hint = self.hints.get(column.key, _HOW.get(column.kind.label, column.kind.label))
        question = column.asks or (
            column.heading if hint in ("", column.heading, "文字") else f"{column.heading}（{hint}）"
        )
        return prompt_for(question, partial(self._understood, column, needed), needed)

    def _understood(self, column: "Column", needed: bool, said: str) -> None:
        """ValueProblem where an answer is not; several persons are looked at by whoever knows them."""
        if column.kind.names != "member" and column.kind.parse(column.kind.meant(said, date.today())) is None:
            if needed:
                raise ValueProblem("这一项必须填写，请写上")
        elif wrong := self.doubt(column, said):
            raise ValueProblem(wrong)


def must_say(column: "Column") -> bool:
    """Whether a command cannot do without the column: no title speaks for it, only its branch may go without saying."""
    return column.required and column.key != "branch"


def choose(
    heading: str,
    words: Sequence[str],
    needed: bool = True,
    parse: Callable[[str], object] | None = None,
    back: str = BACK,
    otherwise: str = "没有就直接回车",
) -> str:
    """One of the words, by its number, itself, or a part that only it has; empty where none is needed and none was chosen.

    `parse` knows other words for them. 0 is for `back`; `otherwise` says what Enter does.
    """
    screen.numbered(words)
    screen.note(f"  0. {back}")
    while True:
        said = prompt(f"{heading}（写序号{'' if needed else f'，{otherwise}'}）")
        if not said and not needed:
            return ""
        if said == "0":
            raise Stop(leaving=back == LEAVE)
        if said.isdecimal() and 1 <= int(said) <= len(words):
            return words[int(said) - 1]
        found = [word for word in words if said == word] or [word for word in words if said and said in word]
        if not found and parse is not None:
            try:
                found = [str(meant) for meant in [parse(said)] if meant is not None]
            except ValueProblem:
                found = []
        if len(found) == 1:
            return found[0]
        screen.note(f"“{said}”可能是{'、'.join(found[:4])}，请写序号。" if found else "没有这一个，请写前面的序号。")


def prompt(question: str) -> str:
    """One answer, without surrounding blanks. UsageFault at the end of input, Stop for 返回 and 退出."""
    from partybuild_cli.store.engine import may_ask

    may_ask()
    try:
        print(f"{question}：", end="", file=sys.stderr, flush=True)  # standard output may lead elsewhere
        said = input().strip()
    except EOFError:
        raise EndOfInputError("输入已结束，没有写入任何内容。") from None
    if said in (BACK, LEAVE):
        raise Stop(leaving=said == LEAVE)
    return said


def confirm(question: str, yes: bool, flag: str = "--yes") -> bool:
    """Whether the clerk agrees; without a terminal the flag must have said so."""
    if yes:
        return True
    if not screen.on_terminal():
        raise UsageFault(f"{question}没有终端可以确认，请加 {flag}。没有写入任何内容。")
    return prompt(f"{question}确定请输入 y").lower() in ("y", "yes", "是")


def completed(line: Sequence[str]) -> None:
    """The answers are part of the command line: the log shall have it whole."""
    effects.so_far().command = line


def teach(line: Sequence[str]) -> None:
    """Say the line that would have done without the questions."""
    from partybuild_cli.store.history import clean_command

    screen.note(f"下次可以写成一行：{clean_command(['partybuild', *line])}")


def required(flag: str, heading: str, value: str | None, understood: Callable[[str], object] = str) -> str:
    """A value that a command cannot do without: as given, else asked for on a terminal, until it is `understood`."""
    return all_required((flag, heading, value), understood=understood)[0]


def all_required(*values: tuple[str, str, str | None], understood: Callable[[str], object] = str) -> list[str]:
    """The values of flags, each with what it is called; without a terminal UsageFault names all that are missing."""
    missing = [f"{flag}（{heading}）" for flag, heading, value in values if not value]
    if missing and not screen.on_terminal():
        raise UsageFault(f"缺少选项 {'、'.join(missing)}。")
    return [value or prompt_for(heading, understood) for _, heading, value in values]


def prompt_for(question: str, understood: Callable[[str], object], needed: bool = True) -> str:
    """An answer that is understood: what is wrong with another is said, and it is asked for again, without the hint."""
    while True:
        said = prompt(question)
        if not said and not needed:
            return ""
        try:
            if said:
                understood(said)
                return said
            screen.note("这一项必须填写。")
        except (ValueProblem, UsageFault) as fault:
            screen.note(f"{fault.sentence.rstrip('。')}。")
        question = question.partition("（")[0] or question
