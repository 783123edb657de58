"""Ledgers of all kinds as clerks and other systems keep them, one after the other: `layouts.txt` holds the sheets and what they say.

Each begins with `# name`, the sheet's name in brackets with its merged ranges, and the rows with their cells parted by `|`
(`@` before a day, `'` before digits that are text). `=> ledger` follows with the rows that have a problem, then what each record
says at least; of `=> -` nothing is written.
"""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.importing import Report

_LAYOUTS = [block.strip() for block in re.split(r"(?m)^# ", Path(__file__).with_name("layouts.txt").read_text("utf8"))]


def _cell(text: str) -> Any:
    text = text.strip()
    if text[:1] in "@'":
        return datetime.fromisoformat(text[1:]) if text[:1] == "@" else text[1:] or None
    for pattern, kind in ((r"(?:0|[1-9]\d{0,9})", int), (r"(?:0|[1-9]\d*)\.\d+", float)):
        if re.fullmatch(pattern, text):
            return kind(text)
    return text


def _said(value: Any) -> str:
    """A value of a record's JSON as the file writes it."""
    if isinstance(value, list):
        return "、".join(map(_said, value))
    return str(value.get("name", value.get("value")) if isinstance(value, dict) else value)


def _parts(layout: str) -> tuple[str, list[list[Any]], list[str], list[str]]:
    """Sheet and merged ranges, rows, what is expected of the sheet, and of its records."""
    head, _, expected = layout.partition("\n=> ")
    _, place, *rows = head.split("\n")
    outcome, *records = expected.split("\n")
    return place, [[_cell(text) for text in row.split("|")] for row in rows], outcome.split(), records


@pytest.mark.parametrize("layout", _LAYOUTS[1:], ids=[block.partition("\n")[0] for block in _LAYOUTS[1:]])
def test_a_ledger_is_read_as_its_clerk_means_it(take: Callable[..., Report], layout: str) -> None:
    place, rows, (ledger, *problems), records = _parts(layout)
    name, *merges = place[1:].replace("]", "", 1).split(" ")
    try:
        sheets = [one for one in take({name: rows}, {name: merges}, dry_run=True).sheets if one.record]
    except Unfit:
        assert ledger == "-"
        return
    told = [f"{row} {one.column} {one.message}" for sheet in sheets for row, one in sheet.all_problems()]
    assert ledger == "-" or {one.partition(" ")[0] for one in told} == set(problems[1:]), told
    found = [
        {"ledger": sheet.ledger, **{key: _said(value) for key, value in one["values"].items()}}
        for sheet in sheets
        for draft, one in zip(sheet.drafts, sheet.records or [], strict=True)
        if one["outcome"] != "problem" and draft.joins is None
    ]
    wanted = [dict(part.split("=", 1) for part in line.split("; ")) for line in records]
    assert [{key: own.get(key, "") for key in one} for one, own in zip(wanted, found, strict=True)] == [
        {key: ledger if key == "ledger" and not value else value for key, value in one.items()} for one in wanted
    ]
