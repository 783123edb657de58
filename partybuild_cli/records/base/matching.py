"""Which kept record a row means (对上已有的记录), and who is who on a roster (同一个人).

By 工号 people are told apart, else by 公民身份号码, else by name and birth; namesakes are never merged.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from operator import eq

from partybuild_cli.records.base.column import Column, Values
from partybuild_cli.records.base.row import ResolvedRow
from partybuild_cli.values.day import agrees
from partybuild_cli.values.people import birth_day
from partybuild_cli.values.text import tight


class Matcher:
    """Finds the kept record, or the earlier row of the same sheet, that a row means: never by a name alone, never by chance."""

    def __init__(self, columns: Iterable[Column], rows: Mapping[int, Values]) -> None:
        self._plain: list[str] = []
        self._days: list[str] = []
        for column in columns:
            (self._days if column.kind.vague else self._plain).extend(column.parts)
        self._rows: dict[int, Values] = dict(rows)
        self._index: dict[str, dict[Hashable, list[int]]] = {}

    def find(self, row: ResolvedRow) -> int | None:
        """The number that the row means, None where it is new; a clash becomes a problem of the row."""
        number = row.parsed.number
        if number in self._rows:
            return number
        found = self.alike(row.stored)
        if len(found) > 1:
            names = "、".join(map(str, found[:5]))
            message = f"与 {len(found)} 条已有记录（编号 {names}）都相符，不能确定是哪一条，请补全日期或工号"
            row.refuse("", "", message)
        return found[0] if found else None

    def reworded(self, row: ResolvedRow, number: int) -> Values:
        """What the row says in other words than the record that it means, whose words stay."""
        return {}

    def remember(self, number: int, row: Values) -> None:
        """Let later rows of the sheet meet this one."""
        self._rows[number] = row
        for kind, index in self._index.items():
            if (key := self.kept_key(kind, row)) is not None:
                index.setdefault(key, []).append(number)

    def keys(self, row: Values) -> Iterator[tuple[str, Hashable | None]]:
        """The kinds of key under which a row is looked for, the strongest first, and its own of each."""
        yield "", self.kept_key("", row)

    def kept_key(self, kind: str, row: Values) -> Hashable | None:
        """The key of a kind under which a row is found; None where it has none."""
        return tuple(tight(text) if isinstance(text, str) else text for text in map(row.get, self._plain))

    def fits(self, row: Values, other: Values) -> bool:
        """Whether two rows of one key may be the same record: no day of the identity contradicts."""
        return all(
            row.get(part) is None or other.get(part) is None or agrees(row[part], other[part]) for part in self._days
        )

    def under(self, kind: str, key: Hashable | None) -> Sequence[int]:
        """The records that have a key, none where there is none; who has one is gathered when a kind is first asked for."""
        if key is None:
            return ()
        index = self._index.get(kind)
        if index is None:
            index = self._index[kind] = {}
            for number, row in self._rows.items():
                if (own := self.kept_key(kind, row)) is not None:
                    index.setdefault(own, []).append(number)
        return index.get(key, ())

    def alike(self, row: Values) -> list[int]:
        """The records that a row may mean; none where it is new."""
        for kind, key in self.keys(row):
            others = self.under(kind, key)
            found = [number for number in others if self.fits(row, self._rows[number])] if others else []
            if len(found) > 1:
                exact = [n for n in found if all(row.get(part) == self._rows[n].get(part) for part in self._days)]
                found = list(dict.fromkeys(exact or found))
            if found:
                return found
        return []

    def twins(self, row: Values) -> list[int]:
        """The records, the row itself among them, that cannot stand beside it."""
        return self.alike(row)

    def bearer(self, row: ResolvedRow, column: Column) -> int | None:
        """Another kept record that is known by what the row says under a column, if there is one."""
        return next((n for n in self.alike(row.stored) if n != row.parsed.number and n > 0), None)


class MemberMatcher(Matcher):
    """Members: by 工号, else by 公民身份号码, else by name and birth within the branch (同名不并)."""

    def find(self, row: ResolvedRow) -> int | None:
        """The same. What tells that it may be somebody else's record is a problem, or said where both can stand."""
        found = super().find(row)
        if found is None:
            if not row.problems:
                self._look_round(row, row.stored)
            return None
        number, kept = row.stored.get("staff_no"), self._rows[found].get("staff_no")
        if number and kept and number != kept and found != row.parsed.number and not spelled_alike(number, kept):
            row.warn("工号", number, f"公民身份号码和姓名都相同，按同一个人更新；原来的工号是 {kept}，请核对")
        return found

    def reworded(self, row: ResolvedRow, number: int) -> Values:
        """The 工号 as it is kept, where the row only spells it otherwise."""
        said, kept = row.stored.get("staff_no"), self._rows[number].get("staff_no")
        alike = said and kept and said != kept and number != row.parsed.number and spelled_alike(said, kept)
        return {"staff_no": kept} if alike else {}

    def _look_round(self, row: ResolvedRow, said: Values) -> None:
        """Somebody else's 工号, and a namesake of the branch, or of one day of birth, whom nothing tells apart, are problems of
        a new row."""

        def others(kind: str) -> Iterator[tuple[int, Values, str]]:
            for number in self.under(kind, self.kept_key(kind, said)):
                stored = self._rows[number]
                yield number, stored, f"编号 {number}（{stored.get('name')}）" if number > 0 else "前面一行"

        for _, _, called in others("工号"):
            row.refuse("工号", said["staff_no"], f"这个工号已经是{called}的，{_NOT_THE_SAME}")
            return
        for kind, words in (("同名", "本支部已有同名"), ("同生", "别的支部已有姓名和出生日期都相同")):
            for other, stored, called in others(kind):
                told_apart = next((word for part, word in _NUMBERS.items() if said.get(part) and stored.get(part)), "")
                if kind == "同生" and (told_apart or stored.get("branch_id") == said.get("branch_id")):
                    continue
                if told_apart and other > 0:
                    row.warn(
                        "姓名", said["name"], f"本支部已有同名的{called}，{told_apart}不同，按另一个人添加，请核对"
                    )
                elif not told_apart and not (kind == "同名" and other < 0 and _born(said) and _born(stored)):
                    first = f"；他没有登记的先用 partybuild member edit {other} 补上" if other > 0 else ""
                    row.refuse("姓名", said["name"], f"{words}的{called}，{_UNKNOWN}{first}")
                    return
        for _, _, called in [*others("身份")][:1]:
            row.refuse("公民身份号码", "", f"这个公民身份号码已经是{called}的，{_ANOTHERS}")

    def keys(self, row: Values) -> Iterator[tuple[str, Hashable | None]]:
        """By name only those who have neither number that the row has."""
        staff_no, id_number = row.get("staff_no"), row.get("id_number")
        for kind in ("工号", "身份", "近似"):
            yield kind, self.kept_key(kind, row)
        for kinds in product((False,) if staff_no else (False, True), (False,) if id_number else (False, True)):
            yield "姓名", (row.get("branch_id"), row.get("name"), *kinds)

    def kept_key(self, kind: str, row: Values) -> Hashable | None:
        """Each number, or the name; beside the name in 姓名 which kinds of number there are."""
        staff_no, id_number = row.get("staff_no") or "", row.get("id_number") or ""
        if kind in ("工号", "近似"):
            return (_plain(staff_no) if kind == "工号" else _bare(staff_no)) or None
        if kind == "身份":
            return id_number or None
        if kind == "同生":
            born = _born(row) or ""
            return (row.get("name"), born) if len(born) == 10 else None
        namesake = (row.get("branch_id"), row.get("name"))
        return namesake if kind == "同名" else (*namesake, bool(staff_no), bool(id_number))

    def fits(self, row: Values, other: Values) -> bool:
        """Neither 工号 nor 身份号码 contradicts; without either in common, the birth must be known and agree.

        A 公民身份号码 and a name that are both the same are one person, whatever the 工号; a 工号 that is only spelled alike
        is the same where the name or the 公民身份号码 is.
        """
        name = row.get("name") == other.get("name")
        id_number = _agree(row.get("id_number"), other.get("id_number"))
        staff_no = _agree(_plain(row.get("staff_no")), _plain(other.get("staff_no")))
        if name and id_number and staff_no:
            return True
        if staff_no is False and (name or id_number) and spelled_alike(row["staff_no"], other["staff_no"]):
            staff_no = True
        born = _agree(_born(row), _born(other), agrees)
        if staff_no:
            return bool(
                id_number or (name and not (id_number is False and born is False)) or (born and id_number is None)
            )
        if id_number and name:
            return True
        if staff_no is False or id_number is False:
            return False
        return bool(id_number or born)

    def twins(self, row: Values) -> list[int]:
        """Those alike, and whoever bears the same 公民身份号码 under another 工号."""
        return [*self.alike(row), *(n for kind in ("身份", "工号") for n in self.under(kind, self.kept_key(kind, row)))]

    def bearer(self, row: ResolvedRow, column: Column) -> int | None:
        """Another member who has the name, the 工号 or the 公民身份号码 that the row says."""
        value = row.stored.get(column.key)
        if value is None or column.key == "born_on":
            return None
        others = ((n, stored) for n, stored in self._rows.items() if n > 0 and n != row.parsed.number)
        return next((n for n, stored in others if stored.get(column.key) == value), None)


