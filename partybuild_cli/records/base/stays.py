"""One member, several branches (组织关系的经过): what two books say of where he belonged, joined into one row of stays.

Each branch knows its own part: the old one when he left, the new one when he came. On no day he belongs to two.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.day import agrees, finer

#: Whose word holds where both sides changed the same.
Prefer = Literal["", "branch", "committee"]
#: Whether the branch's book said so before, under a column.
SaidBefore = Callable[[str, str | None], bool]
#: Stands for a day that is later than any.
_LAST = "9999"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A member in one branch: when he came and left, and where he went; open where he is still there."""

    branch: int
    came: str | None
    left: str | None
    to: str | None


def join(
    ours: Sequence[Stretch], theirs: Sequence[Stretch], said: SaidBefore, names: Mapping[int, str], prefer: Prefer = ""
) -> tuple[list[Stretch], list[str]]:
    """The stays after a book has told its part, in their order, and what is to be told a person.

    ValueProblem, with both sides in it, where they contradict each other and nobody is preferred.
    """
    result, new = list(ours), set[int]()
    for one in theirs:
        at = _same_stay(result, one)
        if at is None:
            result.append(one)
        else:
            result[at] = _merged(result, at, one, said, names, prefer)
        new.add(len(result) - 1 if at is None else at)
    order = sorted(range(len(result)), key=lambda at: _place(result, at, names))
    return _in_a_row([result[at] for at in order], [at in new for at in order], names, prefer)


def _same_stay(stays: Sequence[Stretch], one: Stretch) -> int | None:
    """The place of the same stay: in the same branch, on days that meet; of several the one of the same arrival, else the last."""
    meeting = [
        at
        for at, other in enumerate(stays)
        if other.branch == one.branch
        and (other.came or "") < (one.left or _LAST)
        and (one.came or "") < (other.left or _LAST)
    ]
    return max(meeting, key=lambda at: (stays[at].came == one.came, at), default=None)


def _merged(
    stays: Sequence[Stretch], at: int, one: Stretch, said: SaidBefore, names: Mapping[int, str], prefer: Prefer
) -> Stretch:
    old = stays[at]
    came = _pick("arrived_on", "转入日期", old.came, one.came, said, prefer)
    moved = any(other.came == old.left for other in stays if other is not old)
    if moved and one.left and old.left and not agrees(one.left, old.left) and one.left < old.left:
        left: str | None = (
            one.left
        )  # the branch that he left knows the day; the next one is there before he belongs to it
    else:
        left = _pick("left_on", "转出日期", old.left, one.left, said, prefer)
    to = one.to if left == one.left and one.to and not (old.to and old.to in names.values()) else old.to
    return Stretch(old.branch, came, left, to if left else None)


def _pick(key: str, heading: str, old: str | None, new: str | None, said: SaidBefore, prefer: Prefer) -> str | None:
    """Of two days the one that was changed; a blank only takes back what the same book had said."""
    if new is None:
        return None if old is not None and said(key, old) else old
    if old is None or said(key, old):
        return new
    if said(key, new):
        return old
    if agrees(old, new):
        return finer(old, new)
    if not prefer:
        raise ValueProblem(f"{heading}两边不一致：支部报 {new}，党委这里是 {old}")
    return new if prefer == "branch" else old


def _place(stays: Sequence[Stretch], at: int, names: Mapping[int, str]) -> tuple[str, str]:
    """In which order stays come; of unknown arrival first, unless he is still there and another leads there."""
    one = stays[at]
    led = one.left is None and any(other.to == names.get(one.branch) for other in stays if other is not one)
    return one.came or (_LAST if led else ""), one.left or _LAST


def _in_a_row(
    stays: list[Stretch], new: Sequence[bool], names: Mapping[int, str], prefer: Prefer
) -> tuple[list[Stretch], list[str]]:
    remarks = []
    for at in range(len(stays) - 1):
        one, after = stays[at], stays[at + 1]
        here, there = names.get(one.branch, ""), names.get(after.branch, "")
        if one.left is None and after.came is None:
            raise ValueProblem(f"{here}和{there}都登记着他，两边都没有写转入、转出日期，不知道他现在在哪个支部")
        if one.left is None:
            stays[at] = replace(one, left=after.came, to=one.to or there)
            remarks.append(f"{there} {after.came} 转入，{here}还没有登记转出，按这一天转出计")
        elif after.came is None:
            stays[at + 1] = replace(after, came=one.left)
        elif after.came < one.left and not agrees(after.came, one.left):
            if not prefer or (one.came or "") >= after.came:
                raise ValueProblem(f"{here}登记 {one.left} 转出，{there}登记 {after.came} 转入，有几天同时在两个支部")
            if new[at] == (prefer == "branch"):
                stays[at + 1] = replace(after, came=one.left)
            else:
                stays[at] = replace(one, left=after.came)
    return stays, remarks
