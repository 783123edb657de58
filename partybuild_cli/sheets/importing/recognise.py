"""Which ledger a table is (认台账): by what makes it that ledger, the words of its title and the sheet's name.

Each record type declares its marks, the columns that speak for it and for no other. 姓名, 性别, 科室 and their like belong to every
list of persons and speak for none; a table without a mark is named as what it is and not imported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.registry import all_records, record
from partybuild_cli.sheets.importing.columns import Matched, match_columns
from partybuild_cli.sheets.importing.context import context_of, surroundings
from partybuild_cli.sheets.importing.evidence import Samples, matter_of
from partybuild_cli.sheets.importing.headings import Heading, lexicon, words_in
from partybuild_cli.sheets.importing.table import Table
from partybuild_cli.values import Choice
from partybuild_cli.values.text import tight

#: What a title that names a ledger is worth, and the sheet's name, against the marks that a type declares.
_TITLE, _SHEET = 4.0, 2.5
_MISSING = 2.5
#: The least that makes a table a ledger, and the lead over the next that leaves no doubt.
_ENOUGH, _CLEAR = 2.0, 1.0
_SURE, _NEAR = 1.0, 0.8
#: What a first month, a last month and an amount say together.
_SPAN, _PAID = 1.5, {"金额", "实缴", "应缴", "缴纳"}
#: A list of persons that bears so much of a ledger is rather called what it is most like.
_TELLING = 2.0


@dataclass(frozen=True, slots=True)
class Guess:
    """A ledger that the table may be; `marks` is how much of what makes it that ledger was found."""

    matched: Matched
    score: float
    marks: float
    named: bool
    unsaid: bool = False

    @property
    def record(self) -> type[Record]:
        """The record type."""
        return self.matched.record


@dataclass(frozen=True, slots=True)
class Recognised:
    """The ledger of a table, or why there is none; `rivals` fit about as well."""

    matched: Matched | None
    reason: str = ""
    rivals: tuple[type[Record], ...] = ()


def recognise(samples: Samples, told: Mapping[str, str], ledger: str | None = None) -> Recognised:
    """The ledger whose marks the table bears. `ledger` overrules, as far as its columns are there."""
    table = samples.table
    if ledger is not None:
        matched = match_columns(record(ledger), samples, told)
        return Recognised(matched) if matched.found else Recognised(None, _lacks(record(ledger), table.headings))
    texts = [*table.titles, table.grid.sheet.name]
    if any(heading.is_identity for heading in table.headings):  # we exported it, and it bears the name of the ledger
        named = {
            one: len(one.caption) for one in all_records() if any(tight(one.caption) in tight(text) for text in texts)
        }
        if named:  # which a clerk may have changed: our own headings outweigh it
            own = {one: _own_headings(one, table) for one in all_records()}
            return Recognised(match_columns(max(own, key=lambda one: (own[one], named.get(one, 0))), samples, told))
    guesses = sorted((_guess(one, samples, told) for one in all_records()), key=lambda guess: -guess.score)
    fit = _outranked([guess for guess in guesses if _fits(guess)])
    if fit and fit[0].record.tells_apart and (other := name_of_list(texts, sure=True)):
        return Recognised(None, other)
    if not fit:
        return Recognised(None, _why_not(guesses, table))
    close = [guess for guess in fit if fit[0].score - guess.score < _CLEAR]
    whole = [guess for guess in close if not guess.unsaid] if len(close) > 1 else []
    fit = whole or fit  # of two that fit as well the one for which title or sheet name say what no column does
    rivals = tuple(guess.record for guess in whole or close)
    if len(rivals) > 1:
        names = "、".join(f"{one.caption}（--ledger {one.ledger}）" for one in rivals)
        return Recognised(None, f"分不清是{names}，请用 --ledger 指定", rivals)
    return Recognised(fit[0].matched)


def _guess(one: type[Record], samples: Samples, told: Mapping[str, str]) -> Guess:
    matched, table = match_columns(one, samples, told), samples.table
    title = max((_named(one, tight(text)) for text in table.titles), default=0)
    name = _named(one, tight(table.grid.sheet.name))
    above = max((_named(one, line) for heading in table.headings for line in heading.lines[:-1]), default=0)
    found = _found(matched, samples)
    if matched.bare and not (title or name or above or one.marks.keys() & matched.keys.values()):
        found = {
            key: share for key, share in found.items() if key in matched.keys.values()
        }  # hours by month are no dues
    speaking = _marks_of(one)
    marks = sum(speaking.get(key, 0.0) * share for key, share in found.items())
    if one.months_of and matched.until is not None and any(_PAID & {*heading.words} for heading in table.headings):
        marks += _SPAN
    others = sum(0.1 for key in found if key not in speaking)
    score = marks + others - _MISSING * len(matched.missing)
    score += (_TITLE + title / 10 if title else 0) + (_SHEET + name / 10 if name else 0)
    around = surroundings(table.preamble, table.grid.sheet.name)
    said = context_of(one, matched.found, around, samples.roster)
    unsaid = any(column.required and column.key not in matched.found | said.keys() for column in one.columns.values())
    return Guess(matched, score, marks, bool(title or name), unsaid)


def _own_headings(one: type[Record], table: Table) -> int:
    names = {tight(column.heading) for column in one.columns.values()}
    return sum(heading.lowest in names for heading in table.headings)


def _marks_of(one: type[Record]) -> dict[str, float]:
    """What makes a table this ledger: as declared, else what it must hold and is about neither people nor branches."""
    return one.marks or {
        key: 1.5 if column.required or column.identity else 0.5
        for key, column in one.columns.items()
        if matter_of(column) not in ("people", "person", "branch") and key != "note"
    }


def _found(matched: Matched, samples: Samples) -> dict[str, float]:
    """The fields whose columns hold something, and how far each speaks: less where the heading is only near, or where no
    value is of the field's kind. A form that was not answered is one all the same; of a table without rows, all count."""
    near = set(matched.near.values())
    if not samples.rows:
        return {key: _NEAR if key in near else _SURE for key in matched.found}
    found: dict[str, float] = {}
    headings = {heading.column: heading.lowest for heading in samples.table.headings}
    for place, key in matched.keys.items():
        if values := samples.values(place):
            column, choice = matched.record.columns[key], isinstance(matched.record.columns[key].kind, Choice)
            own, borne = headings.get(place) == tight(column.heading), samples.share(place, column)
            sure = key not in near or (borne == 1 and choice)
            # One wrong value is a slip of the pen; a choice under another heading, without a word of it, is another ledger's.
            unborne = (
                _SURE if own and len(values) == 1 else 0.0 if choice and not own and column.required else _SURE / 2
            )
            found[key] = (_SURE if borne != 0 else unborne) if sure else _NEAR * (borne != 0)
        elif key == matched.record.answer and key not in near:
            found[key] = _SURE
    months = {key for place, (_, _, key) in matched.months.items() if samples.values(place)}
    return found | dict.fromkeys([*months, matched.record.date] if months else [], _SURE)


