"""Which ledger a table is (认台账), and what only a person can say of it (拿不准时).

Each record type declares the columns that speak for it and for no other (`marks`); a table without any is named as what it is.
What is left open is asked, and without anybody to ask becomes a problem of the sheet with the `--map` line that settles it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.registry import all_records, record
from partybuild_cli.sheets.importing import wording
from partybuild_cli.sheets.importing.columns import OFFERED, UNUSED, Doubt, Matched, match_columns
from partybuild_cli.sheets.importing.context import context_of, real_branches
from partybuild_cli.sheets.importing.evidence import Samples, is_of_people, is_text, likely, matter_of
from partybuild_cli.sheets.importing.jobs import LEDGER, ImportJob, Question, learnt_extras, recall, spoken_sheet
from partybuild_cli.sheets.importing.table import Table
from partybuild_cli.values.people import mask_found
from partybuild_cli.values.text import Prose, tight

#: What a title that names a ledger is worth, and the sheet's name, against the marks that a type declares.
_TITLE, _SHEET = 4.0, 2.5
_MISSING = 2.5
_ENOUGH, _CLEAR = 2.0, 1.0  # the least that makes a table a ledger, and the lead over the next that leaves no doubt
_SURE, _NEAR = 1.0, 0.8
_SPAN, _PAID = 1.5, {"金额", "实缴", "应缴", "缴纳"}  # what a first month, a last month and an amount say together
_TELLING = 2.0  # a list of persons that bears so much of a ledger is rather called what it is most like


class Guess(NamedTuple):
    """A ledger that the table may be; `marks` is how much of what makes it that ledger was found."""

    matched: Matched
    score: float
    marks: float
    named: bool
    lacking: int
    unsaid: bool


class Recognised(NamedTuple):
    """The ledger of a table, or why there is none; `rivals` fit about as well."""

    matched: Matched | None
    reason: str = ""
    rivals: tuple[type[Record], ...] = ()


def recognise(samples: Samples, told: Mapping[str, str], ledger: str | None = None) -> Recognised:
    """The ledger whose marks the table bears. `ledger` overrules, as far as its columns are there."""
    table = samples.table
    if ledger is not None:
        matched = match_columns(record(ledger), samples, told)
        if matched.found:
            return Recognised(matched)
        names = "、".join(f"“{column.heading}”" for column in matched.missing)
        first = next((heading.key for heading in table.headings if heading.lines), "表中的标题")
        advice = f"请用 --map {first}={matched.missing[0].key} 这样的写法指出各列"
        return Recognised(None, f"没有找到{matched.record.caption}必须有的{names}，{advice}")
    texts = [*table.titles, table.grid.sheet.name]
    words = {heading.lowest for heading in table.headings}
    if wording.IDENTITY_HEADING in words:  # we exported it, and nobody renames all our headings
        shown = "\n".join(map(tight, texts))
        own = {
            record: len(words & {tight(column.heading) for column in record.columns.values()})
            for record in all_records()
        }
        best = max(own, key=lambda one: (own[one], (tight(one.caption) in shown) * len(one.caption)))
        return Recognised(match_columns(best, samples, told))
    guesses = sorted((_guess(record, samples, told) for record in all_records()), key=lambda guess: -guess.score)
    fit = [guess for guess in guesses if _fits(guess)]
    found = {guess.matched.record.ledger: guess.matched.found for guess in fit}

    def is_outranked(guess: Guess) -> bool:  # whose people are members
        above = guess.matched.record.outranked_by.items()
        return any(found.get(ledger, set()).issuperset(keys) for ledger, keys in above)

    fit = [guess for guess in fit if guess.named or not is_outranked(guess)]
    if any(guess.named and guess.marks for guess in guesses):  # what the title names is not taken for another in need
        fit = [guess for guess in fit if guess.named or not guess.unsaid]
    persons = bool(fit and fit[0].matched.record.tells_apart)
    if fit and (other := name_of_list(texts, "never") or (name_of_list(texts, "sure") if persons else "")):
        return Recognised(None, other)
    if not fit:
        return Recognised(None, _why_not(guesses, table))
    close = [guess for guess in fit if fit[0].score - guess.score < _CLEAR]
    # Of two that fit as well the one for which title or sheet name say what no column does.
    close = [guess for guess in close if not guess.unsaid] or close
    if len(close) > 1:
        rivals = tuple(guess.matched.record for guess in close)
        names = "、".join(f"{rival.caption}（--ledger {rival.ledger}）" for rival in rivals)
        return Recognised(None, f"分不清是{names}，请用 --ledger 指定", rivals)
    return Recognised(close[0].matched)


def _guess(record: type[Record], samples: Samples, texts: Mapping[str, str]) -> Guess:
    matched, table, columns = match_columns(record, samples, texts), samples.table, record.columns
    title, name = _named(record, table.titles), _named(record, [table.grid.sheet.name])
    above = _named(record, (line for heading in table.headings for line in heading.lines[:-1]))
    found = _found(matched, samples)
    if matched.bare and not (title or name or above or record.marks.keys() & matched.keys.values()):
        # hours by month are no dues
        found = {key: share for key, share in found.items() if key in matched.keys.values()}
    # What it must hold and is about neither people nor branches.
    own = [(key, of) for key, of in columns.items() if key != "note" and matter_of(of) in (None, "day", "number")]
    speaking = record.marks or {key: 1.5 if column.required or column.identity else 0.5 for key, column in own}
    marks = sum(speaking.get(key, 0.0) * share for key, share in found.items())
    if record.months_of and matched.until is not None and any(_PAID & {*heading.words} for heading in table.headings):
        marks += _SPAN
    lacking = len(matched.missing) + (0 if title or name else sum(columns[key].required for key in matched.lone))
    score = marks + sum(0.1 for key in found if key not in speaking) - _MISSING * lacking
    score += (_TITLE + title / 10 if title else 0) + (_SHEET + name / 10 if name else 0)
    said = matched.found | context_of(record, matched.found, samples.around, samples.roster).keys()
    unsaid = any(column.required and key not in said for key, column in columns.items())
    return Guess(matched, score, marks, bool(title or name), lacking, unsaid)


def _found(matched: Matched, samples: Samples) -> dict[str, float]:
    """The fields whose columns hold something, and how far each speaks: less where the heading is only near, or where no
    value is of the field's kind. A form that was not answered is one all the same; of a table without rows, all count."""
    near = {*matched.near.values()}
    if not samples.rows:
        return {key: _NEAR if key in near else _SURE for key in matched.found}
    found: dict[str, float] = {}
    headings = {heading.column: heading.lowest for heading in samples.table.headings}
    for at, key in matched.keys.items():
        if key in matched.lone:
            found[key] = _NEAR / 2
        elif values := samples.values(at):
            column, borne = matched.record.columns[key], samples.share(at, matched.record.columns[key])
            choice, own = column.kind.words, headings.get(at) == tight(column.heading)
            if key in near and not (choice and borne == 1):
                found[key] = _NEAR * (borne != 0)
            elif borne != 0 or (own and len(values) == 1):
                found[key] = _SURE  # one wrong value is a slip of the pen
            else:  # a choice under another heading, without a word of it, is another ledger's
                found[key] = 0.0 if choice and not own and column.required else _SURE / 2
        elif key == matched.record.answer and key not in near:
            found[key] = _SURE
    months = {key for at, (_, _, key) in matched.months.items() if samples.values(at)}
    return found | dict.fromkeys([*months, matched.record.date] if months else [], _SURE)


