"""Records as they stood at the end of a day (历史时点)."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from partybuild_cli.errors import UsageFault, ValueProblem
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kinds import DAY
from partybuild_cli.records.base.registry import record
from partybuild_cli.store import asof


def go_back(connection: Connection, day: str, records: Iterable[type[Record]]) -> date:
    """Let the connection see the ledgers, and who was who, as they stood at the end of a day; that day.

    UsageFault where it is no full date or lies ahead; NotFound where the book is younger.
    """
    then = _day(day)
    seen = dict.fromkeys([record("branch"), record("member"), *records])
    asof.travel(connection, [one.shape() for one in seen], asof.last_change_on(connection, then))
    return then


def _day(text: str) -> date:
    try:
        day = DAY.parse(text)
    except ValueProblem as problem:
        raise UsageFault(f"--as-of：{problem.sentence}。") from None
    if day is None or len(day) < 10:
        raise UsageFault("--as-of 要写到日，如 2026-09-05。")
    then = date.fromisoformat(day)
    if then > date.today():
        raise UsageFault(f"--as-of {then} 还没有到，请写今天或以前的日期。")
    return then
