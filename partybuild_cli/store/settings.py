"""Small facts about a book (设置): its own name, the secret that sealed raters and seals files, remembered headings, local numbers."""

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: The setting that names the last entry at which a round of peer ratings was closed: history told more before.
CLOSED = "raters_closed"


def get(connection: "Connection", key: str) -> str | None:
    """The setting called `key`, None where there is none."""
    found: str | None = connection.exec_driver_sql("SELECT value FROM setting WHERE key = ?", (key,)).scalar()
    return found


def put(connection: "Connection", key: str, value: str) -> None:
    """Keep a setting."""
    connection.exec_driver_sql(
        "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def christen(connection: "Connection") -> None:
    """Give a new book its name and its secret."""
    put(connection, "book", secrets.token_hex(4))
    put(connection, "secret", secrets.token_hex(16))
