"""What a command changes of periods that are over (往期): entered late, corrected, removed or taken back."""

import json
import re
from datetime import date

from sqlalchemy import Connection, column, func, select, table

from partybuild_cli import effects
from partybuild_cli.records.base.column import SPANS, Values
from partybuild_cli.records.base.declare import EVIDENCE, Record
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.store.asof import added_after, known_by
from partybuild_cli.store.history import Change
from partybuild_cli.store.rows import own_rows
from partybuild_cli.values.day import first_date
from partybuild_cli.values.period import period_of, quarter_of

_ROUND = table("index_round", column("quarter"), column("posted_from"))
#: What no check, report or index goes by.
_IDLE = {"extras", "uid", "note", "evidence", "phone", "content", "progress", EVIDENCE.table}
#: The columns of rows below a record that say of which day they are.
_DAYS = ("until", "left_on", "on_day")


def remark_of_past(connection: Connection, change: Change) -> None:
    """Say that a change, not yet saved, touches a quarter that is over and of which an index was computed: entering last
    month's meeting is everyday work before that, and moves figures that others may have seen after it.
    """
    ended = _ROUND.c.quarter < quarter_of(date.today())
    newest: str | None = connection.execute(select(func.max(_ROUND.c.quarter)).where(ended)).scalar()
    if newest is None or not change.rows:
        return
    over = period_of(newest).last
    known = known_by(connection, over)
    posted = select(func.max(_ROUND.c.posted_from)).where(_ROUND.c.quarter == newest)
    if known is None and connection.execute(posted).scalar():
        known = 0  # a younger book: what was posted of that quarter was seen all the same
    if known is not None and any(_touches(connection, record, change, over, known) for record in all_records()):
        effects.remark(
            "这次改动涉及已经结束的期间，那些期间的自查、报告和没有公示的指数会跟着变；"
            f"已公示的不变，要修订请用 partybuild index revise {newest}"
        )


def _touches(connection: Connection, record: type[Record], change: Change, over: date, known: int) -> bool:
    rows = [row for row in change.rows if row[0] == record.ledger and row[2] != "forget"]
    if not rows:
        return False
    days = [*re.findall(r"\w+_on", record.begins), *([record.date] if record.date else [])]
    days = ["arrived_on", *days] if "arrived_on" in record.columns else days
    numbers = [number for _, number, action, *_ in rows if action == "edit"]
    now = own_rows(connection, record.shape, {"id": numbers}, days) if numbers else {}
    there = added_after(connection, record.ledger, 0) - added_after(connection, record.ledger, known)

    def past(row: Values, number: int) -> bool:
        """Whether the record is of a time before this quarter, by its own day or because the book knew it by then."""
        said = next((row[day] for day in days if re.match(r"\d", str(row.get(day)))), None)
        return _is_past(said, over) if said else bool(record.begins or not days) and number in there

    for _, number, action, *texts in rows:
        before, after = ({} if text is None else json.loads(text) for text in texts)
        stands = now.get(number, {}) if action == "edit" else after or before
        if past(stands, number) or (action == "edit" and past({**stands, **before}, number)):
            since = (stands.get(day) for day in record.came_with)
            if action == "edit" and _counts(record, before, after, over):
                return True
            if action != "edit" and (record.begins or not any(item and not _is_past(item, over) for item in since)):
                return True  # but for what was paid since, of which nothing was known then
    return False


def _is_past(said: str, over: date) -> bool:
    """Whether a day, month, year, quarter or the first of a range lies in a period that is over."""
    first = said.partition("..")[0]
    return (period_of(first).first if first.isalnum() and not first.isdecimal() else first_date(first)) <= over


def _counts(record: type[Record], before: Values, after: Values, over: date) -> bool:
    """Whether what an edit changes said something of the past, and not only of what has come, begun or ended since."""
    recent = set[str]()
    for child in sorted(record.shape.children, key=lambda child: child.table != SPANS.table):
        if child.table not in after or child.table in _IDLE:
            continue
        lists = [{json.dumps(row, sort_keys=True) for row in some.get(child.table) or ()} for some in (before, after)]
        moved = [json.loads(other) for other in lists[0] ^ lists[1]]
        day = next((other for other in _DAYS if other in child.columns), "")
        if any(_is_past(str(row[day]), over) if day else row.get("role") not in recent for row in moved):
            return True
        recent |= {child.table, *(row.get("field", "") for row in moved)}
        recent |= {"branch_id", "arrived_on", "left_on", "left_to"} if child.table == "stay" else set()
    for day, others in record.came_with.items():
        if after.get(day) and not before.get(day) and not _is_past(after[day], over):
            recent |= {day, *others}  # which was not so before that day
    return bool(after.keys() - _IDLE - recent)
