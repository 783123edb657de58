"""Settling what a table alone does not say (拿不准时): what was told, what was confirmed before, else a question.

Without anybody to ask, what is left open becomes a problem of the sheet with the `--map` line that settles it.
"""

from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kinds import BranchKind
from partybuild_cli.sheets.importing import memory
from partybuild_cli.sheets.importing.columns import match_columns
from partybuild_cli.sheets.importing.context import Surroundings, context_of, real_branches
from partybuild_cli.sheets.importing.desk import Desk, Question, spoken_sheet
from partybuild_cli.sheets.importing.evidence import Samples, likely
from partybuild_cli.sheets.importing.headings import Heading
from partybuild_cli.sheets.importing.matched import OFFERED, UNUSED, Doubt, Matched
from partybuild_cli.sheets.importing.recognise import Recognised, recognise
from partybuild_cli.values import Choice
from partybuild_cli.values.mask import mask_found
from partybuild_cli.values.text import Prose, Text, tight

_SHOWN = 3


def settle(desk: Desk, samples: Samples, around: Surroundings) -> Recognised:
    """The ledger and the columns of a table, after asking what can be asked."""
    table = samples.table
    sheet = table.grid.sheet.name
    remembered = memory.recall(desk.connection, table.headings, desk.learned)
    ledger = desk.options.ledger or remembered.pop(memory.LEDGER, None)
    told = {**remembered, **desk.told}
    found = recognise(table.headings, table.titles, sheet, told, ledger, samples)
    if found.matched is None and found.rivals and desk.ask:
        choices = tuple((one.ledger, one.caption) for one in found.rivals)
        answer = desk.ask(Question("ledger", f"{spoken_sheet(sheet)}是哪一种台账？", choices))
        if answer is not None:
            desk.told[memory.LEDGER] = answer
            found = recognise(table.headings, table.titles, sheet, told, answer, samples)
    if found.matched is None:
        return found
    matched = found.matched
    if matched.identity is not None:
        matched = _as_exported(desk, samples, matched, told)
    matched = _without_said(desk, matched, around)
    if desk.ask and (matched.missing or matched.doubts):
        matched = _without_said(desk, _ask_columns(desk, samples, matched, told), around)
    return Recognised(matched)


def _as_exported(desk: Desk, samples: Samples, matched: Matched, told: Mapping[str, str]) -> Matched:
    """One of our own exports: what the clerk's sheet had and the ledger did not know goes back there.

    Of 备注 and 备注(J) the second is no 备注 just because nobody has filled the first, which is left out then.
    """
    own = {tight(column.heading) for column in matched.record.columns.values()}
    unknown = dict.fromkeys(memory.known_places(desk.connection, matched.record.ledger).keys() - own, "")
    return match_columns(matched.record, samples.table.headings, {**unknown, **told}, samples)


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
    matched = match_columns(matched.record, samples.table.headings, told, samples)
    for column in matched.missing:
        answer = _ask(desk, samples, matched, column, may_be(samples, matched, column, told))
        if answer is not None:
            told[answer] = desk.told[answer] = column.key
    return match_columns(matched.record, samples.table.headings, told, samples)


def _ask(desk: Desk, samples: Samples, matched: Matched, column: Column, candidates: Collection[str]) -> str | None:
    assert desk.ask is not None
    if not candidates:
        return None
    headings = {heading.key: heading for heading in samples.table.headings}
    question = (
        f"{spoken_sheet(samples.table.grid.sheet.name)}（{matched.record.caption}）里，哪一列是“{column.heading}”？"
    )
    shown = [(key, f"{key}：{_examples(samples, headings[key])}") for key in candidates]
    return desk.ask(Question("column", question, tuple(shown)))


def ask_unsaid(desk: Desk, sheet: str, one: type[Record], unsaid: Sequence[Column]) -> dict[str, str]:
    """Ask for what holds for the whole table and nothing says: the branch, a word of a choice."""
    answers = {}
    for column in unsaid if desk.ask else ():
        branch = isinstance(column.kind, BranchKind)
        words = real_branches(desk.roster) if branch else getattr(column.kind, "words", ())
        question = f"{spoken_sheet(sheet)}（{one.caption}）没有写明“{column.heading}”，是哪一个？"
        if (
            words
            and desk.ask
            and (answer := desk.ask(Question("value", question, tuple(zip(words, words, strict=True)))))
        ):
            answers[column.key] = answer
    return answers


def _examples(samples: Samples, heading: Heading) -> str:
    """Three values of a column, personal data masked."""
    texts = dict.fromkeys(samples.text(raw) for raw in samples.values(heading.column))
    return "、".join(mask_found(heading.key, text)[:20] for text in list(texts)[:_SHOWN]) or "（空）"


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
    first = likely(fit, column)
    return [*first, *(key for key in fit if key not in first)][:OFFERED]


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
