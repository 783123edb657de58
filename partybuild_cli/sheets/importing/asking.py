"""Settling what headings alone do not say (拿不准时): what was told, what was confirmed before, else a question or the `--map` line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from sqlalchemy import Connection

from partybuild_cli.records.base.declare import Column
from partybuild_cli.sheets.importing import memory
from partybuild_cli.sheets.importing.columns import Matched, match_columns, told_headings
from partybuild_cli.sheets.importing.model import Ask, Options, Question, spoken_sheet
from partybuild_cli.sheets.importing.places import known_places
from partybuild_cli.sheets.importing.recognise import Recognised, recognise
from partybuild_cli.sheets.importing.table import Table
from partybuild_cli.values.text import tight

_OFFERED = 12


@dataclass(slots=True)
class Recogniser:
    """Recognises the tables of one import.

    Attributes:
        told: heading -> field as this command was told or answered; what is remembered joins it sheet by sheet.
    """

    connection: Connection
    options: Options
    ask: Ask | None = None
    told: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.told = told_headings(self.options.maps)

    def recognise(self, table: Table, titles: list[str], sheet: str) -> Recognised:
        """The ledger and the columns of a table, after asking what can be asked."""
        remembered = memory.recall(self.connection, table.headings)
        ledger = self.options.ledger or remembered.pop(memory.LEDGER, None)
        told = {**remembered, **self.told}
        found = recognise(table.headings, titles, sheet, told, ledger)
        if found.matched is None and found.rivals and self.ask:
            choices = tuple((one.ledger, one.caption) for one in found.rivals)
            answer = self.ask(Question("ledger", f"{spoken_sheet(sheet)}是哪一种台账？", choices))
            if answer is not None:
                self.told[memory.LEDGER] = answer
                found = recognise(table.headings, titles, sheet, told, answer)
        if found.matched is not None and found.matched.identity is not None:
            found = Recognised(self._as_exported(table, found.matched, told))
        if found.matched is not None and found.matched.missing and self.ask:
            found = Recognised(self._ask_columns(table, sheet, found.matched, told))
        return found

    def _as_exported(self, table: Table, matched: Matched, told: Mapping[str, str]) -> Matched:
        """One of our own exports: what the clerk's sheet had and the ledger did not know goes back there.

        Of 备注 and 备注(J) the second is no 备注 just because nobody has filled the first, which is left out then.
        """
        own = {tight(column.heading) for column in matched.record.columns.values()}
        unknown = dict.fromkeys(known_places(self.connection, matched.record.ledger).keys() - own, "")
        return match_columns(matched.record, table.headings, {**unknown, **told})

    def _ask_columns(self, table: Table, sheet: str, matched: Matched, told: Mapping[str, str]) -> Matched:
        """Ask for each required column that no heading names."""
        assert self.ask is not None
        told = dict(told)
        for column in matched.missing:
            unknown = _unknown(table, matched, told)
            question = f"{spoken_sheet(sheet)}（{matched.record.caption}）里，哪一列是“{column.heading}”？"
            answer = self.ask(Question("column", question, tuple((key, key) for key in unknown))) if unknown else None
            if answer is not None:
                told[answer] = self.told[answer] = column.key
        return match_columns(matched.record, table.headings, told)


def how_to_map(unknown: Sequence[str], column: Column) -> str:
    """What to do about a required column that the sheet does not have, with the line to use."""
    alike = {heading: SequenceMatcher(None, heading, column.heading).ratio() for heading in unknown}
    likely = [
        heading for heading in unknown if alike[heading] or not column.context
    ]  # a title may name those of context
    best = max(likely, key=alike.__getitem__, default="表中的标题")
    where = "这一列，标题里也没有写明" if column.context else "这一列"
    also = "在标题里写明，或者" if column.context else ""
    return f"没有找到“{column.heading}”{where}，这一项必须有。请{also}用 --map {best}={column.key} 指出它在表中叫什么，再导入"


def _unknown(table: Table, matched: Matched, told: Mapping[str, str]) -> list[str]:
    return [
        heading.key
        for heading in table.headings
        if heading.lines
        and heading.key not in told
        and heading.column not in {*matched.keys, *matched.months, *matched.serial}
    ][:_OFFERED]
