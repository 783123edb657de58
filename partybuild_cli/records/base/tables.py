"""SQLModel tables made from the declarations (建表): what migrations are checked against, and typed access for programs.

Commands never import this module: SQLModel costs more than everything else that a command loads.
"""

from functools import cache
from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import ForeignKey, Integer, Text
from sqlmodel import Field, SQLModel

from partybuild_cli.records.base.declare import Column, Record

_TYPES = {"TEXT": (str, Text), "INTEGER": (int, Integer)}


def _reference(part: str) -> list[ForeignKey]:
    """A part that holds another record's number points at that record's table."""
    table = "branch" if part.endswith("branch_id") else "member"
    return [ForeignKey(f"{table}.id")] if part.endswith("_id") else []


def _field(part: str, sql: str, column: Column) -> tuple[Any, Any]:
    python, kind = _TYPES[sql]
    required = column.required and part == next(iter(column.parts))
    made: SqlColumn[Any] = SqlColumn(part, kind, *_reference(part), nullable=not required, info={"column": column})
    return (python if required else python | None), Field(default=None, sa_column=made)


@cache
def model_of(record: type[Record]) -> type[SQLModel]:
    """The SQLModel table class of a record type; `model.__table__.c.name.info["column"]` is its declaration."""
    fields: dict[str, tuple[Any, Any]] = {"id": (int | None, Field(default=None, primary_key=True))}
    for column in record.columns.values():
        fields |= {part: _field(part, sql, column) for part, sql in column.parts.items()}
    fields["extras"] = (str | None, Field(default=None, sa_type=Text))
    fields["uid"] = (str | None, Field(default=None, sa_type=Text, unique=True))
    body: dict[str, Any] = {key: field for key, (_, field) in fields.items()}
    body["__annotations__"] = {key: annotation for key, (annotation, _) in fields.items()}
    body["__tablename__"] = record.ledger
    body["__module__"] = record.__module__
    body["__doc__"] = record.__doc__
    body["__table_args__"] = {"sqlite_autoincrement": True}
    metaclass: Any = type(SQLModel)
    made: type[SQLModel] = metaclass(f"{record.__name__}Row", (SQLModel,), body, table=True)
    return made
