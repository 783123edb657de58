"""The migrations make the tables that the declarations ask for."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any, get_args, get_type_hints

import pytest

from partybuild_cli.index.rounds import OBJECTIONS, ROUNDS, SCHEMES, SCORES
from partybuild_cli.records.base.registry import all_records, captions, ledgers
from partybuild_cli.store.engine import create_book


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("schema") / "new.db"
    create_book(path)
    with closing(sqlite3.connect(path)) as raw:
        yield raw


@pytest.mark.parametrize("record", all_records(), ids=lambda record: record.ledger)
def test_a_declaration_and_its_table_agree(schema, record):
    made = {
        name: (kind, bool(required))
        for _, name, kind, required, *_ in schema.execute(f'PRAGMA table_info("{record.ledger}")')
    }
    asked = {
        column.name: (str(column.type), not column.nullable and column.name != "id")
        for column in record.__table__.columns
    }
    assert made == asked


@pytest.mark.parametrize("record", all_records(), ids=lambda record: record.ledger)
def test_a_declaration_and_its_table_point_at_the_same_tables_and_hold_the_same_to_be_unique(schema, record):
    assert made_keys(schema, record.ledger) == {
        (key.parent.name, key.target_fullname) for key in record.__table__.foreign_keys
    }
    unique = {name for _, name, one, *_ in schema.execute(f'PRAGMA index_list("{record.ledger}")') if one}
    made = {row[2] for name in unique for row in schema.execute(f'PRAGMA index_info("{name}")')}
    assert made == {column.name for column in record.__table__.columns if column.unique}


@pytest.mark.parametrize("table", [ROUNDS, SCORES, OBJECTIONS, SCHEMES], ids=lambda table: table.name)
def test_a_table_of_the_index_is_as_its_rows_say(schema, table):
    made = {
        name: (kind, bool(required), bool(key))
        for _, name, kind, required, _, key in schema.execute(f"PRAGMA table_info({table.name})")
    }
    number = table.columns.get("id")  # SQLite gives a number where none is said
    asked = {
        column.name: (
            str(column.type),
            not column.nullable and (column is not number or table is SCHEMES),
            column.primary_key,
        )
        for column in table.columns
    }
    assert made == asked


def made_keys(schema, table: str) -> set[tuple[str, str]]:
    return {(row[3], f"{row[2]}.{row[4]}") for row in schema.execute(f'PRAGMA foreign_key_list("{table}")')}


@pytest.mark.parametrize("record", all_records(), ids=lambda record: record.ledger)
def test_tables_below_a_record_are_there(schema, record):
    for child in record.shape.children:
        made = {row[1]: (row[2], bool(row[3])) for row in schema.execute(f"PRAGMA table_info({child.table})")}
        asked = {name: typed(hint) for name, hint in get_type_hints(child.row).items()}
        owner = {"ledger": ("TEXT", True)} if child.ledger else {}
        assert made == {**asked, **owner, child.owner: ("INTEGER", True)}
        pointing = {name for name in (*asked, child.owner) if name.endswith("_id") and name != "record_id"}
        assert made_keys(schema, child.table) == {(name, f"{name.removesuffix('_id')}.id") for name in pointing}


def typed(hint: Any) -> tuple[str, bool]:
    """How SQLite declares what a row of a child table declares in Python."""
    return {str: "TEXT", int: "INTEGER"}[(get_args(hint) or (hint,))[0]], type(None) not in get_args(hint)


def test_each_file_says_its_name_first():
    for name in ledgers():
        assert captions()[name]
        assert not captions()[name].isascii()


@pytest.mark.parametrize("record", all_records(), ids=lambda record: record.ledger)
def test_headings_are_unambiguous(record):
    headings = [heading for column in record.columns.values() for heading in column.headings]
    assert sorted(set(headings)) == sorted(headings)
