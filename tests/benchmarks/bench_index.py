"""The index: `index compute` of a quarter against hand-written SQL for the same indicators, and by growth.

The floor takes one statement an indicator, GROUP BY, no joins to anybody's stays, gives the points of
what does not apply to the rest of its dimension, ranks within the branch and writes the scores back; it knows nothing of
those who came or went (two of a hundred), of schemes, exact decimals or explanation. CPU seconds, so that a busy machine
tells the same.
"""

import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from partybuild_cli.index.deeds import compute_quarter
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.store import settings
from partybuild_cli.store.engine import Book, create_book
from tests.benchmarks.harness import Ratio, Run

QUARTER = Quarter("2026Q3")
LOW, HIGH = QUARTER.bounds
UNIT = 10_000
MEMBERS, PAIRS = 100_000, 3
Rows = list[tuple[object, ...]]


def fill(path: Path, members: int) -> Book:
    """A quarter of records: 15 attendances, 3 services and 2 studies a member, dues, talks, tasks and conduct."""
    book = create_book(path)
    with book.writing() as connection:
        settings.christen(connection)
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


#: The best that one would write by hand for the indicators of the default scheme, each figure by member.
_ATTENDED = "(a.state = '出席' OR (a.state = '请假' AND a.made_up IS NOT NULL))"
FLOOR = {
    "A1": "SELECT member_id, min(10.0, 10.0 * sum(hours) / 80000) FROM study WHERE studied_on >= :low AND studied_on < :high AND kind <> '网络自学' GROUP BY member_id",
    "A1m": f"SELECT a.member_id, sum(t.hours) FROM attendance a JOIN meeting t ON t.id = a.meeting_id WHERE t.held_on >= :low AND t.held_on < :high AND {_ATTENDED} GROUP BY a.member_id",
    "A2": "SELECT member_id, count(DISTINCT substr(studied_on, 1, 7)) FROM study WHERE studied_on >= :low AND studied_on < :high AND kind = '网络自学' GROUP BY member_id",
    "A3": "SELECT p.member_id, count(*) FROM person p JOIN meeting t ON t.id = p.record_id WHERE p.ledger = 'meeting' AND p.role = 'lecturer' GROUP BY p.member_id",
    "A4": "SELECT member_id, 3.0 * sum(hours > 0) / count(*) FROM study WHERE studied_on >= :low AND studied_on < :high AND kind = '专题培训' GROUP BY member_id",
    "B1": f"SELECT a.member_id, 12.0 * sum({_ATTENDED}) / sum({_ATTENDED} OR a.state = '缺席') FROM attendance a JOIN meeting t ON t.id = a.meeting_id WHERE t.held_on >= :low AND t.held_on < :high AND t.kind IN ('支部党员大会', '支委会', '党小组会', '党课') GROUP BY a.member_id",
    "B2": f"SELECT a.member_id, 6.0 * sum({_ATTENDED}) / sum({_ATTENDED} OR a.state = '缺席') FROM attendance a JOIN meeting t ON t.id = a.meeting_id WHERE t.held_on >= :low AND t.held_on < :high AND t.kind = '主题党日' GROUP BY a.member_id",
    "B3": "SELECT member_id, sum(paid >= due) FROM dues WHERE month >= '2026-07' AND month <= '2026-09' GROUP BY member_id",
    "B4": "SELECT subject_id, count(*) FROM talk WHERE talked_on >= '2025-10' AND talked_on < :high GROUP BY subject_id",
    "B5": "SELECT p.member_id, count(*) FROM person p JOIN task t ON t.id = p.record_id WHERE p.ledger = 'task' AND p.role = 'responsible' AND t.due_on >= :low AND t.due_on < :high AND t.source LIKE '%组织生活会%' GROUP BY p.member_id",
    "C1": "SELECT p.member_id, 10.0 * sum(t.done_on <= t.due_on) / count(*) FROM person p JOIN task t ON t.id = p.record_id WHERE p.ledger = 'task' AND p.role = 'responsible' AND t.due_on >= :low AND t.due_on < :high GROUP BY p.member_id",
    "C2": "SELECT m.id, x.actual FROM member m JOIN metric x ON x.subject = m.name WHERE x.period = '2026Q3' AND x.name = '患者满意度'",
    "C3": "SELECT member_id, count(*) FROM conduct WHERE happened_on >= :low AND happened_on < :high AND kind = '有效投诉' GROUP BY member_id",
    "C4": "SELECT p.member_id, count(*) FROM person p JOIN honor t ON t.id = p.record_id WHERE p.ledger = 'honor' AND t.awarded_on >= :low AND t.awarded_on < :high GROUP BY p.member_id",
    "D1": "SELECT a.member_id, min(8, 2 * count(*)) FROM participation a JOIN service t ON t.id = a.service_id WHERE t.held_on >= :low AND t.held_on < :high AND t.kind = '院内志愿' GROUP BY a.member_id",
    "D2": "SELECT a.member_id, min(9, 3 * count(*) + sum(a.organizer)) FROM participation a JOIN service t ON t.id = a.service_id WHERE t.held_on >= :low AND t.held_on < :high AND t.kind IN ('义诊', '健康讲座', '医疗保障', '上门走访', '送医送药', '筛查') GROUP BY a.member_id",
    "D3": "SELECT a.member_id, min(3, count(*)) FROM participation a JOIN service t ON t.id = a.service_id WHERE t.held_on >= :low AND t.held_on < :high AND t.kind IN ('社区服务', '科普', '培训', '其他') GROUP BY a.member_id",
    "E1": "SELECT t.member_id, count(*) FROM post t JOIN entry e ON e.ledger = 'post' AND e.record_id = t.id AND e.on_day = '2026Q3' WHERE e.content = '合格' GROUP BY t.member_id",
    "E2": "SELECT p.member_id, count(*) FROM person p JOIN entry e ON e.ledger = 'pairing' AND e.record_id = p.record_id WHERE p.ledger = 'pairing' AND e.on_day >= :low AND e.on_day < :high GROUP BY p.member_id",
    "E3": "SELECT member_id, count(*) FROM conduct WHERE happened_on >= :low AND happened_on < :high AND kind IN ('急难险重', '突击队') GROUP BY member_id",
    "-absent": "SELECT a.member_id, 2 * count(*) FROM attendance a JOIN meeting t ON t.id = a.meeting_id WHERE t.held_on >= :low AND t.held_on < :high AND a.state = '缺席' GROUP BY a.member_id",
    "-overdue": "SELECT p.member_id, 2 * count(*) FROM person p JOIN task t ON t.id = p.record_id WHERE p.ledger = 'task' AND p.role = 'responsible' AND t.due_on >= :low AND t.due_on < :high AND t.done_on IS NULL GROUP BY p.member_id",
    "+bonus": "SELECT member_id, count(*) FROM conduct WHERE happened_on >= :low AND happened_on < :high AND kind IN ('锦旗', '表扬信', '媒体报道') GROUP BY member_id",
}