def _named(record: type[Record], texts: Iterable[str]) -> int:
    """The length of the longest word in the texts that speaks for the ledger."""
    return max((len(word) for text in map(tight, texts) for word in record.title_words if word in text), default=0)


def _fits(guess: Guess) -> bool:
    """Whether enough makes it that ledger, and some column of its own says what a row is about."""
    found = [guess.matched.record.columns[key] for key in guess.matched.found]
    least = _ENOUGH / 2 if guess.named else _ENOUGH
    anchored = any(column.required and not column.context for column in found)
    return guess.marks >= least and guess.lacking <= 1 and anchored and guess.score >= _ENOUGH - guess.lacking


def name_of_list(texts: Sequence[str], only: str = "name") -> str:
    """What a table or form that is no ledger is, by the words of its title, its sheet and its headings."""
    said = " ".join(map(tight, texts))
    some = (item for item in wording.TABLE["other"] if item.get(only) and item.get("without", "\n") not in said)
    others = (item for item in some if any(word in said for word in item["words"]))
    return f"像是{other['name']}，不是要导入的台账" if (other := next(others, None)) else ""


def _why_not(guesses: Sequence[Guess], table: Table) -> str:
    """What the table is, as far as its words tell."""
    best = max(guesses, key=lambda guess: (guess.named, guess.marks, guess.score))
    names, like = [heading.lowest for heading in table.headings if heading.lines], best.matched.record
    if other := name_of_list([*table.titles, table.grid.sheet.name, *names]):
        return other
    if months := next((guess.matched.record for guess in guesses if guess.matched.bare), None):
        return f"看不出各月的数是什么；是党费的话请在标题里写上“党费”，或用 --ledger {months.ledger} 指定"
    if any(wording.words_in(name) == ("人员",) for name in names) and best.marks <= _TELLING and not best.named:
        return "像是人员名单，不是要导入的台账"
    if best.marks < 1 and not best.named:
        return "栏目名称不像任何一种台账"
    if missing := best.matched.missing:
        lacks = "、".join(f"“{column.heading}”" for column in missing[:4])
        option = f"--ledger {like.ledger} --map 表头={missing[0].key}"
        return f"最像{like.caption}，但缺少必填栏目{lacks}；有这一列而叫法不同的话请用 {option} 指定"
    return f"最像{like.caption}，但认得的栏目太少；确实是的话请用 --ledger {like.ledger} 指定"


