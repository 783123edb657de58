"""Who is who, and who belonged to which branch on any day (花名册的两种问法: 谁是谁, 某日谁在哪个支部).

All members are read when the first is asked about. Two of one name are never merged: who is meant is asked for by the 工号.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, select

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import SPAN, Span, earlier, table_of
from partybuild_cli.values.people import MARK, Person, split_people
from partybuild_cli.values.text import near_name, tidy_name

_RECORD = re.compile(r"编号([0-9]{1,18})")
NUMBER = re.compile(r"\d{1,18}")  # what can be the number of a record: no more digits than a database takes
_FULL_NAME = re.compile(r"(?:中共(?:.*(?:医院|党委|委员会|总支))?)?(.*?)党?支部(?:委员会)?")  # 全称
_COMMITTEE = ("书记", "委员")  # party posts whose holders are the branch committee (支部委员会: 书记 副书记 委员)
#: What in front of a post, or in brackets behind it, says that it is held no longer, or not yet.
_NOT_HELD = re.compile(r"^(?:原|前任|前|曾任|历任|已?离任|卸任|拟任|拟)|[(（](?:原|前任|曾任|离任|卸任|免|拟任)")
STILL = "~"  # later than every day on which a name was given up: whoever bears it still
UNSAID = ""  # a day that nobody said: a name is then anybody's who ever bore it


class Membership(NamedTuple):
    """A member in one branch over one stretch of days (open where None); a transfer inside the book makes two."""

    member: int
    branch: int | None
    starts: str | None
    ends: str | None
    name: str
    group: str | None
    party_post: str | None
    standing: str | None
    exempt_reason: str | None
    excluded_reason: str | None
    excluded_on: str | None
    staff_kind: str | None
    spans: tuple[Span, ...]

    def on(self, day: str) -> "Membership":
        """The same with what held on that day; of a day known no closer, on its last."""
        held = earlier(self.spans, day + "-99-99"[: 10 - len(day)])
        known = {key: value for key, value in held.items() if key in _HELD}
        return Membership(**{**self._asdict(), **known}) if known else self

    def holds_on(self, day: str) -> bool:
        """Whether the member belonged on `day` (YYYY-MM-DD or coarser: then on any day that it may mean). A start known only to
        the month counts from its first day; the day of leaving is the first outside, and a month of leaving counts whole."""
        last = day + "-99"[: 3 * (day.count("-") < 2)] if len(day) < 10 else day
        outside = self.ends if self.ends is None or len(self.ends) == 10 else f"{self.ends}-99"
        return (self.starts is None or self.starts <= last) and (outside is None or day < outside)

    def excused_on(self, day: str) -> bool:
        """Whether he is not counted in 应到: 免考核, or 不计入应到 as agreed by that day."""
        return self.exempt_reason is not None or self.not_counted_on(day)

    def not_counted_on(self, day: str) -> bool:
        """Whether 支部党员大会 had agreed by that day not to count him (不计入应到)."""
        return self.excluded_reason is not None and self.excluded_on is not None and self.excluded_on <= day

    @property
    def names(self) -> list[str]:
        """All that the member was ever called, the present name first."""
        past = (span.value or "" for span in self.spans if span.field == "name")
        return [*dict.fromkeys((self.name, *past))]

    @property
    def on_committee(self) -> bool:
        """支委: holds one of the posts of the branch committee."""
        return any(word in post for post in self.posts for word in _COMMITTEE)

    @property
    def posts(self) -> list[str]:
        """The posts that a cell names (书记兼纪检委员 is two), without those that are held no longer, or not yet."""
        said = re.split(r"[、，,;；/\s]+|兼任?", self.party_post or "")
        return [post for post in said if post and not _NOT_HELD.search(post)]


#: What of a membership holds for a time, and what is that of a stay in a branch.
_HELD, _STAY = Membership._fields[4:-1], ("branch_id", "arrived_on", "left_on")
MEMBER = table_of("member", "id", "staff_no", "id_number", "joined_on", *_STAY, *_HELD)
STAY = table_of("stay", "member_id", *_STAY)
_BRANCH = table_of("branch", "id", "name", "kind", "parent")
_TENURE = table_of("tenure", "id", "member_id", "kind", "value", "started_on", "ended_on")


class _People:
    """Everybody who is on the roster, as the book has them; `named`: who bears a name, or ever bore it (曾用名)."""

    def __init__(self, connection: Connection | None) -> None:
        self.of: dict[int, list[Membership]] = {}  # the present one first
        self.in_branch: dict[int | None, list[Membership]] = {}
        self.staff_nos: dict[int, str] = {}
        self.named: dict[str, list[int]] = {}
        columns = ("id", "staff_no", "joined_on", *_STAY, *_HELD)
        members = select(*(MEMBER.c[name] for name in columns)).order_by(MEMBER.c.id)
        spans = spans_of(connection, "member") if connection else {}
        former: dict[int, list[list[Any]]] = {}
        for number, *row in connection.execute(select(STAY)) if connection else ():
            former.setdefault(number, []).append(row)
        for number, staff_no, joined, *now in connection.execute(members) if connection else ():
            past = (*spans.get(number, ()),)
            for branch, came, left in (now[:3], *former.get(number, ())):
                stay = Membership._make((number, branch, came or joined, left, *now[3:], past))
                self.of.setdefault(number, []).append(stay)
                self.in_branch.setdefault(branch, []).append(stay)
            for name in stay.names:
                self.named.setdefault(name, []).append(number)
            if staff_no:
                self.staff_nos[number] = staff_no
        self.bearers = {staff_no: number for number, staff_no in self.staff_nos.items()}

    @cached_property
    def paired(self) -> dict[tuple[int, str], list[str]]:
        """The names by their pairs of signs (the first two, the last two, the first and the last): not all of them are looked at
        for each that is unknown."""
        found: dict[tuple[int, str], list[str]] = {}
        for name in self.named:
            for pair in enumerate((name[:2], name[-2:], name[:1] + name[-1:])):
                found.setdefault(pair, []).append(name)
        return found


@dataclass
class Roster:
    """The members and branches of a book, for resolving names and asking who belonged where."""

    branches: dict[str, int]
    branch_kinds: dict[int, str | None]
    branch_names: dict[int, str] = field(default_factory=dict)
    only_branch: int | None = None  # the one branch (党支部) of a book that has but one
    above: dict[int, int] = field(default_factory=dict)  # the organisation above each (上级党组织)
    #: Members whom another book's roster knows: what they are called there, where this one's words go to it.
    spoken: dict[int, str] = field(default_factory=dict)
    _connection: Connection | None = None
    #: Which organisations bore a name (曾用名), each until when, in that order.
    borne: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    day: str = ""  # whose names are spoken; empty for today's

    @cached_property
    def _people(self) -> _People:
        return _People(self._connection)

    @property
    def memberships(self) -> list[Membership]:
        return [stay for stays in self._people.of.values() for stay in stays]

    @property
    def members(self) -> Collection[int]:
        return self._people.of.keys()

    def belonging(self, branch: int, day: str, unknown: Collection[int] = ()) -> list[Membership]:
        """Who belonged to the branch on that day, as he stood then, in the order of the roster; 停止党籍 is not counted, nor who
        was `unknown` by then (see `late`), unless it is said since when."""
        stays = self._people.in_branch.get(branch, ())
        there = (stay.on(day) for stay in stays if stay.holds_on(day) and (stay.starts or stay.member not in unknown))
        return [stay for stay in there if stay.standing != "停止党籍"]

    @cached_property
    def _states(self) -> dict[tuple[int, str], list[tuple[str, str, str]]]:
        found: dict[tuple[int, str], list[tuple[str, str, str]]] = {}
        query = select(_TENURE).order_by(_TENURE.c.id)
        for _, number, kind, value, start, end in self._connection.execute(query) if self._connection else ():
            found.setdefault((number, kind), []).append((value or kind, start or "", end or "9999"))
        return found

    def state(self, member: int, kind: str, day: str) -> str | None:
        """What holds of a member on a day of some kind of the ledger 任职和状态 (长期请假: 产假); None where nothing does."""
        held = self._states.get((member, kind), ())
        return next((value for value, start, end in held if start <= day <= f"{end}~"), None)

    def home(self, member: int, day: str | None = None) -> int | None:
        stays = self._people.of.get(member, [])
        there = [stay for stay in stays if day and stay.holds_on(day)] if len(stays) > 1 else []
        return (there or stays)[0].branch if stays else None

    def homes(self, member: int) -> Collection[int]:
        return {stay.branch for stay in self._people.of.get(member, ()) if stay.branch is not None}

    def name(self, member: int, day: str = "") -> str | None:
        """The member's name, on a day; None for one who is not there."""
        stays, day = self._people.of.get(member), day or self.day
        return None if not stays else (stays[0].on(day) if day else stays[0]).name

    def names(self, member: int) -> list[str]:
        """All that the member was ever called."""
        return [name for stay in self._people.of.get(member, ())[:1] for name in stay.names]

    @cached_property
    def _namesakes(self) -> dict[str, int]:
        """How many bear a name, or ever bore it; of a day that is past, how many of those who were there by then did."""
        if not self.day:
            return {name: len(bearers) for name, bearers in self._people.named.items()}
        from partybuild_cli.store.asof import added_after, known_by

        unknown, day = set[int](), self.day
        if self._connection is not None:
            unknown = added_after(self._connection, "member", known_by(self._connection, date.fromisoformat(day)))
        there = (
            stay for stay in self.memberships if (stay.starts <= day if stay.starts else stay.member not in unknown)
        )
        return Counter(self.name(member) or "" for member in {stay.member for stay in there})

    def shown(self, member: int, name: str | None = None) -> str:
        """The member's name, or another that he bore; where two bear it, with the 工号 behind it, else the record's number, so
        that it is read back as the same person. One who was removed has a number only."""
        if member in self.spoken:
            return self.spoken[member]
        name = name or self.name(member)
        if name is None:
            return f"已删除的党员（编号 {member}）"
        if self._namesakes.get(name, 0) > 1:
            return f"{name}({self._people.staff_nos.get(member, f'编号{member}')})"
        return name

    def known(self, word: str) -> bool:
        """Whether a word is the name or 工号 of some member, or both as 姓名#工号."""
        name, mark, staff_no = word.partition("#")
        people = self._people
        return self._marked(staff_no) is not None if mark else name in people.named or name in people.bearers

    def people(self, text: str) -> list[Person]:
        """The people that a cell names, with their reasons. ValueProblem when the text says that names are missing."""
        marked = MARK.sub(lambda found: f"#{found[1]}" if self._marked(found[1]) else found[0], text)
        return [
            Person(f"{person.name.replace('#', '(')})", person.reason) if "#" in person.name else person
            for person in split_people(marked, self.known)
        ]

    def member(
        self, name: str, branch: int | None = None, day: str | None = None, beside: tuple[str, str] | None = None
    ) -> int:
        """The number of the member that `name` (or 工号, or 姓名(工号)) means, narrowed by `branch`, `day` and what stands beside
        the name: his 工号 (`staff_no`), which must not be another's, or his `id_number`. ValueProblem unless it is one.
        """
        word, _, bracket = tidy_name(name).rstrip(")").partition("(")
        mark = bracket or (beside[1] if beside and beside[0] == "staff_no" else "")
        marked = self._marked(mark)
        if marked is not None:
            if marked not in self._people.named.get(word, ()):
                text = mark if mark.startswith("编号") else f"工号 {mark}"
                raise ValueProblem(f"{text} 是{self.name(marked)}，不是“{word}”。请核对这一行的姓名和工号")
            return marked
        if bracket.isascii() and bracket.isalnum() and any(map(str.isdigit, bracket)):
            raise ValueProblem(f"没有工号是 {bracket} 的党员。请核对“{word}”后面的工号")
        if not bracket and word in self._people.bearers:
            return self._people.bearers[word]
        found: set[int] = {*self._people.named.get(word, ())}
        if day != UNSAID:
            found = {member for member in found if self.name(member, day or "") == word} or found
        if not found:
            raise ValueProblem(
                f"花名册中没有“{word}”{_or(self.near(word))}。请核对姓名，或先用 partybuild member add 登记"
            )
        if len(found) > 1 and beside and beside[0] == "id_number":
            bearer = select(MEMBER.c.id).where(MEMBER.c.id_number == beside[1].upper())
            found = found & {*(self._connection.execute(bearer).scalars() if self._connection else ())} or found
        if len(found) > 1 and branch is not None:
            found = {member for member in found if branch in self.homes(member)} or found
        when = self.day if day is None else day
        if len(found) > 1 and when:
            stays = self.memberships if branch is None else self._people.in_branch.get(branch, [])
            here = {stay.member for stay in stays if stay.holds_on(when)}
            found = found & here or found
        if len(found) > 1:
            example = "、".join(sorted(map(self.shown, found))[:3])
            raise ValueProblem(
                f"有 {len(found)} 名党员叫“{word}”，不能确定是谁。请写成 姓名(工号) 或 姓名(编号)，如 {example}"
            )
        return next(iter(found))

    def why_not_due(self, member: int, branch: int, day: str, kind: str) -> str:
        """Why a member who is named was not due at a meeting, as a sentence."""
        name, stays = self.shown(member), [stay for stay in self._people.of.get(member, ()) if stay.branch == branch]
        if not stays:
            homes = "、".join(self.branch_names[home] for home in self.homes(member)) or "其他单位"
            return f"{name}不在本支部（在{homes}），不能记为请假或缺席；外单位人员请填在列席中"
        if any(stay.holds_on(day) for stay in stays):
            return f"{name}不在这次{kind}的应到范围内，请核对党内职务、党小组，或从名单中去掉"
        if any(stay.starts and stay.starts > day for stay in stays):
            return f"{name}在 {day} 还不是本支部党员（{min(s.starts for s in stays if s.starts)} 起），请从名单中去掉或改正日期"
        return f"{name}在 {day} 已不在本支部（{max(s.ends for s in stays if s.ends)} 转出），请从名单中去掉或改正日期"

    def branch(self, name: str, day: str | None = None) -> int:
        """The number of the organisation called `name`, on a day. ValueProblem when there is none, or nobody knows which."""
        found = self.numbered(name, day)
        if found is None and (said := _FULL_NAME.fullmatch(name)):  # 内科支部 of 内科党支部
            found = self.numbered(f"{said[1]}党支部", day) or self.numbered(f"{said[1]}支部", day)
        if day == UNSAID and (handed := self.handed_on(name)):
            until, former, now = handed
            raise ValueProblem(
                f"“{name}”在 {until} 以前是编号 {former} 的党组织（现在叫“{self.branch_names[former]}”），以后是编号 {now} 的，"
                f"看不出说的是哪一个。请在标题下面写上“填报日期：年月日”，或写成“{self.branch_names[former]}”或“{name}(编号{now})”"
            )
        if found is None:
            near = self._parts(name) or [branch for branch in self.branches if near_name(name, branch)]
            raise ValueProblem(f"没有叫“{name}”的党组织{_or(near)}。请核对名称，或先用 partybuild branch add 登记")
        return found

    def numbered(self, name: str, day: str | None = None) -> int | None:
        """The number of the organisation that is called so, or was on a day, else at another time; None where there is none."""
        called, _, number = name.rstrip(")").partition("(编号")
        if number.isdecimal() and int(number) in {bearer for _, bearer in self.borne.get(called, ())}:
            return int(number)
        held, day = self.borne.get(name), day or self.day or "9999"
        if held is None:
            return self.branches.get(name)
        last = day + "-99-99"[: 10 - len(day)]
        return next((bearer for until, bearer in held if until > last), held[-1][1])

    def handed_on(self, name: str) -> tuple[str, int, int] | None:
        """Until when a name was one organisation's, that one, and whose it is by now; None where it was never another's."""
        *_, (_, last) = held = self.borne.get(name, [("", 0)])
        return next(((until, bearer, last) for until, bearer in reversed(held) if bearer != last), None)

    def branch_meant(self, said: str, day: str | None = None) -> int:
        """The number of the branch that a command means: its name on a day, or a part that only one has. ValueProblem otherwise."""
        parts = [] if self.numbered(said) is not None else self._parts(said)
        if len(parts) > 1:
            raise ValueProblem(f"“{said}”可能是{'、'.join(parts[:3])}，请写全名称")
        return self.branch(parts[0] if parts else said, day)

    def _parts(self, said: str) -> list[str]:
        return [name for name in self.branches if said in name] if len(said) > 1 else []

    def near(self, word: str) -> list[str]:
        """The names of members that it may be a slip for: a slip of one sign leaves one pair of the signs as it was."""
        pairs, paired = enumerate((word[:2], word[-2:], word[:1] + word[-1:])), self._people.paired
        found = {name for pair in pairs for name in paired.get(pair, ()) if near_name(word, name)}
        return sorted(found, key=lambda name: min(self._people.named[name]))

    def beginning(self, word: str) -> list[str]:
        """The names of members that begin so."""
        return [name for name in self._people.named if name.startswith(word)]

    def below(self, number: int) -> list[int]:
        """The organisation and all that stand below it in the tree (党委、党总支、党支部), in the order of the book."""
        found = {number}
        while more := {lower for lower, upper in self.above.items() if upper in found} - found:
            found |= more
        return [branch for branch in self.branch_names if branch in found]

    def _marked(self, mark: str) -> int | None:
        """Whom the 工号 or the 编号 behind a name means."""
        found = _RECORD.fullmatch(mark)
        number = int(found[1]) if found else self._people.bearers.get(mark)
        return number if number in self._people.of else None


