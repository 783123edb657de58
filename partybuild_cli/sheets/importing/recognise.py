"""Which ledger a table is (认台账): by its headings, the words of its title and the sheet's name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.registry import all_records, record
from partybuild_cli.sheets.importing.columns import Matched, match_columns
from partybuild_cli.sheets.importing.headings import Heading
from partybuild_cli.values.text import tight

#: What a title that names a ledger is worth, against three for an identity column and one for any other.
_TITLE, _SHEET = 6.0, 4.0
_MISSING = 4.0
_ENOUGH = 6.0
_CLEAR = 1.5


@dataclass(frozen=True, slots=True)
class Guess:
    """A ledger that the table may be."""

    matched: Matched
    score: float
    named: bool

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


def recognise(
    headings: Sequence[Heading], titles: Sequence[str], sheet: str, told: Mapping[str, str], ledger: str | None = None
) -> Recognised:
    """The ledger whose columns the headings name best. `ledger` overrules, as far as its columns are there."""
    if ledger is not None:
        matched = match_columns(record(ledger), headings, told)
        if _anchored(matched):
            return Recognised(matched)
        return Recognised(None, f"没有找到{record(ledger).caption}的任何必填栏目")
    guesses = sorted((_guess(one, headings, titles, sheet, told) for one in all_records()), key=_rank, reverse=True)
    fit = [guess for guess in guesses if _fits(guess)]
    if not fit:
        return Recognised(None, _why_not(guesses[0]))
    rivals = tuple(guess.record for guess in fit[1:] if fit[0].score - guess.score < _CLEAR)
    if rivals:
        names = "、".join(f"{one.caption}（--ledger {one.ledger}）" for one in (fit[0].record, *rivals))
        return Recognised(None, f"分不清是{names}，请用 --ledger 指定", (fit[0].record, *rivals))
    return Recognised(fit[0].matched)


def _rank(guess: Guess) -> float:
    return guess.score


def _guess(
    one: type[Record], headings: Sequence[Heading], titles: Sequence[str], sheet: str, told: Mapping[str, str]
) -> Guess:
    matched = match_columns(one, headings, told)
    title = max((_named(one, tight(text)) for text in titles), default=0)
    name = _named(one, tight(sheet))
    score = sum(_worth(one, key) for key in matched.found) - _MISSING * len(matched.missing)
    score += (_TITLE + title / 10 if title else 0) + (_SHEET + name / 10 if name else 0)
    score -= 0.5 * len(matched.near)
    return Guess(matched, score, bool(title or name))


def _named(one: type[Record], text: str) -> int:
    """The length of the longest word in the text that speaks for the ledger."""
    return max((len(word) for word in one.title_words if word in text), default=0)


def _worth(one: type[Record], key: str) -> float:
    column = one.columns[key]
    if column.required or column.identity:
        return 3.0
    return 0.25 if column.place == "scope" or key == "note" else 1.0


def _anchored(matched: Matched) -> bool:
    """Whether some column of its own says what a row is about."""
    own = {key for key in matched.found if not matched.record.columns[key].context}
    return any(matched.record.columns[key].required for key in own)


def _fits(guess: Guess) -> bool:
    matched = guess.matched
    telling = [key for key in matched.found if _worth(matched.record, key) >= 1]
    enough = len(telling) >= (2 if guess.named else 3)
    return enough and len(matched.missing) <= 1 and _anchored(matched) and guess.score >= _ENOUGH


def _why_not(best: Guess) -> str:
    matched = best.matched
    telling = [key for key in matched.found if _worth(best.record, key) >= 1]
    if len(telling) < 2 or not (best.named or len(telling) > 2):
        return "栏目名称不像任何一种台账"
    missing = "、".join(f"“{column.heading}”" for column in matched.missing[:4])
    if missing:
        return f"最像{best.record.caption}，但缺少必填栏目{missing}"
    return f"最像{best.record.caption}，但认得的栏目太少；确实是的话请用 --ledger {best.record.ledger} 指定"
