"""Who is who on a roster (同一个人): by 工号, else by 公民身份号码, else by name and birth; namesakes are never merged."""

import re
from collections.abc import Callable, Hashable, Iterator
from itertools import product
from operator import eq

from partybuild_cli.records.base.column import Column, Values
from partybuild_cli.records.base.row import Matcher, ResolvedRow
from partybuild_cli.values.day import agrees
from partybuild_cli.values.idnumber import birth_day
from partybuild_cli.values.text import tight


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
        for other in self.under("工号", self.kept_key("工号", said)):
            row.refuse(
                "工号",
                said["staff_no"],
                f"这个工号已经是{self._called(other)}的，姓名、公民身份号码或出生日期却对不上，不能确定是同一个人，请核对工号",
            )
            return
        for kind, words in (("同名", "本支部已有同名"), ("同生", "别的支部已有姓名和出生日期都相同")):
            for other in self.under(kind, self.kept_key(kind, said)):
                kept = self._rows[other]
                told_apart = next((word for part, word in _NUMBERS.items() if said.get(part) and kept.get(part)), "")
                if kind == "同生" and (told_apart or kept.get("branch_id") == said.get("branch_id")):
                    continue
                if not told_apart and not (kind == "同名" and other < 0 and _born(said) and _born(kept)):
                    first = f"；他没有登记的先用 partybuild member edit {other} 补上" if other > 0 else ""
                    message = (
                        f"{words}的{self._called(other)}，没有工号或公民身份号码可以核对，不能确定是不是同一个人；"
                        f"请在这一行补上工号或公民身份号码，同一个人写相同的，另一个人写他自己的{first}"
                    )
                    row.refuse("姓名", said["name"], message)
                    return
                if told_apart and other > 0:
                    message = f"本支部已有同名的{self._called(other)}，{told_apart}不同，按另一个人添加，请核对"
                    row.warn("姓名", said["name"], message)
        for other in self.under("身份", said.get("id_number"))[:1]:
            message = f"这个公民身份号码已经是{self._called(other)}的，姓名或工号却不同，不能确定是同一个人，请核对公民身份号码"
            row.refuse("公民身份号码", "", message)

    def _called(self, number: int) -> str:
        return f"编号 {number}（{self._rows[number].get('name')}）" if number > 0 else "前面一行"

    def keys(self, row: Values) -> Iterator[tuple[str, Hashable | None]]:
        """By name only those who have neither number that the row has."""
        staff_no, id_number = row.get("staff_no"), row.get("id_number")
        if staff_no:
            yield "工号", self.kept_key("工号", row)
        if id_number:
            yield "身份", id_number
        if staff_no:
            yield "近似", self.kept_key("近似", row)
        for kinds in product((False,) if staff_no else (False, True), (False,) if id_number else (False, True)):
            yield "姓名", (row.get("branch_id"), row.get("name"), *kinds)

    def kept_key(self, kind: str, row: Values) -> Hashable | None:
        """Each number, or the name; beside the name in 姓名 which kinds of number there are."""
        staff_no, id_number = row.get("staff_no"), row.get("id_number")
        if kind == "身份":
            return id_number or None
        if kind == "同名":
            return row.get("branch_id"), row.get("name")
        if kind == "同生":
            born = _born(row) or ""
            return (row.get("name"), born) if len(born) == 10 else None
        if kind == "姓名":
            return row.get("branch_id"), row.get("name"), bool(staff_no), bool(id_number)
        return None if not staff_no else _plain(staff_no) if kind == "工号" else _bare(staff_no)

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
        return [
            *self.alike(row),
            *(one for kind in ("身份", "工号") for one in self.under(kind, self.kept_key(kind, row))),
        ]

    def bearer(self, row: ResolvedRow, column: Column) -> int | None:
        """Another member who has the name, the 工号 or the 公民身份号码 that the row says."""
        value = row.stored.get(column.key)
        if value is None or column.key == "born_on":
            return None
        others = ((n, kept) for n, kept in self._rows.items() if n > 0 and n != row.parsed.number)
        return next((n for n, kept in others if kept.get(column.key) == value), None)


_NUMBERS = {"staff_no": "工号", "id_number": "公民身份号码"}
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


def spelled_alike(one: str, other: str) -> bool:
    """Whether two 工号 differ by nothing but a letter in front that only one has, or a zero that was lost."""
    first, second = _plain(one), _plain(other)
    letters = [_LETTERS.match(number) for number in (first, second)]
    return _bare(one) == _bare(other) and not (letters[0] and letters[1] and letters[0][0] != letters[1][0])


def _born(row: Values) -> str | None:
    """When somebody was born, by the day that is kept, else by his 公民身份号码."""
    id_number = row.get("id_number")
    return row.get("born_on") or (birth_day(id_number) if id_number and len(id_number) == 18 else None)


def _agree(one: str | None, two: str | None, alike: Callable[[str, str], bool] = eq) -> bool | None:
    """Whether two values are the same; None where one is not known."""
    return alike(one, two) if one and two else None