WORTH = {
    **{"A1": 10, "A2": 3, "A3": 4, "A4": 3, "B1": 12, "B2": 6, "B3": 3, "B4": 2, "B5": 2, "C1": 10, "C2": 5},
    **{"C3": 5, "C4": 5, "D1": 8, "D2": 9, "D3": 3, "E1": 3, "E2": 3, "E3": 4},
}


def floor(path: Path) -> float:
    """Seconds for the hand-written statements, their sum by member, rank and writing back."""
    raw = sqlite3.connect(path)
    begun = time.process_time()
    raw.execute("CREATE TEMP TABLE figure (member_id INTEGER, points REAL, dimension TEXT, worth REAL)")
    for name, sql in FLOOR.items():
        raw.execute(
            "INSERT INTO figure (member_id, points, dimension, worth)"
            f" SELECT f.*, '{name[0]}', {WORTH.get(name, 0)} FROM ({sql}) AS f",
            {"low": LOW, "high": HIGH},
        )
    raw.execute("CREATE TABLE floor_score (member_id INTEGER PRIMARY KEY, score REAL, place INTEGER)")
    raw.execute(
        "INSERT INTO floor_score SELECT m.id, f.score, rank() OVER (PARTITION BY m.branch_id ORDER BY f.score DESC)"
        " FROM member m JOIN (SELECT member_id, sum(CASE dimension WHEN '+' THEN points WHEN '-' THEN -points"
        " ELSE points * CASE dimension WHEN 'A' THEN 20 WHEN 'D' THEN 20 WHEN 'E' THEN 10 ELSE 25 END / worth END) AS score"
        " FROM (SELECT member_id, dimension, sum(points) AS points, sum(worth) AS worth FROM figure"
        " GROUP BY member_id, dimension) GROUP BY member_id) f ON f.member_id = m.id"
    )
    raw.commit()
    seconds = time.process_time() - begun
    raw.execute("DROP TABLE floor_score")
    raw.commit()
    raw.close()
    return seconds


def ours(book: Book) -> float:
    """Seconds for the whole of `index compute`, written back."""
    begun = time.process_time()
    with book.writing() as connection:
        compute_quarter(connection, QUARTER)
    return time.process_time() - begun


def measure(members: int) -> tuple[list[Run], list[Run]]:
    """Runs of ours and of the floor, in turn, on one book."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.db"
        book = fill(path, members)
        mine, floors = [], []
        for _ in range(PAIRS):
            floors.append(_run(floor(path)))
            mine.append(_run(ours(book)))
        return mine, floors


def _run(seconds: float) -> Run:
    return Run(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def ratios() -> Iterator[Ratio]:
    """The figures of this file."""
    small, _ = measure(MEMBERS // 10)
    large, floors = measure(MEMBERS)
    yield Ratio(f"计算一个季度的指数，{MEMBERS} 名党员", large, floors, "手写 SQL 算同样的指标", 2.0)
    yield Ratio("指数，党员从一万到十万", large, small, "一万名党员所用的时间", 12)
