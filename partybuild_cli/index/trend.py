"""How the scores of the last quarters went (走势): a small line of blocks for each member."""

from decimal import Decimal

from sqlalchemy import Connection

from partybuild_cli.index.measures.source import SCALE
from partybuild_cli.index.quarter import Quarter

_BLOCKS = "▁▂▃▄▅▆▇█"
_QUARTERS = 6
#: Below this a score stands at the lowest block: hardly anybody falls there, and the differences lie above.
_FLOOR = 40


def trends(connection: Connection, quarter: Quarter) -> dict[int, str]:
    """For every member with scores up to the quarter, the last six as blocks, oldest first; by his number.

    Of two branches in one quarter that counts where he was longer, as for the year.
    """
    labels = [quarter]
    while len(labels) < _QUARTERS:
        labels.append(labels[-1].before)
    rows = connection.exec_driver_sql(
        "SELECT s.member_id, r.quarter, s.score FROM index_score AS s JOIN index_round AS r ON r.id = s.round_id"
        " WHERE r.quarter >= ? AND r.quarter <= ? AND r.revision = (SELECT max(o.revision) FROM index_round AS o"
        " WHERE o.quarter = r.quarter AND o.branch_id = r.branch_id) AND s.score IS NOT NULL"
        " ORDER BY s.member_id, r.quarter, s.days, r.id",
        (labels[-1].label, quarter.label),
    )
    found: dict[int, dict[str, int]] = {}
    for member, label, score in rows:
        found.setdefault(member, {})[label] = score
    return {
        member: "".join(_block(Decimal(score) / SCALE) for score in scores.values()) for member, scores in found.items()
    }


def _block(score: Decimal) -> str:
    height = (score - _FLOOR) * len(_BLOCKS) / (100 - _FLOOR)
    return _BLOCKS[min(len(_BLOCKS) - 1, max(0, int(height)))]
