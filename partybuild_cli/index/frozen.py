"""What was posted, kept as it was posted (公示存档): every line and record of every member, sealed by a fingerprint."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.errors import Unfit


def freeze(connection: Connection, round_id: int, accounts: Sequence[Any]) -> str:
    """Keep the accounts with the round; their fingerprint."""
    text = json.dumps(accounts, ensure_ascii=False, separators=(",", ":"))
    seal = hashlib.sha256(text.encode()).hexdigest()
    connection.exec_driver_sql(
        "UPDATE index_round SET frozen = ?, fingerprint = ? WHERE id = ?", (text, seal, round_id)
    )
    return seal


def frozen_accounts(connection: Connection, round_id: int) -> list[dict[str, Any]]:
    """The accounts as they were posted. Unfit when somebody has altered them outside the tool."""
    text, seal = connection.exec_driver_sql(
        "SELECT CAST(frozen AS BLOB), fingerprint FROM index_round WHERE id = ?", (round_id,)
    ).one()
    if text is None or hashlib.sha256(text).hexdigest() != seal:
        raise Unfit("公示存档与它的校验值不符，可能被人在程序外改动过。请用 partybuild restore 从备份恢复后核对。")
    found: list[dict[str, Any]] = json.loads(text)
    return found
