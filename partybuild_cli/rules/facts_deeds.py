"""What the branch did (作用发挥的事实): service, posts, zones, tasks, pairs, honours, postings of the index.

Tasks, honours, pairs and zones name no branch: they belong to the branches of the members whom they name, and in a book of
one branch to that one. What names nobody of any branch is filed under the organisation above, or left unplaced.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect

from partybuild_cli.records.task import TaskState, task_state
from partybuild_cli.rules.facts import UNPLACED, Field
from partybuild_cli.values.people import name_words
from partybuild_cli.values.period import behind, quarters
from partybuild_cli.values.text import tight

Row = Mapping[str, Any]


class Owners:
    """Which branches a record belongs to, by the members that it names."""

    def __init__(self, field: Field) -> None:
        self._only = field.branches[0].name if field.roster.only_branch() is not None and field.branches else None
        self._branches = {one.number: one.name for one in field.branches}
        self._above = _above(field)
        self._named: dict[tuple[str, int], set[int]] = defaultdict(set)
        sql = (
            "SELECT DISTINCT p.ledger, p.record_id, m.branch_id FROM person AS p JOIN member AS m ON m.id = p.member_id"
            " WHERE p.ledger IN ('task', 'decision', 'honor', 'pairing', 'zone', 'metric')"
        )
        for ledger, number, branch in field.connection.exec_driver_sql(sql):
            self._named[ledger, number].add(branch)

    def of(self, ledger: str, number: int, *, text: str = "", branch: int | None = None) -> list[str]:
        """The names of the branches that a record belongs to; `text` may be the name of one."""
        if self._only:
            return [self._only]
        named = set(self._named.get((ledger, number), ()))
        plain = tight(text)
        named |= {one for one, name in self._branches.items() if name in plain} if plain else set()
        named |= {branch} if branch is not None else set()
        if not named:
            return [self._above] if self._above else []
        return [self._branches[one] for one in sorted(named) if one in self._branches]


def _above(field: Field) -> str:
    """The organisation for what names no branch: the first 党委, else 党总支; none where one branch is asked for."""
    if field.narrowed:
        return ""
    kinds = field.roster.branch_kinds
    upper = [name for kind in ("党委", "党总支") for name, one in field.roster.branches.items() if kinds[one] == kind]
    return upper[0] if upper else UNPLACED


def rows(field: Field, sql: str, values: Iterable[Any] = ()) -> list[Row]:
    """The rows of a query as mappings."""
    return [dict(row) for row in field.connection.exec_driver_sql(sql, tuple(values)).mappings()]


def by_owner(found: Iterable[Row], owner: Callable[[Row], list[str]]) -> dict[str, list[Row]]:
    """Rows by the branches that they belong to."""
    result: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        for name in owner(row):
            result[name].append(row)
    return result


def tasks_due(field: Field) -> list[Row]:
    """Tasks whose day fell in the period and has passed."""
    sql = "SELECT * FROM task WHERE due_on >= ? AND due_on < ? ORDER BY due_on, id"
    start, end = field.bounds
    return [row for row in rows(field, sql, (start, end)) if row["due_on"] <= str(field.as_of)]


def closed_on_time(task: Row, field: Field) -> bool:
    """销号 by its day."""
    return task_state(task, field.as_of) is TaskState.CLOSED and task["done_on"] <= f"{task['due_on']}~"


def measures(field: Field) -> list[Row]:
    """整改事项 that come from 组织生活会, noted in the year of `as_of` or without a day."""
    sql = "SELECT id, started_on, due_on FROM task WHERE source LIKE '%组织生活会%'"
    year = str(field.as_of.year)
    return [row for row in rows(field, sql) if not row["started_on"] or row["started_on"][:4] == year]


@dataclass(frozen=True, slots=True)
class Post:
    """A post in force, with its plate, publication, and the quarters in which it was assessed."""

    branch: int
    plate: bool
    published: bool
    assessed: frozenset[str]


def posts(field: Field) -> dict[int, list[Post]]:
    """Posts in force on `as_of`, by the branch of their member."""
    sql = (
        "SELECT p.id, m.branch_id, p.plate IS NOT NULL AS plate, p.published = 1 AS published"
        " FROM post AS p JOIN member AS m ON m.id = p.member_id"
        " WHERE (p.set_on IS NULL OR p.set_on < ?) AND (p.removed_on IS NULL OR p.removed_on > ?) ORDER BY p.id"
    )
    assessed = entries(field, "post")
    found: dict[int, list[Post]] = defaultdict(list)
    for row in rows(field, sql, (behind(field.as_of), str(field.as_of))):
        post = Post(
            row["branch_id"], bool(row["plate"]), bool(row["published"]), frozenset(assessed.get(row["id"], ()))
        )
        found[post.branch].append(post)
    return found


def entries(field: Field, ledger: str) -> dict[int, list[str]]:
    """The days of the dated entries below each record of a ledger."""
    sql = "SELECT record_id, on_day FROM entry WHERE ledger = ? AND content IS NOT NULL ORDER BY record_id, on_day"
    found: dict[int, list[str]] = defaultdict(list)
    for number, day in field.connection.exec_driver_sql(sql, (ledger,)):
        found[number].append(day)
    return found


def pairs(field: Field) -> list[Row]:
    """Pairs in force within the period; `visited`: whether an entry or visit falls in it."""
    start, end = field.bounds
    sql = (
        "SELECT p.id, p.giver, p.receiver, p.kind, EXISTS (SELECT 1 FROM entry AS e WHERE e.ledger = 'pairing'"
        " AND e.record_id = p.id AND e.on_day >= ? AND e.on_day < ?) AS visited FROM pairing AS p"
        " WHERE (p.started_on IS NULL OR p.started_on < ?) AND (p.ended_on IS NULL OR p.ended_on >= ?) ORDER BY p.id"
    )
    return rows(field, sql, (start, end, end, start))


def zones(field: Field) -> list[Row]:
    """Every zone, with the branch of its head."""
    sql = "SELECT z.id, z.name, z.ward, m.branch_id FROM zone AS z JOIN member AS m ON m.id = z.head_id ORDER BY z.id"
    return rows(field, sql)


def words_of(text: str | None) -> list[str]:
    """Wards or departments named in a cell (神经内科一、二病区 stays as written), without white space."""
    return [tight(word) for word in name_words(text or "")]


def honors(field: Field) -> list[Row]:
    """Honours awarded in the period."""
    sql = "SELECT id, title, winner, level FROM honor WHERE awarded_on >= ? AND awarded_on < ? ORDER BY id"
    return rows(field, sql, field.bounds)


def participants(field: Field) -> dict[int, set[int]]:
    """Branch -> members who took part in any service of the period; a member serves for the branch where he belongs."""
    sql = (
        "SELECT DISTINCT p.member_id FROM participation AS p JOIN service AS s ON s.id = p.service_id"
        " WHERE s.held_on >= ? AND s.held_on < ?"
    )
    found: dict[int, set[int]] = defaultdict(set)
    for (member,) in field.connection.exec_driver_sql(sql, field.bounds):
        for branch in field.homes.get(member, ()):
            found[branch].add(member)
    return found


def services(field: Field) -> dict[int, dict[str, int]]:
    """Branch -> kind -> how many services of the period."""
    sql = "SELECT branch_id, kind, count(*) FROM service WHERE held_on >= ? AND held_on < ? GROUP BY 1, 2"
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for branch, kind, count in field.connection.exec_driver_sql(sql, field.bounds):
        found[branch][kind] = count
    return found


def posted_quarters(field: Field) -> dict[int, set[str]] | None:
    """Branch -> quarters of the period whose index was posted; None in a book that has never had an index."""
    if not inspect(field.connection).has_table("index_round"):
        return None
    asked = quarters(field.period)
    sql = "SELECT branch_id, quarter FROM index_round WHERE posted_from IS NOT NULL"
    found: dict[int, set[str]] = defaultdict(set)
    for branch, quarter in field.connection.exec_driver_sql(sql):
        if quarter in asked:
            found[branch].add(quarter)
    return found


def decisions(field: Field) -> list[Row]:
    """三重一大 decided in the period."""
    sql = "SELECT * FROM decision WHERE met_on >= ? AND met_on < ? ORDER BY met_on, id"
    return rows(field, sql, field.bounds)
