"""How the scores of the last quarters went (走势): a small line of blocks for each member."""

from decimal import Decimal

from sqlalchemy import Connection

from partybuild_cli.index.measures.source import SCALE
from partybuild_cli.index.quarter import Quarter

_BLOCKS = "▁▂▃▄▅▆▇█"
_QUARTERS = 6
#: Below this a score stands at the lowest block: hardly anybody falls there, and the differences lie above.
_FLOOR = 40


def trends(connection: Connection, quarter: Quarter) -> dict[tuple[str, str | None], str]:
    """For every member with scores up to the quarter, the last six as blocks, oldest first; by name and 工号."""
    labels = [quarter]
    while len(labels) < _QUARTERS:
        labels.append(labels[-1].before)
    rows = connection.exec_driver_sql(
        "SELECT m.name, m.staff_no, r.quarter, s.score FROM index_score AS s"
        " JOIN index_round AS r ON r.id = s.round_id JOIN member AS m ON m.id = s.member_id"
        " WHERE r.quarter >= ? AND r.quarter <= ? AND s.score IS NOT NULL ORDER BY m.id, r.quarter, r.revision",
        (labels[-1].label, quarter.label),
    )
    found: dict[tuple[str, str | None], dict[str, int]] = {}
    for name, staff_no, label, score in rows:
        found.setdefault((name, staff_no), {})[label] = score
    return {key: "".join(_block(Decimal(score) / SCALE) for score in scores.values()) for key, scores in found.items()}


def _block(score: Decimal) -> str:
    height = (score - _FLOOR) * len(_BLOCKS) / (100 - _FLOOR)
    return _BLOCKS[min(len(_BLOCKS) - 1, max(0, int(height)))]
