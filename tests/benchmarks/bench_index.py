"""The index: `index compute` of a quarter as a whole process, its growth, and `index explain` of one member.

A hospital has 200 to 3,000 members. CPU seconds, so that a busy machine tells the same.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from partybuild_cli.index.quarter import Quarter
from partybuild_cli.store import driver
from partybuild_cli.store.engine import Book, create_book
from tests.benchmarks.harness import PARTYBUILD, Ratio, Run, process

QUARTER = Quarter("2026Q3")
UNIT = 10_000
MEMBERS, PAIRS = (300, 3_000, 30_000), 3
Rows = list[tuple[object, ...]]


def fill(path: Path, members: int) -> Book:
    """A quarter of records: 15 attendances, 3 services and 2 studies a member, dues, talks, tasks and conduct."""
    book = create_book(path)
    with book.writing() as connection:
        driver.christen(connection)
    raw = sqlite3.connect(path)
    random = Random(1)
    branches = max(1, members // 100)
    raw.executemany(
        "INSERT INTO branch (id, name, kind) VALUES (?, ?, '党支部')",
        ((n, f"第{n}支部") for n in range(1, branches + 1)),
    )
    raw.executemany(
        "INSERT INTO member (id, branch_id, name, staff_no, category, joined_on, arrived_on, left_on, staff_kind, party_post)"
        " VALUES (?, ?, ?, ?, '正式党员', '2010-07-01', ?, ?, ?, ?)",
        (
            (
                n,
                n % branches + 1,
                f"党员{n}",
                str(n),
                "2026-08-05" if n % 100 == 1 else None,
                "2026-08-25" if n % 100 == 2 else None,
                random.choice(("临床", "护理", None)),
                "书记" if n <= branches else None,
            )
            for n in range(1, members + 1)
        ),
    )
    _meetings(raw, random, members, branches)
    _services(raw, random, members, branches)
    _others(raw, random, members)
    raw.commit()
    raw.close()
    return book


def _meetings(raw: sqlite3.Connection, random: Random, members: int, branches: int) -> None:
    kinds = ("支部党员大会", "支委会", "党小组会", "党课", "主题党日")
    raw.executemany(
        "INSERT INTO meeting (id, branch_id, kind, held_on, topic, hours) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (15 * branch + place, branch, kinds[place % 5], f"2026-0{7 + place % 3}-1{place % 10}", f"会{place}", UNIT)
            for branch in range(1, branches + 1)
            for place in range(15)
        ),
    )
    states = ("出席",) * 17 + ("请假", "请假", "缺席")
    raw.executemany(
        "INSERT INTO attendance (member_id, meeting_id, state, made_up) VALUES (?, ?, ?, ?)",
        (
            (n, 15 * (n % branches + 1) + place, state, "是" if state == "请假" and place % 2 else None)
            for n in range(1, members + 1)
            for place in range(15)
            for state in (random.choice(states),)
        ),
    )


def _services(raw: sqlite3.Connection, random: Random, members: int, branches: int) -> None:
    kinds = ("院内志愿", "义诊", "健康讲座", "科普")
    raw.executemany(
        "INSERT INTO service (id, branch_id, held_on, kind, title, hours) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (
                9 * branch + place,
                branch,
                f"2026-0{7 + place % 3}-0{1 + place}",
                kinds[place % 4],
                f"服务{place}",
                2 * UNIT,
            )
            for branch in range(1, branches + 1)
            for place in range(9)
        ),
    )
    raw.executemany(
        "INSERT INTO participation (member_id, service_id, organizer) VALUES (?, ?, ?)",
        (
            (n, 9 * (n % branches + 1) + place, int(random.random() < 0.1))
            for n in range(1, members + 1)
            for place in random.sample(range(9), 3)
        ),
    )


def _others(raw: sqlite3.Connection, random: Random, members: int) -> None:
    raw.executemany(
        "INSERT INTO study (member_id, studied_on, kind, topic, hours) VALUES (?, ?, ?, '学习', ?)",
        (
            (n, f"2026-0{random.randint(7, 9)}-15", random.choice(("集中学习", "网络自学", "专题培训")), 2 * UNIT)
            for n in range(1, members + 1)
            for _ in range(2)
        ),
    )
    raw.executemany(
        "INSERT INTO dues (member_id, month, due, paid) VALUES (?, ?, 960000, 960000)",
        ((n, month) for n in range(1, members + 1) for month in QUARTER.months if random.random() < 0.98),
    )
    raw.executemany(
        "INSERT INTO talk (talked_on, talker_id, subject_id) VALUES ('2026-03-05', 1, ?)",
        ((n,) for n in range(1, members + 1) if n % 2),
    )
    raw.executemany(
        "INSERT INTO conduct (member_id, happened_on, kind) VALUES (?, '2026-08-08', ?)",
        ((n, random.choice(("锦旗", "突击队", "有效投诉"))) for n in range(1, members + 1, 20)),
    )
    for number, n in enumerate(range(1, members + 1, 5), start=1):
        done = "2026-08-01" if number % 4 else None
        raw.execute(
            "INSERT INTO task (id, area, item, responsible, due_on, done_on, evidence, verified_by)"
            " VALUES (?, '业务', ?, ?, '2026-08-31', ?, '照片', '主任')",
            (number, f"任务{number}", f"党员{n}", done),
        )
        raw.execute(
            "INSERT INTO person (ledger, record_id, role, member_id) VALUES ('task', ?, 'responsible', ?)", (number, n)
        )


def cpu(path: Path, *words: str) -> Run:
    """A whole process of ours, on a book."""
    return process([*PARTYBUILD, "--db", str(path), *words])


def ratios() -> Iterator[Ratio]:
    """The figures of this file."""
    computing: dict[int, list[Run]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for members in MEMBERS:
            path = Path(folder) / f"{members}.db"
            fill(path, members)
            computing[members] = [cpu(path, "index", "compute", QUARTER.label) for _ in range(PAIRS)]
        hospital = Path(folder) / f"{MEMBERS[1]}.db"
        explaining = [cpu(hospital, "index", "explain", "77", QUARTER.label) for _ in range(PAIRS)]
        showing = [cpu(hospital, "member", "show", "77") for _ in range(PAIRS)]
    small, usual, large = (computing[members] for members in MEMBERS)
    second = [Run(1.0, 0.0)] * PAIRS
    yield Ratio("index compute，三千名党员、三十个支部（CPU）", usual, second, "一秒", 3.0)
    yield Ratio("index compute，党员从三百到三千", usual, small, "三百名党员所用的时间", 12)
    yield Ratio("index compute，党员从三千到三万", large, usual, "三千名党员所用的时间", 12)
    yield Ratio("index explain，三千名党员中的一名", explaining, showing, "member show", 2.0)