_NUMBERS = {"staff_no": "工号", "id_number": "公民身份号码"}
_NOT_THE_SAME = "姓名、公民身份号码或出生日期却对不上，不能确定是同一个人，请核对工号"
_ANOTHERS = "姓名或工号却不同，不能确定是同一个人，请核对公民身份号码"
_UNKNOWN = (
    "没有工号或公民身份号码可以核对，不能确定是不是同一个人；"
    "请在这一行补上工号或公民身份号码，同一个人写相同的，另一个人写他自己的"
)
_MARKS = re.compile(r"^=?[\"'`‘’]+|[\"'’]+$|\.0+$")
_LETTERS = re.compile(r"^[A-Z]+")


def _plain(staff_no: str | None) -> str:
    """A 工号 in the form in which it is compared: NFKC, without marks around it, .0 behind it, and case."""
    if not staff_no or staff_no.isalnum():
        return tight(staff_no or "").upper()
    return _MARKS.sub("", tight(staff_no)).upper()


def _bare(staff_no: str) -> str:
    """The same without letters and zeros in front, which spreadsheets and systems add and lose."""
    plain = _plain(staff_no)
    return _LETTERS.sub("", plain).lstrip("0") or plain


def spelled_alike(text: str, other: str) -> bool:
    """Whether two 工号 differ by nothing but a letter in front that only one has, or a zero that was lost."""
    first, second = _plain(text), _plain(other)
    letters = [_LETTERS.match(number) for number in (first, second)]
    return _bare(text) == _bare(other) and not (letters[0] and letters[1] and letters[0][0] != letters[1][0])


def _born(row: Values) -> str | None:
    """When somebody was born, by the day that is kept, else by his 公民身份号码."""
    id_number = row.get("id_number")
    return row.get("born_on") or (birth_day(id_number) if id_number and len(id_number) == 18 else None)


def _agree(text: str | None, two: str | None, alike: Callable[[str, str], bool] = eq) -> bool | None:
    """Whether two values are the same; None where one is not known."""
    return alike(text, two) if text and two else None
