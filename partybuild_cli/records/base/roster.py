"""Who is who, and who belonged to which branch on any day (花名册的两种问法: 谁是谁, 某日谁在哪个支部).

Members are read when they are asked about, by name, number or branch; where many are, all at once. Two members of one name are never merged: where the branch
does not tell them apart, the caller is asked for the 工号.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.seats import STATES, Reader, Seat, reader
from partybuild_cli.values.people import Person, split_people
from partybuild_cli.values.text import near_name, tidy_name

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: A 工号, or the number of the member's record (编号5), behind a name: it tells namesakes apart and is no reason.
_IN_BRACKETS = re.compile(r"[(（]\s*((?:编号)?[0-9A-Za-z]+)\s*[)）]")
_RECORD = re.compile(r"编号([0-9]{1,18})")
#: What can be the number of a record: no more digits than a database takes.
NUMBER = re.compile(r"\d{1,18}")
#: After so many questions everybody is read, which is quicker than asking on.
_PATIENCE = 500


@dataclass(slots=True)
class Roster:
    """The members and branches of a book, for resolving names and asking who belonged where."""

    branches: dict[str, int] = field(default_factory=dict)
    branch_names: dict[int, str] = field(init=False, default_factory=dict)
    branch_kinds: dict[int, str | None] = field(default_factory=dict)
    _read: Reader | None = None
    _read_states: Callable[[], Iterable[Any]] = tuple
    _states: dict[tuple[int, str], list[tuple[str, str, str]]] | None = None
    _ask: Reader | None = field(init=False)
    _asked: set[tuple[str, str | int]] = field(default_factory=set)
    _names: dict[int, str] = field(default_factory=dict)
    _staff_nos: dict[int, str] = field(default_factory=dict)
    _seats: list[Seat] = field(default_factory=list)
    _by_name: dict[str, set[int]] = field(default_factory=dict)
    _by_staff_no: dict[str, int] = field(default_factory=dict)
    _by_branch: dict[int, list[Seat]] = field(default_factory=dict)
    _homes: dict[int, set[int]] = field(default_factory=dict)
    _present: dict[int, int | None] = field(default_factory=dict)
    #: The organisation above each (上级党组织).
    above: dict[int, int] = field(default_factory=dict)
    #: Members whom another book's roster knows: what they are called there, where this one's words go to it.
    spoken: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ask = self._read
        self.branch_names |= {number: name for name, number in self.branches.items()}

    @property
    def seats(self) -> list[Seat]:
        """Everybody's, in the order of the roster."""
        self._meet("everybody", "")
        return sorted(self._seats, key=lambda seat: seat.member)

    @property
    def members(self) -> Collection[int]:
        """The numbers of all."""
        self._meet("everybody", "")
        return self._names.keys()

    def belonging(self, branch: int, day: str) -> list[Seat]:
        """Who belonged to the branch on that day, as he stood then, in the order of the roster; 停止党籍 is not counted."""
        self._meet("branch", branch)
        there = sorted(self._by_branch.get(branch, ()), key=lambda seat: seat.member)
        return [seat for one in there if one.holds_on(day) and (seat := one.on(day)).standing != "停止党籍"]

    def state(self, member: int, kind: str, day: str) -> str | None:
        """What holds of a member on a day of some kind of the ledger 任职和状态 (长期请假: 产假); None where nothing does."""
        if self._states is None:
            self._states = {}
            for number, word, *stretch in self._read_states():
                self._states.setdefault((number, word), []).append((stretch[0], stretch[1], stretch[2]))
        stretches = self._states.get((member, kind), ())
        return next((value for value, start, end in stretches if start <= day <= f"{end}~"), None)

    def on_leave(self, member: int, day: str) -> str | None:
        """Why a member is away on a day (长期请假: 产假), if he is."""
        return self.state(member, "长期请假", day)

    def home(self, member: int, day: str | None = None) -> int | None:
        """The member's branch on a day, else his present one."""
        self._meet("member", member)
        homes = self._homes.get(member, ()) if day else ()
        seats = (
            (seat for home in homes for seat in self._by_branch[home] if seat.member == member)
            if len(homes) > 1
            else ()
        )
        return next((seat.branch for seat in seats if seat.holds_on(day or "")), self._present.get(member))

    def homes(self, member: int) -> Collection[int]:
        """The branches to which he belongs or belonged."""
        self._meet("member", member)
        return self._homes.get(member, ())

    def name(self, member: int) -> str | None:
        """The member's name; None for one who is not there."""
        self._meet("member", member)
        return self._names.get(member)

    def shown(self, member: int) -> str:
        """The member's name; where two bear it, with the 工号 behind it, else the record's number, so that it is read back
        as the same person. One who was removed has a number only."""
        if member in self.spoken:
            return self.spoken[member]
        name = self.name(member)
        if name is None:
            return f"已删除的党员（编号 {member}）"
        if len(self._named(name)) > 1:
            return f"{name}({self._staff_nos.get(member, f'编号{member}')})"
        return name

    def known(self, word: str) -> bool:
        """Whether a word is the name or 工号 of some member, or both as 姓名#工号."""
        name, mark, staff_no = word.partition("#")
        return self._marked(staff_no) is not None if mark else bool(self._named(name) or self._bearer(name))

    def people(self, text: str) -> list[Person]:
        """The people that a cell names, with their reasons. ValueProblem when the text says that names are missing."""
        marked = _IN_BRACKETS.sub(lambda found: f"#{found[1]}" if self._marked(found[1]) else found[0], text)
        return [
            Person(f"{person.name.replace('#', '(')})", person.reason) if "#" in person.name else person
            for person in split_people(marked, self.known)
        ]

    def member(
        self, name: str, branch: int | None = None, day: str | None = None, beside: tuple[str, str] | None = None
    ) -> int:
        """The number of the member that `name` (or 工号, or 姓名(工号)) means.

        `branch` and `day` narrow whom a name can mean; so does what stands beside the name: his 工号 (`staff_no`), which must
        not be another's, or his `id_number`. ValueProblem when nobody or more than one remains.
        """
        word, _, bracket = tidy_name(name).rstrip(")").partition("(")
        mark = bracket or (beside[1] if beside and beside[0] == "staff_no" else "")
        marked = self._marked(mark)
        if marked is not None:
            if self._names[marked] != word:
                told = mark if mark.startswith("编号") else f"工号 {mark}"
                raise ValueProblem(f"{told} 是{self._names[marked]}，不是“{word}”。请核对这一行的姓名和工号")
            return marked
        if bracket.isascii() and bracket.isalnum() and any(map(str.isdigit, bracket)):
            raise ValueProblem(f"没有工号是 {bracket} 的党员。请核对“{word}”后面的工号")
        bearer = None if bracket else self._bearer(word)
        if bearer is not None:
            return bearer
        found = self._named(word)
        if not found:
            raise ValueProblem(
                f"花名册中没有“{word}”{self._or(self.near(word))}。请核对姓名，或先用 partybuild member add 登记"
            )
        if len(found) > 1 and beside and beside[0] == "id_number":
            found = {one for one in found if one in self._with_id(beside[1])} or found
        if len(found) > 1 and branch is not None:
            found = {one for one in found if branch in self._homes.get(one, ())} or found
        if len(found) > 1 and branch is not None and day is not None:
            here = {seat.member for seat in self._by_branch.get(branch, ()) if seat.holds_on(day)}
            found = found & here or found
        if len(found) > 1:
            raise ValueProblem(
                f"有 {len(found)} 名党员叫“{word}”，不能确定是谁。请写成 姓名(工号) 或 姓名(编号)，如 {self._example(found)}"
            )
        return next(iter(found))

    def why_not_due(self, member: int, branch: int, day: str, kind: str) -> str:
        """Why a member who is named was not due at a meeting, as a sentence."""
        name = self.shown(member)  # which reads his seats
        seats = [seat for seat in self._by_branch.get(branch, ()) if seat.member == member]
        if not seats:
            homes = [self.branch_names[home] for home in self._homes.get(member, ())]
            return f"{name}不在本支部（在{'、'.join(homes) or '其他单位'}），不能记为请假或缺席；外单位人员请填在列席中"
        if any(seat.holds_on(day) for seat in seats):
            return f"{name}不在这次{kind}的应到范围内，请核对党内职务、党小组，或从名单中去掉"
        if any(seat.starts and seat.starts > day for seat in seats):
            return f"{name}在 {day} 还不是本支部党员（{min(s.starts for s in seats if s.starts)} 起），请从名单中去掉或改正日期"
        return f"{name}在 {day} 已不在本支部（{max(s.ends for s in seats if s.ends)} 转出），请从名单中去掉或改正日期"

    def branch(self, name: str) -> int:
        """The number of the organisation called `name`. ValueProblem when there is none."""
        if name not in self.branches:
            near = self._parts(name) or [one for one in self.branches if near_name(name, one)]
            raise ValueProblem(f"没有叫“{name}”的党组织{self._or(near)}。请核对名称，或先用 partybuild branch add 登记")
        return self.branches[name]

    def branch_meant(self, said: str) -> int:
        """The number of the branch that a command means: its name, or a part that only one has. ValueProblem otherwise."""
        parts = self._parts(said)
        if said not in self.branches and len(parts) > 1:
            raise ValueProblem(f"“{said}”可能是{'、'.join(parts[:3])}，请写全名称")
        return self.branch(said if said in self.branches or not parts else parts[0])

    def _parts(self, said: str) -> list[str]:
        """The branches of whose names it is a part."""
        return [name for name in self.branches if said in name] if len(said) > 1 else []

    def near(self, word: str) -> list[str]:
        """The names of members that it may be a slip for."""
        self._meet("everybody", "")
        return [name for name in self._by_name if near_name(word, name)]

    @staticmethod
    def _or(names: list[str]) -> str:
        return f"，是不是{'、'.join(names[:3])}" if names else ""

    def below(self, number: int) -> list[int]:
        """The organisation and all that stand below it in the tree (党委、党总支、党支部), in the order of the book."""
        found = {number}
        while more := {one for one, upper in self.above.items() if upper in found} - found:
            found |= more
        return [one for one in self.branch_names if one in found]

    def only_branch(self) -> int | None:
        """The one branch (党支部) of a book that has but one."""
        real = [number for number, kind in self.branch_kinds.items() if kind in ("党支部", None)]
        return real[0] if len(real) == 1 else None

    def _example(self, members: Iterable[int]) -> str:
        return "、".join(sorted(map(self.shown, members))[:3])

    def _named(self, name: str) -> set[int]:
        """Those who bear a name."""
        self._meet("word", name)
        return self._by_name.get(name, set())

    def _marked(self, mark: str) -> int | None:
        """Whom the 工号 or the 编号 behind a name means."""
        found = _RECORD.fullmatch(mark)
        if found is None:
            return self._bearer(mark) if mark else None
        return int(found[1]) if self.name(int(found[1])) is not None else None

    def _bearer(self, staff_no: str) -> int | None:
        """Whose 工号 it is."""
        self._meet("word", staff_no)
        return self._by_staff_no.get(staff_no)

    def _with_id(self, id_number: str) -> set[int]:
        """Whose 公民身份号码 it is; asked only where a name alone does not say who."""
        return {int(row[0]) for row in self._ask("id_number", id_number.upper())} if self._ask else set()

    def _meet(self, who: str, value: str | int) -> None:
        """Read those whom a question is about, unless they have been read."""
        if self._read is None or (who, value) in self._asked:
            return
        if len(self._asked) >= _PATIENCE:
            who = "everybody"
        rows, known = self._read(who, value), frozenset(self._names)
        self._asked.add((who, value))
        if who == "everybody":
            self._read = None
        for number, name, staff_no, *seat in rows:
            if number not in known:
                self._enter(Seat(number, name, *seat), staff_no)

    def _enter(self, seat: Seat, staff_no: str | None) -> None:
        self._names[seat.member] = seat.name
        self._by_name.setdefault(seat.name, set()).add(seat.member)
        if staff_no:
            self._staff_nos[seat.member] = staff_no
            self._by_staff_no[staff_no] = seat.member
        self._seats.append(seat)
        self._present.setdefault(seat.member, seat.branch)
        if seat.branch is not None:
            self._by_branch.setdefault(seat.branch, []).append(seat)
            self._homes.setdefault(seat.member, set()).add(seat.branch)


def load_roster(connection: "Connection") -> Roster:
    """The roster of the book: its branches, and its members as they are asked about while the connection is open."""
    branches = list(connection.exec_driver_sql("SELECT id, name, kind, parent FROM branch ORDER BY id"))
    named = {name: number for number, name, *_ in branches}
    return Roster(
        named,
        {number: kind for number, _, kind, _ in branches},
        reader(connection),
        lambda: connection.exec_driver_sql(STATES).all(),
        above=dict(_above(named, branches)),
    )


def _above(
    named: Mapping[str, int], branches: Sequence[tuple[int, str, str | None, str | None]]
) -> Iterator[tuple[int, int]]:
    """Which organisation stands above which; one that names none stands below the book's only 党委."""
    tops = [number for number, _, kind, _ in branches if kind == "党委"]
    for number, _, _, parent in branches:
        upper = named.get(parent) if parent else tops[0] if len(tops) == 1 else None
        if upper is not None and upper != number:
            yield number, upper
