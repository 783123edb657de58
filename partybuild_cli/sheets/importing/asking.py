"""Settling what a table alone does not say (拿不准时): what was told, what was confirmed before, else a question.

Without anybody to ask, what is left open becomes a problem of the sheet with the `--map` line that settles it. The book
remembers what a person confirmed of sheets alike, and where unknown columns stood.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import Connection

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kinds import BranchKind
from partybuild_cli.sheets.importing.columns import OFFERED, UNUSED, Doubt, Matched, match_columns
from partybuild_cli.sheets.importing.context import Surroundings, context_of, real_branches
from partybuild_cli.sheets.importing.desk import Desk, Learned, Question, spoken_sheet
from partybuild_cli.sheets.importing.evidence import Samples, likely
from partybuild_cli.sheets.importing.headings import Heading, lone_words
from partybuild_cli.sheets.importing.recognise import Recognised, recognise
from partybuild_cli.values import Choice
from partybuild_cli.values.mask import mask_found
from partybuild_cli.values.text import Prose, Text, tight

#: Stands among the headings for the answer to which ledger the sheet is.
LEDGER = "(台账)"
_SHOWN = 3


def settle(desk: Desk, samples: Samples, around: Surroundings) -> Recognised:
    """The ledger and the columns of a table, after asking what can be asked."""
    table = samples.table
    remembered = recall(desk.connection, table.headings, desk.learned)
    ledger = desk.options.ledger or remembered.pop(LEDGER, None)
    told = {**remembered, **desk.told}
    found = recognise(samples, told, ledger)
    if found.matched is None and found.rivals and desk.ask:
        choices = tuple((one.ledger, one.caption) for one in found.rivals)
        question = f"{spoken_sheet(table.grid.sheet.name)}是哪一种台账？"
        if (answer := desk.ask(Question("ledger", question, choices))) is not None:
            desk.told[LEDGER] = answer
            found = recognise(samples, told, answer)
    if (matched := found.matched) is None:
        return found
    if matched.identity is not None:
        # One of our own exports: what the clerk's sheet had and the ledger did not know goes back there. Of 备注 and 备注(J)
        # the second is no 备注 just because nobody has filled the first, which is left out then.
        own = {tight(column.heading) for column in matched.record.columns.values()}
        unknown = dict.fromkeys(known_places(desk.connection, matched.record.ledger).keys() - own, "")
        matched = match_columns(matched.record, samples, {**unknown, **told})
    _take_lone(matched, samples)
    matched = _without_said(desk, matched, around)
    if desk.ask and (matched.missing or matched.doubts):
        matched = _without_said(desk, _ask_columns(desk, samples, matched, told), around)
    return Recognised(matched)


def _take_lone(matched: Matched, samples: Samples) -> None:
    """A field that the record needs and no heading names is the one column whose words may mean it: 内容 the 主题."""
    columns, needed = matched.record.columns, list(matched.missing)
    paid = columns.get(matched.record.months_of)
    needed += [paid] if paid and matched.until is not None and paid.key not in matched.found else []
    prose = {at for at, key in matched.keys.items() if type(columns[key].kind) is Prose and not columns[key].required}
    busy = matched.keys.keys() | matched.numbers.keys() | matched.explained.keys() | matched.serial
    for column in needed:
        taken, words = busy - prose if _is_text(column) else busy, lone_words(matched.record, column.key)
        free = [one for one in samples.table.headings if one.column not in taken and words & {*one.words}]
        fit = [one for one in free if samples.may_hold(one.column, column)]
        if len(fit) == 1 and not any(doubt.needed and doubt.column is column for doubt in matched.doubts):
            matched.keys[fit[0].column] = matched.near[fit[0].key] = column.key
            matched.doubts = [doubt for doubt in matched.doubts if doubt.column is not column]


def _without_said(desk: Desk, matched: Matched, around: Surroundings) -> Matched:
    """Nothing is in doubt that title or sheet name say."""
    said = context_of(matched.record, matched.found, around, desk.roster, default=False)
    matched.doubts = [doubt for doubt in matched.doubts if doubt.column.key not in said]
    return matched


def _ask_columns(desk: Desk, samples: Samples, matched: Matched, told: Mapping[str, str]) -> Matched:
    """Ask for each column that is in doubt, then for each that is required and that no heading names."""
    told = dict(told)
    for doubt in matched.doubts:
        answer = _ask(desk, samples, matched, doubt.column, doubt.candidates)
        answers = {answer: doubt.column.key} if answer else {}
        if not doubt.needed:  # those that it is not are kept as they are, and never asked about again
            answers = {**dict.fromkeys(doubt.candidates, UNUSED), **answers}
        told |= answers
        desk.told |= answers
    matched = match_columns(matched.record, samples, told)
    for column in matched.missing:
        answer = _ask(desk, samples, matched, column, may_be(samples, matched, column, told))
        if answer is not None:
            told[answer] = desk.told[answer] = column.key
    return match_columns(matched.record, samples, told)


def _ask(desk: Desk, samples: Samples, matched: Matched, column: Column, candidates: Collection[str]) -> str | None:
    assert desk.ask is not None
    if not candidates:
        return None
    sheet, record = samples.table.grid.sheet.name, matched.record
    headings = {heading.key: heading for heading in samples.table.headings}
    question = f"{spoken_sheet(sheet)}（{record.caption}）里，哪一列是“{column.heading}”？"
    shown = [(key, f"{key}：{_examples(samples, headings[key])}") for key in candidates]
    return desk.ask(Question("column", question, tuple(shown)))


def _examples(samples: Samples, heading: Heading) -> str:
    """Three values of a column, personal data masked."""
    texts = dict.fromkeys(samples.text(raw) for raw in samples.values(heading.column))
    return "、".join(mask_found(heading.key, text)[:20] for text in list(texts)[:_SHOWN]) or "（空）"


def ask_unsaid(desk: Desk, sheet: str, one: type[Record], unsaid: Sequence[Column]) -> dict[str, str]:
    """Ask for what holds for the whole table and nothing says: the branch, a word of a choice."""
    answers = {}
    for column in unsaid if desk.ask else ():
        branch = isinstance(column.kind, BranchKind)
        words = real_branches(desk.roster) if branch else getattr(column.kind, "words", ())
        question = f"{spoken_sheet(sheet)}（{one.caption}）没有写明“{column.heading}”，是哪一个？"
        asked = Question("value", question, tuple(zip(words, words, strict=True)))
        if words and desk.ask and (answer := desk.ask(asked)):
            answers[column.key] = answer
    return answers


def may_be(samples: Samples, matched: Matched, column: Column, told: Collection[str] = ()) -> list[str]:
    """The headings of free columns whose values may be of the column's kind, the likest first; for a text where none is
    free, of prose that the ledger could do without (内容 may be the 主题)."""
    busy = {*matched.keys, *matched.months, *matched.serial}
    open_ones = [one for one in samples.table.headings if one.lines and one.key not in told]
    free = [one for one in open_ones if one.column not in busy]
    if not free and _is_text(column):
        prose = {at for at, key in matched.keys.items() if isinstance(matched.record.columns[key].kind, Prose)}
        free = [one for one in open_ones if one.column in prose]
    shares = {one.key: samples.share(one.column, column) for one in free if samples.values(one.column)}
    fit = [key for key, share in shares.items() if share is None or share >= 0.5]
    if _is_text(column):
        fit = [one.key for one in free if one.key in fit and samples.is_prose(one.column)]
    return list(dict.fromkeys([*likely(fit, column), *fit]))[:OFFERED]


def _is_text(column: Column) -> bool:
    return type(column.kind) in (Text, Prose)


def how_to_map(unknown: Sequence[str], column: Column) -> str:
    """What to do about a required column that the sheet does not have: the line to use, of columns whose values parse."""
    where = "这一列，标题里也没有写明" if column.context else "这一列"
    lack = f"没有找到“{column.heading}”{where}，这一项必须有。"
    titled = column.context and not _is_text(column)
    also = "在标题里写明，或者" if titled else ""
    ratios = {name: SequenceMatcher(None, name, column.heading).ratio() for name in unknown}
    distant = [name for name in sorted(unknown, key=lambda name: -ratios[name]) if ratios[name] or not column.context]
    if near := likely(list(unknown), column) or distant:
        return f"{lack}请{also}用 --map {near[0]}={column.key} 指出它在表中叫什么，再导入"
    words = f"（{'、'.join(column.kind.words[:OFFERED])}）" if isinstance(column.kind, Choice) else ""
    grouped = "，或者在每组前面单独写一行" if column.context and not titled else ""
    return f"{lack}请{also}加一列“{column.heading}”{words}{grouped}，再导入"


def how_to_settle(doubt: Doubt) -> str:
    """What to do about a doubt, with the lines to use."""
    column = doubt.column
    names = "”“".join(doubt.candidates)
    lines = " 或 ".join(f"--map {name}={column.key}" for name in doubt.candidates[:3])
    if doubt.needed:
        return f"“{names}”都像“{column.heading}”，内容又不同，不能确定用哪一列。请用 {lines} 指明，再导入"
    return (
        f"“{names}”像是在说“{column.heading}”，但不能确定，没有按默认值处理。"
        f"是的话请用 {lines}，不是的话请用 --map {doubt.candidates[0]}={UNUSED}，再导入"
    )


def _signature(headings: Sequence[Heading]) -> str:
    """The same for every sheet with the same headings in the same order."""
    return hashlib.sha256("\n".join(heading.key for heading in headings).encode()).hexdigest()[:32]


def recall(connection: Connection, headings: Sequence[Heading], open_ones: Learned | None = None) -> dict[str, str]:
    """What was confirmed for such a sheet: heading -> field. `open_ones` gets what a refused import was told, which the
    import that goes by it makes its own."""
    mark = _signature(headings)
    found = connection.exec_driver_sql("SELECT heading, field, change_id FROM heading_map WHERE signature = ?", (mark,))
    rows = [(name, key, change) for name, key, change in found.all()]
    if open_ones is not None:
        open_ones += [(mark, name, key) for name, key, change in rows if change is None]
    return {name: key for name, key, _ in rows}


def confirmed(headings: Sequence[Heading], matched: Matched, told: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """What this command was told about the sheet's headings: signature, heading, field."""
    mark = _signature(headings)
    for heading in headings:
        key = told.get(heading.key, told.get(heading.lowest))
        if key is not None and (key == UNUSED or heading.column in matched.keys):
            yield mark, heading.key, matched.keys.get(heading.column, UNUSED)
    if LEDGER in told:
        yield mark, LEDGER, matched.record.ledger