_SHOWN = 3


def settle(job: ImportJob, samples: Samples) -> Recognised:
    """The ledger and the columns of a table, after asking what can be asked."""
    table = samples.table
    remembered = recall(job.connection, table.headings, job.learned)
    ledger = job.options.ledger or remembered.pop(LEDGER, None)
    texts = {**remembered, **job.mapped}
    found = recognise(samples, texts, ledger)
    if found.rivals and job.ask:
        choices = tuple((rival.ledger, rival.caption) for rival in found.rivals)
        question = f"{spoken_sheet(table.grid.sheet.name)}是哪一种台账？"
        if (answer := job.ask(Question("ledger", question, choices))) is not None:
            job.mapped[LEDGER] = answer
            found = recognise(samples, texts, answer)
    if (matched := found.matched) is None:
        return found
    record = matched.record
    if matched.identity is not None:
        # One of our own exports: what the clerk's sheet had and the ledger did not know goes back there. Of 备注 and 备注(J)
        # the second is no 备注 just because nobody has filled the first, which is left out then.
        own = {tight(column.heading) for column in record.columns.values()}
        learnt = learnt_extras(job.connection, record.ledger)
        matched = match_columns(record, samples, {**dict.fromkeys(learnt - own, ""), **texts})
    matched = _without_said(samples, matched)
    if job.ask and (matched.missing or matched.doubts):
        for doubt in matched.doubts:  # then each column that is required and that no heading names
            answer = _ask(job, samples, matched, doubt.column, doubt.candidates)
            answers = {answer: doubt.column.key} if answer else {}
            if not doubt.needed:  # those that it is not are kept as they are, and never asked about again
                answers = {**dict.fromkeys(doubt.candidates, UNUSED), **answers}
            texts |= answers
            job.mapped |= answers
        matched = match_columns(record, samples, texts)
        for column in [field for field in matched.missing if not stand_in(samples, matched, field)]:
            answer = _ask(job, samples, matched, column, may_be(samples, matched, column, texts))
            if answer is not None:
                texts[answer] = job.mapped[answer] = column.key
        matched = _without_said(samples, match_columns(record, samples, texts))
    return Recognised(matched)


def _without_said(samples: Samples, matched: Matched) -> Matched:
    """Nothing is in doubt that title or sheet name say."""
    said = context_of(matched.record, matched.found, samples.around, samples.roster, default=False)
    matched.doubts = [doubt for doubt in matched.doubts if doubt.column.key not in said]
    return matched


