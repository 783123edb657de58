"""Records as they stood at the end of a day (历史时点)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit, UsageFault, ValueProblem
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kinds import DAY
from partybuild_cli.records.base.registry import captions, record
from partybuild_cli.store import asof

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Past:
    """The day that is looked back to, and the records that cannot be told as they stood on it, for the history is damaged."""

    day: date
    lost: Sequence[asof.Lost]

    def untold(self, ledger: str) -> str | None:
        """Which records of a ledger cannot be told, and by which entry, in words; None where all can."""
        lost = [one for one in self.lost if one.ledger == ledger]
        if not lost:
            return None
        more = f" 等 {len(lost)} 条" if len(lost) > _NAMED else ""
        names = "、".join(f"编号 {one.number}（日志第 {one.change} 次变更）" for one in lost[:_NAMED])
        return f"{captions()[ledger]}{names}{more}"

    def must_tell(self, ledger: str) -> None:
        """Unfit where it cannot."""
        untold = self.untold(ledger)
        if untold:
            raise Unfit(
                f"{untold}在 {self.day} 的样子说不出来，因为日志已损坏。请用 partybuild doctor 查明，用 partybuild restore 对照备份。"
            )


def go_back(connection: Connection, day: str, records: Iterable[type[Record]]) -> Past:
    """Let the connection see the ledgers, and who was who, as they stood at the end of a day.

    UsageFault where it is no full date or lies ahead; NotFound where the book is younger.
    """
    then = _day(day)
    seen = dict.fromkeys([record("branch"), record("member"), *records])
    return Past(then, asof.travel(connection, [one.shape() for one in seen], asof.last_change_on(connection, then)))


def _day(text: str) -> date:
    try:
        day = DAY.parse(DAY.meant(text, date.today()))
    except ValueProblem as problem:
        raise UsageFault(f"--as-of：{problem.sentence}。") from None
    if day is None or len(day) < 10:
        raise UsageFault("--as-of 要写到日，如 2026-09-05。")
    then = date.fromisoformat(day)
    if then > date.today():
        raise UsageFault(f"--as-of {then} 还没有到，请写今天或以前的日期。")
    return then