def _named(one: type[Record], text: str) -> int:
    """The length of the longest word in the text that speaks for the ledger."""
    return max((len(word) for word in one.title_words if word in text), default=0)


def _fits(guess: Guess) -> bool:
    """Whether enough makes it that ledger, and some column of its own says what a row is about."""
    found = [guess.record.columns[key] for key in guess.matched.found]
    least = _ENOUGH / 2 if guess.named else _ENOUGH
    lacking = len(guess.matched.missing)
    anchored = any(one.required and not one.context for one in found)
    return guess.marks >= least and lacking <= 1 and anchored and guess.score >= _ENOUGH - lacking


def _outranked(fit: list[Guess]) -> list[Guess]:
    """Without the ledgers that another one outranks: whose people are members are no candidates any more."""
    found = {guess.record.ledger: guess.matched.found for guess in fit}

    def beaten(guess: Guess) -> bool:
        return any(set(keys) <= found.get(other, set()) for other, keys in guess.record.outranked_by.items())

    return [guess for guess in fit if guess.named or not beaten(guess)]


def _lacks(one: type[Record], headings: Sequence[Heading]) -> str:
    """What a table lacks to be the ledger that a person says it is."""
    needed = [column for column in one.columns.values() if column.required and not column.context]
    names = "、".join(f"“{column.heading}”" for column in needed)
    first = next((heading.key for heading in headings if heading.lines), "表中的标题")
    return f"没有找到{one.caption}必须有的{names}，请用 --map {first}={needed[0].key} 这样的写法指出各列"


def name_of_list(texts: Sequence[str], sure: bool = False) -> str:
    """What a table or form that is no ledger is, by the words of its title, its sheet and its headings."""
    said = " ".join(map(tight, texts))
    others = (name for name, words, never in lexicon().others if sure <= never and any(word in said for word in words))
    return f"像是{other}，不是要导入的台账" if (other := next(others, "")) else ""


def _why_not(guesses: Sequence[Guess], table: Table) -> str:
    """What the table is, as far as its words tell."""
    best = max(guesses, key=lambda guess: (guess.marks > 0, guess.score))
    names = [heading.lowest for heading in table.headings if heading.lines]
    if other := name_of_list([*table.titles, table.grid.sheet.name, *names]):
        return other
    if months := next((guess for guess in guesses if guess.matched.bare), None):
        return f"看不出各月的数是什么；是党费的话请在标题里写上“党费”，或用 --ledger {months.record.ledger} 指定"
    if any(words_in(name) == ("人员",) for name in names) and best.marks < _TELLING:
        return "像是人员名单，不是要导入的台账"
    if best.marks < 1:
        return "栏目名称不像任何一种台账"
    missing = "、".join(f"“{column.heading}”" for column in best.matched.missing[:4])
    if missing:
        told = f"--ledger {best.record.ledger} --map 表头={best.matched.missing[0].key}"
        return f"最像{best.record.caption}，但缺少必填栏目{missing}；有这一列而叫法不同的话请用 {told} 指定"
    return f"最像{best.record.caption}，但认得的栏目太少；确实是的话请用 --ledger {best.record.ledger} 指定"