def _ask(job: ImportJob, samples: Samples, matched: Matched, column: Column, candidates: Collection[str]) -> str | None:
    sheet = f"{spoken_sheet(samples.table.grid.sheet.name)}（{matched.record.caption}）"
    places = {heading.key: heading.column for heading in samples.table.headings}
    shown = []
    for key in candidates:  # with three values each, personal data masked
        texts = [*dict.fromkeys(samples.text(raw) for raw in samples.values(places[key]))][:_SHOWN]
        shown.append((key, f"{key}：{'、'.join(mask_found(key, text)[:20] for text in texts) or '（空）'}"))
    asked = Question("column", f"{sheet}里，哪一列是“{column.heading}”？", tuple(shown))
    return job.ask(asked) if job.ask and shown else None


def ask_unsaid(job: ImportJob, sheet: str, item: type[Record], unsaid: Sequence[Column]) -> dict[str, str]:
    """Ask for what holds for the whole table and nothing says: the branch, a word of a choice."""
    answers = {}
    for column in unsaid if job.ask else ():
        branch = column.kind.matter == "branch"
        words = real_branches(job.roster) if branch else column.kind.words
        question = f"{spoken_sheet(sheet)}（{item.caption}）没有写明“{column.heading}”，是哪一个？"
        asked = Question("value", question, tuple(zip(words, words, strict=True)))
        if words and job.ask and (answer := job.ask(asked)):
            answers[column.key] = answer
    return answers


def may_be(samples: Samples, matched: Matched, column: Column, texts: Collection[str] = ()) -> list[str]:
    """The headings of free columns whose values may be of the column's kind, the likest first; for a text where none is
    free, of prose that the ledger could do without (内容 may be the 主题)."""
    busy = {*matched.keys, *matched.months, *matched.serial, *matched.explained}
    open_ones = [heading for heading in samples.table.headings if heading.lines and heading.key not in texts]
    free = [heading for heading in open_ones if heading.column not in busy]
    if not free and is_text(column):
        prose = {at for at, key in matched.keys.items() if isinstance(matched.record.columns[key].kind, Prose)}
        free = [heading for heading in open_ones if heading.column in prose]
    if matter_of(column) == "people":  # who is named in another role is nobody's candidate
        roles = {*wording.CLASSES.values()} - {"人员"}
        free = [heading for heading in free if roles.isdisjoint(heading.words)]
    if is_text(column):
        meant = ((heading, wording.words_in(heading.key)) for heading in free if samples.is_prose(heading.column))
        free = [
            heading
            for heading, words in meant
            if not wording.turned_by(words, "people") + wording.turned_by(words, "day")
        ]
    shares = (
        (heading.key, samples.share(heading.column, column)) for heading in free if samples.values(heading.column)
    )
    fit = dict.fromkeys(key for key, share in shares if share is None or share >= 0.5)
    return list(dict.fromkeys([*likely([*fit], column), *fit]))[:OFFERED]


def stand_in(samples: Samples, matched: Matched, column: Column) -> dict[str, Any]:
    """What says a required field too that no column holds (集体荣誉: the branch is its 获得者); empty for nothing."""
    said: dict[str, Any] = wording.TABLE["stand_in"].get(f"{matched.record.ledger}.{column.key}", {})
    texts = [text for text in samples.around.texts if "个人" not in text]
    if not said or not any(word in text for text in texts for word in said.get("words", [""])):
        return {}
    by = matched.record.columns[said["by"]]
    free = [
        heading.lowest
        for heading in samples.table.headings
        if heading.column not in matched.keys.keys() | matched.serial
    ]
    unless = any(word in name for name in free for word in said["unless"])
    return said if not unless and (by.context or by.key in matched.found) else {}


def how_to_map(unknown: Sequence[str], column: Column) -> str:
    """What to do about a required column that the sheet does not have: the line to use, of columns whose values parse."""
    where = "这一列，标题里也没有写明" if column.context else "这一列"
    lack = f"没有找到“{column.heading}”{where}，这一项必须有。"
    titled = column.context and not is_text(column)
    also = "在标题里写明，或者" if titled else ""
    ratios = {name: SequenceMatcher(None, name, column.heading).ratio() for name in unknown}
    alike = sorted(unknown, key=lambda name: -ratios[name])
    distant = [name for name in alike if ratios[name] or not (column.context or is_of_people(column))]
    if near := likely(list(unknown), column) or distant:
        return f"{lack}请{also}用 --map {near[0]}={column.key} 指出它在表中叫什么，再导入"
    words = f"（{'、'.join(column.kind.words[:OFFERED])}）" if column.kind.words else ""
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
