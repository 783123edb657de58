"""Whether what the index keeps can be read (公示存档和评分方案是否完好): postings as they were sealed, schemes, rounds."""

from collections.abc import Iterator

from sqlalchemy import Connection

from partybuild_cli.errors import PartybuildError
from partybuild_cli.index.rounds import DRAFTS, STATE_WORDS, frozen
from partybuild_cli.index.schemes_in_use import kept_scheme
from partybuild_cli.records.base.kinds import DAY, QUARTER

_NAMED = 5


def archive_damage(connection: Connection) -> str | None:
    """Every posting, scheme and round that cannot be read, in words; None where all can."""
    found = [*_schemes(connection), *_rounds(connection)]
    if not found:
        return None
    more = f" 等 {len(found)} 处" if len(found) > _NAMED else ""
    return f"{'；'.join(found[:_NAMED])}{more}，请用 partybuild restore 从最近的备份恢复后核对"


def _schemes(connection: Connection) -> Iterator[str]:
    for name, version in connection.exec_driver_sql("SELECT id, version FROM index_scheme").all():
        try:
            kept_scheme(connection, name, version)
        except PartybuildError:
            yield f"方案 {name}@{version} 已损坏"


def _rounds(connection: Connection) -> Iterator[str]:
    rows = connection.exec_driver_sql(
        "SELECT round.id, branch.name, quarter, state, posted_from, posted_until FROM index_round AS round"
        " LEFT JOIN branch ON branch.id = branch_id ORDER BY round.id"
    ).all()
    for number, branch, quarter, state, first, last in rows:
        called = f"{branch or '（已删除的党支部）'} {quarter} 的"
        days = DAY.sound((first,)) and DAY.sound((last,))
        if not QUARTER.sound((quarter,)) or state not in STATE_WORDS or not days:
            yield f"{called}评分轮次已损坏"
        elif state not in DRAFTS:
            try:
                frozen(connection, number)
            except PartybuildError:
                yield f"{called}公示存档与它的校验值不符"