def keep(connection: Connection, learned: Learned, change: int | None) -> None:
    """Remember it, as taught by that entry of the history; an undo of the entry takes it back."""
    if learned:
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO heading_map (signature, heading, field, change_id) VALUES (?, ?, ?, ?)",
            [(*one, change) for one in learned],
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which known field an unknown column stood (empty: before all of them), and in which order."""

    after: str
    order: int


def learn(connection: Connection, matched: Matched, headings: Sequence[Heading], extras: Collection[str]) -> None:
    """Note the places of the unknown columns of a sheet; our own exports, which were ordered by us, teach nothing."""
    if matched.identity is not None or not extras:
        return
    held = matched.keys | {at: key for at, (_, _, key) in matched.months.items()}
    after = ""
    rows = []
    for heading in headings:
        after = held.get(heading.column, after)
        if heading.column not in held and heading.key in extras:
            rows.append((matched.record.ledger, heading.key, after, heading.column))
    connection.exec_driver_sql(
        "INSERT INTO extra_place (ledger, heading, after, place) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (ledger, heading) DO UPDATE SET after = excluded.after, place = excluded.place",
        rows,
    )


def known_places(connection: Connection, ledger: str) -> dict[str, Place]:
    """Heading -> place, of every unknown column that the ledger has met."""
    found = connection.exec_driver_sql(
        "SELECT heading, after, place FROM extra_place WHERE ledger = ? ORDER BY place, heading", (ledger,)
    )
    return {heading: Place(after, order) for heading, after, order in found}
