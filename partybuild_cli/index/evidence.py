"""Every point with the record that it came from (逐项说明): what `index explain` prints and what a posting freezes."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.adjusting import AdjustmentScore
from partybuild_cli.index.compute import Computed, Standing
from partybuild_cli.index.entrants import Entrant
from partybuild_cli.index.exact import plain
from partybuild_cli.index.explanation import dimension_points, items_text, lines, posted_dimensions, summary
from partybuild_cli.index.measures.duties import kept_part, months_kept
from partybuild_cli.index.measures.source import Columns, Evidence, Part, Plan, evidence_of, sums_of
from partybuild_cli.index.plans import Planner
from partybuild_cli.index.scheme import Adjustment, Adjustments, Indicator
from partybuild_cli.index.scoring import Score
from partybuild_cli.index.stays import Key, Scope

Document = dict[str, Any]
#: The figures of one who is listed without a score, and his lines.
_EMPTY: Document = {"base": None, "bonus": None, "deduction": None, "obj": None}
_NOTHING: Document = {
    "parts": {},
    "dimensions": {},
    "posted_dimensions": {},
    "dimension_names": {},
    "vetoes": [],
    "indicators": [],
    "adjustments": [],
}


def documents(connection: Connection, computed: Computed, branch: int, member: int | None = None) -> list[Document]:
    """The full account of every member of a branch, or of one, in the order of the list."""
    named = connection.exec_driver_sql("SELECT name FROM branch WHERE id = ?", (branch,)).scalar_one()
    records = Records(connection, computed, Scope(connection, computed.quarter, branch, member))
    wanted = [one for one in computed.branches.get(branch, ()) if member in (None, one.entrant.member)]
    return [_document(computed, named, one, records) for one in wanted]


class Records:
    """The records behind each line of a scheme, of the members of one scope; asked for when a line is explained."""

    def __init__(self, connection: Connection, computed: Computed, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope
        self._planner = Planner(connection, computed.quarter, computed.scheme)
        parts = [kept_part(computed.quarter, place) for place in range(3)]
        columns = Columns(parts)
        rows = sums_of(connection, Scope(connection, computed.quarter, scope.branch), parts[0].source, columns)
        self._kept = months_kept(rows, [columns.places[part] for part in parts])
        self._found: dict[int, list[dict[Key, list[Evidence]]]] = {}

    def behind(self, one: Indicator | Adjustment, entrant: Entrant) -> list[dict[str, Any]]:
        """The records of one line and member, by day; a record that counts in two ways is named once."""
        plan = self._planner.plan(one)
        if plan is None:
            assert isinstance(one, Indicator)
            return self._figures(one, entrant)
        merged: dict[tuple[str, int, str], dict[str, Any]] = {}
        for part, found in zip(plan.parts, self._of(plan), strict=True):
            mine = found.get(entrant.key, ())
            for each in () if part.silent else mine:
                _merge(merged, each.ledger, each.number, each.day, each.title, _note(part, each))
            if part.missing and not mine and self._lacks(part, entrant):
                day = self._scope.quarter.months[part.month or 0]
                _merge(merged, part.source.ledger, 0, day, part.missing, "")
        return sorted(merged.values(), key=lambda record: (record["day"], record["ledger"], record["id"] or 0))

    def _of(self, plan: Plan) -> list[dict[Key, list[Evidence]]]:
        if id(plan) not in self._found:
            self._found[id(plan)] = [
                _by_member(evidence_of(self._connection, self._scope, part)) for part in plan.parts
            ]
        return self._found[id(plan)]

    def _lacks(self, part: Part, entrant: Entrant) -> bool:
        kept = self._kept.get(entrant.branch, ())
        return part.month in entrant.due_months and (not part.if_kept or part.month in kept)

    def _figures(self, one: Indicator, entrant: Entrant) -> list[dict[str, Any]]:
        figures = self._planner.figures(one)
        return [
            {
                "ledger": "metric",
                "id": each.number,
                "day": each.period,
                "title": each.subject,
                "note": str(one.options["metric"]),
            }
            for each in (figures.behind(entrant) if figures else ())
        ]


def _by_member(found: Iterable[Evidence]) -> dict[Key, list[Evidence]]:
    members: dict[Key, list[Evidence]] = {}
    for one in found:
        members.setdefault((one.member, one.branch), []).append(one)
    return members


def _merge(
    merged: dict[tuple[str, int, str], dict[str, Any]], ledger: str, number: int, day: str, title: str, note: str
) -> None:
    record = merged.setdefault(
        (ledger, number, day), {"ledger": ledger, "id": number or None, "day": day, "title": title, "note": ""}
    )
    said = [*record["note"].split("；"), *note.split("；")]
    record["note"] = "；".join(dict.fromkeys(filter(None, said)))


def _note(part: Part, one: Evidence) -> str:
    """What the record counted, in words: hours, a word of the scheme, how an absence was."""
    amount = ""
    if part.scale != 1:
        amount = f"{plain(Fraction(one.done, part.scale))} {part.unit}"
    elif part.source.ledger == "conduct":
        amount = f"{one.done} 次" if one.done > 1 else ""
    elif part.word:
        amount = part.word
    return "；".join(filter(None, (one.note, amount)))


def _document(computed: Computed, branch: str, standing: Standing, records: Records) -> Document:
    entrant, score = standing.entrant, standing.score
    document: Document = {
        "name": entrant.name,
        "staff_no": entrant.staff_no,
        "member": entrant.member,
        "branch": branch,
        "category": entrant.category,
        "quarter": computed.quarter.label,
        "scheme": computed.scheme.key,
        "rank": standing.place,
        "days": entrant.days,
        "unscored": entrant.unscored,
    }
    if score is None:
        return document | {"score": None, "band": None} | _EMPTY | _NOTHING
    points = {name: plain(number) for name, number in dimension_points(score).items()}
    return (
        document
        | summary(score)
        | {
            "dimensions": points,
            "posted_dimensions": {name: str(number) for name, number in posted_dimensions(score).items()},
            "dimension_names": {one.id: one.name for one in computed.scheme.dimensions},
            "vetoes": list(score.case.vetoes),
            "indicators": _indicators(score, entrant, records),
            "adjustments": _adjustments(score, entrant, records),
        }
    )


def _indicators(score: Score, entrant: Entrant, records: Records) -> list[Document]:
    return [
        {**line, "records": [] if line["state"] == "no_data" else records.behind(one, entrant)}
        for one, line in zip(score.indicators, lines(score), strict=True)
    ]


def _adjustments(score: Score, entrant: Entrant, records: Records) -> list[Document]:
    scheme = score.scheme
    both: Sequence[tuple[str, Adjustments, tuple[AdjustmentScore, ...]]] = (
        ("加分", scheme.bonus, score.bonus_lines),
        ("扣分", scheme.deduction, score.deduction_lines),
    )
    return [
        {
            "kind": kind,
            "name": line.name,
            "value": items_text(line.items),
            "points": plain(line.points),
            "records": records.behind(_item(settings, line.name), entrant),
        }
        for kind, settings, found in both
        for line in found
    ]


def _item(settings: Adjustments, name: str) -> Adjustment:
    return next(item for item in settings.items if item.name == name)


def plain_summary(standing: Standing) -> Document:
    """The figures of one member that a list shows, all but name, rank and score."""
    score = standing.score
    if score is None:
        empty = {"band": None, "dimensions": {}, "no_data": [], **_EMPTY, "parts": {}}
        return empty | {"unscored": standing.entrant.unscored}
    figures = summary(score)
    del figures["score"]
    dimensions = {name: plain(points) for name, points in dimension_points(score).items()}
    no_data = [name for one in score.earned for name in one.no_data]
    return {"band": figures.pop("band"), "dimensions": dimensions, "no_data": no_data, **figures, "unscored": ""}