def _or(names: Sequence[str]) -> str:
    return f"，是不是{'、'.join(names[:3])}" if names else ""


def spans_of(connection: Connection, ledger: str, *conditions: ColumnElement[bool]) -> dict[int, list[Span]]:
    """The spans of the records of a ledger, by number, which fulfil further conditions."""
    found: dict[int, list[Span]] = {}
    for _, number, *span in connection.execute(select(SPAN).where(SPAN.c.ledger == ledger, *conditions)):
        found.setdefault(number, []).append(Span(*span))
    return found


def load_roster(connection: Connection, day: date | None = None) -> Roster:
    """The roster, its organisations as they are called, or were on a day; without one above they stand below the only 党委."""
    rows = connection.execute(select(_BRANCH).order_by(_BRANCH.c.id)).all()
    spans = spans_of(connection, "branch", SPAN.c.field.in_(("name", "parent")))
    roster = Roster({}, {}, _connection=connection, day=str(day) if day and day < date.today() else "")
    of_kind: dict[str, list[int]] = {"党委": [], "党支部": []}
    for number, some in spans.items():
        for span in some:
            if span.field == "name":
                roster.borne.setdefault(span.value or "", []).append((span.until, number))
    for held in roster.borne.values():
        held.sort()
    for number, name, kind, _ in rows:
        roster.borne.setdefault(name, []).append((STILL, number))
        roster.branch_kinds[number] = kind
        of_kind.setdefault(kind or "党支部", []).append(number)
    tops, real = of_kind["党委"], of_kind["党支部"]
    roster.only_branch = real[0] if len(real) == 1 else None
    for number, name, _, parent in rows:
        then = earlier(spans.get(number, ()), roster.day) if roster.day else {}
        name, parent = then.get("name") or name, then.get("parent", parent)
        name = name if roster.numbered(name) == number else f"{name}(编号{number})"
        roster.branches[name], roster.branch_names[number] = number, name
        upper = roster.numbered(parent) if parent else tops[0] if len(tops) == 1 else None
        if upper is not None and upper != number:
            roster.above[number] = upper
    return roster
