"""Collecting: 300 branch books of 50 members, each with its year, into one committee's book, against 30 of them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from partybuild_cli.records.base.registry import record
from partybuild_cli.store import driver
from partybuild_cli.store.engine import create_book
from partybuild_cli.store.history import Change, save
from partybuild_cli.store.rows import add
from tests.benchmarks.harness import PARTYBUILD, Ratio, Run, process

MANY, FEW, MEMBERS = 300, 30, 50


def ratios() -> Iterator[Ratio]:
    """How much longer ten times as many books take, the first time and when nothing has changed since."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(MANY):
            branch_book(Path(folder) / f"{number:03}.db", number)
        runs: dict[int, list[Run]] = {}
        for count in (FEW, MANY):
            committee = Path(folder) / f"committee-{count}.sqlite"
            process([*PARTYBUILD, "--db", str(committee), "init", "--branch", "某医院党委", "--kind", "党委"])
            books = [str(Path(folder) / f"{number:03}.db") for number in range(count)]
            runs[count] = [
                process([*PARTYBUILD, "--db", str(committee), "collect", *books]) for _ in ("first", "again")
            ]
        for place, what in enumerate(("第一次", "再汇总一次，没有变化")):
            ours, floor = ([runs[count][place]] for count in (MANY, FEW))
            yield Ratio(f"汇总 {MANY} 本支部数据库（各 {MEMBERS} 名党员），{what}", ours, floor, f"{FEW} 本", 12)


def branch_book(path: Path, number: int) -> None:
    """A branch's book with its year: dues of every month, twenty meetings with their attendance, study and service."""
    everybody = range(1, MEMBERS + 1)
    rows = {
        "branch": [{"name": f"第{number}党支部", "kind": "党支部"}],
        "member": [
            {"branch_id": 1, "name": f"党员{number}之{n}", "staff_no": f"{number:03}{n:03}", "category": "正式党员",
             "born_on": f"19{60 + n % 40}-0{1 + n % 9}-15", "joined_on": "2005-07", "full_on": "2006-07", "title": "主治医师"}
            for n in everybody
        ],
        "meeting": [
            {"branch_id": 1, "kind": "支部党员大会", "held_on": f"2025-{1 + n % 12:02}-{1 + n:02}", "topic": f"第{n}次大会",
             "attendance": [(m, "请假" if m == n else "出席", "值班" if m == n else None, None) for m in everybody]}
            for n in range(1, 21)
        ],
        "dues": [{"member_id": m, "month": f"2025-{n:02}", "due": 200000, "paid": 200000} for m in everybody for n in range(1, 13)],
        "study": [
            {"member_id": m, "studied_on": f"2025-0{n}-08", "topic": "读书班", "hours": 20000} for m in everybody for n in (3, 9)
        ],
        "service": [
            {"branch_id": 1, "held_on": f"2025-{n:02}-18", "kind": "义诊", "title": "进社区",
             "participation": [(m, 30000, int(m == n), None) for m in range(n, n + 8)]}
            for n in range(1, 11)
        ],
    }  # fmt: skip
    with create_book(path).writing() as connection:
        driver.christen(connection)
        change = Change("partybuild import")
        for ledger, some in rows.items():
            add(connection, change, record(ledger).shape, some)
        save(connection, change)
