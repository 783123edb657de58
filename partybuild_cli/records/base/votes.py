"""The column of votes (表决) of a record, and what is said of it while it is on its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.row import ResolvedRow
from partybuild_cli.values.kind import Json, KindOf, Primitive, Raw, Telling
from partybuild_cli.values.text import Text
from partybuild_cli.values.votes import Ballots, Vote, read_votes


@dataclass(frozen=True)
class VotesKind(KindOf[Ballots]):
    """Votes: typed rows below a meeting, whose own column keeps only the words that give no figures; else all in the column."""

    label: ClassVar[str] = "表决"
    how: ClassVar[str] = "一行一项：接收预备党员（何思齐）：应到20，实到15，赞成11，反对2，弃权2"
    free_text: ClassVar[bool] = True
    rows: bool = False

    def parse(self, raw: Raw) -> Ballots | None:
        text = Text().parse(raw)
        return read_votes(text) if text else None

    def encode(self, value: Ballots | None) -> tuple[Primitive, ...]:
        """The text; blank, and not NULL, where all of it stands in rows: so it takes the place of what stood there."""
        return (None if value is None else value.unread if self.rows else value.text(),)

    def decode(self, primitives: Sequence[Primitive]) -> Ballots:
        return read_votes(str(primitives[0] or ""))

    def read(self, primitives: Sequence[Primitive], record: Telling) -> Ballots | None:
        return self.decode(primitives) if primitives[0] else None

    def said(self, primitives: Sequence[Primitive], record: Telling) -> str:
        return str(primitives[0] or "")

    def sound(self, primitives: Sequence[Primitive]) -> bool:
        return self.typed(primitives)

    def text(self, value: Ballots) -> str:
        return value.text()

    def json(self, value: Ballots) -> Json:
        """A vote each, by field."""
        return value.documents()


def kept_votes(text: str | None, rows: Sequence[Vote]) -> Ballots:
    """The votes of a meeting: its rows; in books of before they stand in the text."""
    read = read_votes(text or "")
    return Ballots(tuple(sorted(rows)) or read.votes, read.unread)


def settle_votes(column: Column, row: ResolvedRow) -> None:
    """The rows below a meeting; figures that contradict each other, and words without figures, are said."""
    said: Ballots | None = row.values.get(column.key)
    if said is None:
        if not row.alone and not row.carries(column.key):
            row.below["vote"] = []
        return
    row.below["vote"] = list(said.votes)
    warn_of_votes(column, row)
    if row.carries("due", "present") and not row.carries(column.key):  # the attendance is as it was
        known = {key: row.values[key].value for key in ("due", "present") if row.values.get(key)}
        warn_of_voters(column, row, known)


def warn_of_votes(column: Column, row: ResolvedRow) -> None:
    """What a person should look at in votes that were typed."""
    said: Ballots | None = row.values.get(column.key)
    if said is None or row.carries(column.key):
        return
    for vote in said.votes:
        for fault in vote.faults():
            row.warn(column, vote.text(), f"{vote.called}{fault}，请核对")
    if said.unread:
        row.warn(column, said.unread, "没有读出票数，按原文保留；请补记应到、实到和票数")


def warn_of_voters(column: Column, row: ResolvedRow, whole: dict[str, int]) -> None:
    """More voters than were due or came, by the attendance of the meeting."""
    said: Ballots | None = row.values.get(column.key)
    for vote in said.votes if said else ():
        for key, word in (("due", "应到"), ("present", "实到")):
            voters = getattr(vote, f"voters_{key}")
            if voters is not None and key in whole and voters > whole[key]:
                message = f"{vote.called}有表决权的{word}{voters}人，多于本次会议{word}{whole[key]}人，请核对"
                row.warn(column, vote.text(), message)
