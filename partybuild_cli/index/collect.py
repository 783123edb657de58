"""Asking the book for everything that a scheme measures (取数): the figures of every member, the records behind them, and what
could not be counted (未能计入的记录): nothing is left out in silence.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction

from sqlalchemy import column, select, table

from partybuild_cli.index.measures import MEASURES, QUERIES, Source, asked_of
from partybuild_cli.index.numbers import SCALE, plain
from partybuild_cli.index.participants import Found, Key, Participant, Roll, Rows
from partybuild_cli.index.scheme import Adjustment, Measurable, Scheme
from partybuild_cli.index.scoring import NO_DATA, NOT_APPLICABLE, Measured, share_of
from partybuild_cli.values.day import add_months
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.period import text_bounds
from partybuild_cli.values.text import tight


def rows_of(roll: Roll, source: Source, columns: str, more: str = "", **values: object) -> Rows:
    """Columns of the records of a source, with a condition or grouping behind it."""
    return roll.select(f"SELECT {columns} FROM ({QUERIES['stays']}) AS s {source.joins}{more}", **values)


def _since(roll: Roll, line: Measurable) -> str:
    """The beginning of the months that a line looks back."""
    months, last = line.option("months"), roll.quarter.last
    return "" if months is None else text_bounds(add_months(last + timedelta(days=1), -int(str(months))), last)[0]


def collect(roll: Roll, scheme: Scheme) -> dict[tuple[object, ...], dict[Key, Measured]]:
    """The answers of the book to every question of a scheme; what a latecomer brought says nothing of what his branch keeps."""
    asked = {line.question: line for line in scheme.lines if not isinstance(line, Adjustment) or line.enabled}
    late = {who.key for who in roll.participants if who.presence < scheme.peer.least_presence}
    keepers: dict[tuple[Source, str], set[int]] = {}
    found = {}
    for question, line in asked.items():
        kept = [(source, _since(roll, line)) for source in MEASURES[line.measure].kept]
        for source, since in kept:
            if (source, since) not in keepers:
                # the branches that keep a ledger: those with any record in the source, or with records of their own
                columns = "DISTINCT s.branch_id, s.member_id" if late else "DISTINCT s.branch_id, NULL"
                rows = rows_of(roll, source, columns, since=since)
                keepers[source, since] = {branch for branch, member in rows if (member, branch) not in late}
                if source.kept_by_branch:
                    ledger = table(source.ledger, column("branch_id"), column(source.kept_by_branch))
                    day, (begin, end) = ledger.c[source.kept_by_branch], roll.quarter.bounds
                    own = select(ledger.c.branch_id).where(day >= begin, day < end).distinct()
                    keepers[source, since].update(roll.connection.execute(own).scalars())
        found[question] = _measured(roll, line, set().union(*(keepers[source] for source in kept)), late)
    return found


def _measured(roll: Roll, line: Measurable, kept: set[int], late: Collection[Key]) -> dict[Key, Measured]:
    """The figure of every member (测得值); no data where his branch is none of those that have `kept` such a ledger."""
    measure = MEASURES[line.measure]
    if not measure.tallies:
        return {
            who.key: Measured("scored", Fraction(sum(row.actual for row in rows), len(rows) * SCALE))
            if rows
            else NO_DATA
            for who, rows in _figures(roll, line)
        }
    sums: dict[Key, list[tuple[str, int | Fraction, int]]] = defaultdict(list)
    order = {word: at for at, word in enumerate(measure.yields or line.words)}
    for tally in measure.of(line):
        word = tally.by or f"'{tally.word}'"
        columns = f"s.member_id, s.branch_id, {word}, coalesce(sum({tally.done}), 0), coalesce(sum({tally.due}), 0)"
        more, asked = f" AND ({tally.where}) GROUP BY 1, 2, 3", asked_of(line, tally.word)
        rows = rows_of(roll, tally.source, columns, more, since=_since(roll, line), **asked)
        for member, branch, said, counted, owed in sorted(rows, key=lambda row: order.get(row[2], 0)):
            number = Fraction(counted, SCALE) if tally.unit else min(1, counted) if tally.once else counted
            sums[member, branch].append((said, number, min(1, owed) if tally.once else owed))
            if counted and (member, branch) not in late:
                kept.add(branch)
    unsaid = set[Key]()
    if measure.unsaid:
        rows = rows_of(roll, measure.unsaid, "DISTINCT s.member_id, s.branch_id", "", **asked_of(line))
        unsaid = {(member, branch) for member, branch in rows}
    holders_only = line.option("holders_only") is True

    def figure(who: Participant) -> Measured:
        found = sums.get(who.key, ())
        whole, owed = sum(number for _, number, _ in found), sum(due for _, _, due in found)
        if holders_only and not found:
            return NOT_APPLICABLE
        if who.branch not in kept and not whole:
            return NO_DATA
        if measure.shape == "share":
            return NO_DATA if not owed and who.key in unsaid else share_of(whole, owed)
        items: dict[str, int | Fraction] = {}
        for word, number, _ in found if measure.shape == "items" else ():
            if number:
                items[word] = items.get(word, 0) + number
        return Measured("scored", 0 if measure.shape == "items" else whole, items=tuple(items.items()))

    return {who.key: figure(who) for who in roll.participants}


def _figures(roll: Roll, line: Measurable) -> Iterator[tuple[Participant, Rows]]:
    """The figures that a line looks up for everybody; of the quarter itself, else of its months (季度值，否则各月平均)."""
    by_subject: dict[str | int, list[Found]] = {}
    for row in roll.select(QUERIES["figures"], name=line.option("metric")):
        by_subject.setdefault(tight(row.subject) if row.member_id is None else row.member_id, []).append(row)
    branches: dict[int, list[str]] = {}
    for number, name in roll.select(QUERIES["branches"]):
        branches.setdefault(number, []).append(tight(name))

    for who in roll.participants:
        wanted = (who.member, who.department, *branches[who.branch])
        mine = next((by_subject[key] for key in wanted if key is not None and key in by_subject), [])
        yield who, [row for row in mine if row.whole] or mine


def vetoes(roll: Roll, scheme: Scheme) -> dict[Key, tuple[str, ...]]:
    """一票否决 by member: matters with their document, day and who decided."""
    found: dict[Key, tuple[str, ...]] = {}
    for member, branch, kind in roll.select(QUERIES["vetoes"], vetoes=scheme.veto):
        found[member, branch] = (*found.get((member, branch), ()), kind)
    return found


def records_behind(roll: Roll, line: Measurable, participants: Sequence[Participant]) -> dict[Key, list[Reference]]:
    """The records of a line by member (of one alone only his), each by its day; what counts in two ways is named once."""
    measure = MEASURES[line.measure]
    if not measure.tallies:
        metric = str(line.option("metric"))
        return {
            who.key: [Reference("metric", row.id, row.period, row.subject, metric) for row in rows]
            for who, rows in _figures(roll, line)
        }
    notes: dict[Key, dict[tuple[str, str, int, str], list[str]]] = {}
    for tally in measure.of(line):
        source = tally.source
        columns = f"coalesce(t.id, 0), {source.day}, {source.title}, {source.note}, coalesce({tally.done}, 0)"
        more = f" AND ({tally.where}){'' if len(participants) > 1 else ' AND s.member_id = :member'} ORDER BY 4, 3"
        asked = {**asked_of(line, tally.word), "since": _since(roll, line), "member": participants[0].member}
        for member, branch, number, day, title, note, done in rows_of(
            roll, source, f"s.member_id, s.branch_id, {columns}", more, **asked
        ):
            said = notes.setdefault((member, branch), {}).setdefault((day, source.ledger, number, title), [])
            counted = "" if source.ledger == "conduct" else tally.word
            if tally.unit:
                counted = f"{plain(Fraction(done, SCALE))} {tally.unit}"
            elif source.ledger == "conduct" and done > 1:
                counted = f"{done} 次"
            said += [*(note or "").split("；"), counted]
    return {
        key: [
            Reference(ledger, number or None, day, title, "；".join(dict.fromkeys(filter(None, said))))
            for (day, ledger, number, title), said in sorted(found.items(), key=lambda item: item[0][:3])
        ]
        for key, found in notes.items()
    }


def _matters(roll: Roll, scheme: Scheme) -> list[str]:
    """事项 of the conduct ledger that no scheme knows, that lack points or whose points do not count, and open vetoes."""
    lines = [line for line in scheme.lines if MEASURES[line.measure].ledger == "conduct"]
    items = [*scheme.bonus.items, *scheme.deduction.items]
    known = {word for line in lines for word in (line.words if MEASURES[line.measure].by_words else line.kinds)}
    ranges = {word: ends for item in items for word, ends in item.ranges.items()}
    prices = {word: price for item in items if item.enabled and item in lines for word, price in item.each.items()}
    found: Mapping[str, list[str]] = {"unknown": [], "unpriced": [], "priced": [], "veto": []}
    for row in roll.select(QUERIES["matters"]):
        where = f"加分扣分台账编号 {row.id}：{row.name} {row.happened_on} 的"
        if row.kind not in known and row.kind not in scheme.veto:
            said = f"事项“{row.kind}”方案中没有，没有计入；请改成方案中的事项，或在方案中增加这一项。"
            found["unknown"].append(where + said)
        if row.kind in ranges:
            low, high = ranges[row.kind]
            if row.points is None or not low * SCALE <= row.points <= high * SCALE:
                said = f"“{row.kind}”没有写分值，或不在 {low} 到 {high} 分之间，没有计入；请补填分值。"
                found["unpriced"].append(where + said)
        price = prices.get(row.kind)  # a deduction may bear a minus
        if price and row.points is not None and abs(row.points) not in (price * SCALE, price * SCALE * row.times):
            said = f"“{row.kind}”写了 {plain(Fraction(row.points, SCALE))} 分，方案定为每件 {price} 分，按方案计分；"
            found["priced"].append(f"{where}{said}要由组织给分，请在方案中写成 ranges。")
        if row.kind in scheme.veto and None in (row.basis, row.decided_on, row.decided_by):
            where = f"加分扣分台账编号 {row.id}：{row.name}的"
            found["veto"].append(f"{where}一票否决事项“{row.kind}”缺少依据、认定日期或认定人，没有执行；请补齐。")
    return [said for sentences in found.values() for said in sentences]


def uncounted(roll: Roll, scheme: Scheme) -> Iterator[str]:
    """A sentence for every record that the scheme could not count: matters, honours, services and studies that lack
    something.
    """
    yield from _matters(roll, scheme)
    if any(line.measure == "honors" for line in scheme.lines):
        for row in roll.select(QUERIES["honors"]):
            lacking = "没有写类别，不知道计入业绩还是加分，没有计入；请补填类别。"
            yield f"荣誉台账编号 {row.id}：{row.name}的“{row.title}”{lacking}"
    for line in scheme.indicators:
        if line.measure == "service" and "session_hours" in line.options:
            people: dict[tuple[int, str], list[str]] = {}
            for row in roll.select(QUERIES["services"], **asked_of(line)):
                people.setdefault((row.id, row.title), []).append(row.name)
            for (number, title), names in people.items():
                few = "、".join(names[:5]) + (f"等 {len(names)} 人" if len(names) > 5 else "")
                lacking = f"没有写时长，{few}的{line.name}没有计入；请补填时长。"
                yield f"志愿服务台账编号 {number}“{title}”{lacking}"
    asks = any(line.measure == "study_hours" and line.kinds for line in scheme.indicators)
    if asks and (found := roll.select(QUERIES["studies"])):
        said = f"学习学时台账有 {len(found)} 条没有写类别（编号 {found[0].id} 等），按集中学习计入学时"
        yield f"{said}；属于网络自学的请补填类别。"
