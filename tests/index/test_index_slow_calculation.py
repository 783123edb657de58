"""The whole index once more, slowly: plain Python over plain rows, written from the scheme's description and sharing no
code with the package, must agree with the SQL for every member and indicator of hundreds of random branches.

PARTYBUILD_BRANCHES sets how many branches are drawn (500 by default), PARTYBUILD_SEED which.
"""

import os
from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from hashlib import sha256
from random import Random

import pytest

from partybuild_cli.index.compute import compute
from partybuild_cli.index.participants import roll_of
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.schemes import built_in_schemes
from partybuild_cli.store import driver
from partybuild_cli.store.engine import create_book

BRANCHES = int(os.environ.get("PARTYBUILD_BRANCHES", "500"))
SEED = int(os.environ.get("PARTYBUILD_SEED", "20261122"))
FIRST, LAST, MONTHS = date(2026, 7, 1), date(2026, 9, 30), ("2026-07", "2026-08", "2026-09")
UNIT = 10_000

MEETINGS = ("支部党员大会", "支委会", "党小组会", "党课", "主题党日", "专题学习", "组织生活会")
STUDIES = ("集中学习", "专题培训", "网络自学", "廉洁教育", "读书会", None)
SERVICES = ("院内志愿", "义诊", "健康讲座", "上门走访", "筛查", "社区服务", "科普", "其他")
LEVELS = ("院级", "校级", "市厅级", "省部级", "国家级")
CONDUCTS = (
    *("突击队", "急难险重", "锦旗", "表扬信", "媒体报道", "院外急救", "有效投诉", "推诿", "提醒谈话", "交流发言"),
    *("心得", "无故缺席", "党费逾期", "任务逾期", "违法犯罪", "没有这一项"),
)


# ---------------------------------------------------------------- random branches


class Draw:
    """Random rows of every ledger for some branches of one book."""

    def __init__(self, connection, seed: int) -> None:
        self.random = Random(seed)
        self.connection = connection
        self.last = defaultdict(int)
        self.secret = "secret"

    def add(self, table: str, **values: object) -> int:
        if table not in ("attendance", "participation", "person", "entry", "stay"):
            self.last[table] += 1
            values = {"id": self.last[table], **values}
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        self.connection.exec_driver_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', tuple(values.values()))
        return self.last[table]

    def day(self, first: date = date(2026, 6, 20), last: date = date(2026, 10, 10)) -> str:
        day = first + timedelta(days=self.random.randrange((last - first).days + 1))
        return str(day)[: self.random.choice((10, 10, 10, 10, 7))]

    def some(self, chance: float) -> bool:
        return self.random.random() < chance

    def branch(self) -> None:
        pick = self.random.choice
        name = f"第{self.last['branch'] + 1}党支部"
        branch = self.add("branch", name=name, kind="党支部", dues_quarterly=pick((None, 0, 1)))
        groups = pick(((None,), ("一组", "二组"), ("一组", None)))
        members = [self.member(branch, pick(groups), name) for _ in range(self.random.randint(1, 7))]
        kept = {ledger for ledger in LEDGERS if self.some(0.8)}
        for ledger in LEDGERS:
            if ledger in kept:
                getattr(self, ledger)(branch, members, name)

    def member(self, branch: int, group: str | None, name: str) -> int:
        pick = self.random.choice
        arrived = self.day(date(2026, 6, 1), date(2026, 9, 30)) if self.some(0.2) else None
        left = self.day(date(2026, 7, 5), date(2026, 10, 20)) if self.some(0.2) else None
        if arrived and left and left[:7] <= arrived[:7]:
            left = None
        member = self.add(
            "member",
            branch_id=branch,
            name=f"党员{self.last['member'] + 1}",
            staff_no=str(self.last["member"] + 1),
            category=pick(("正式党员", "正式党员", "预备党员")),
            joined_on=pick(("2010-07", "2015-06-01", None)),
            party_post=pick((None, None, "书记", "组织委员")),
            group=group,
            department=pick((None, f"{name}科室")),
            staff_kind=pick((None, "临床", "行政后勤", "护理")),
            standing=pick((None, None, None, None, "正常", "停止党籍")),
            suspended_on=pick((None, "2026-11", "2026-09-30")),
            away_on=pick((None,) * 9 + ("2026-07-01", "2026-07-02", "2025-12", "2026-06")),
            lost_on=pick((None,) * 15 + ("2026-01-05",)),
            exempt_reason=pick((None,) * 9 + ("援外",)),
            arrived_on=arrived,
            left_on=left,
        )
        if arrived and len(arrived) == 10 and branch > 1 and self.some(0.5):
            self.add("stay", member_id=member, branch_id=branch - 1, arrived_on=None, left_on=arrived, left_to="某支部")
        return member

    def meeting(self, branch: int, members: list[int], name: str) -> None:
        pick = self.random.choice
        for _ in range(self.random.randint(0, 6)):
            hours = pick((None, 1, 1.5))
            number = self.add(
                "meeting",
                branch_id=branch,
                kind=pick(MEETINGS),
                held_on=self.day(),
                topic=f"会{self.last['meeting']}",
                hours=None if hours is None else int(hours * UNIT),
            )
            for member in members:
                if self.some(0.85):
                    state = pick(("出席", "出席", "出席", "请假", "缺席"))
                    made_up = pick((None, "是")) if state == "请假" else None
                    self.add("attendance", member_id=member, meeting_id=number, state=state, made_up=made_up)
            if self.some(0.4):
                self.add("person", ledger="meeting", record_id=number, role="lecturer", member_id=pick(members))

    def study(self, branch: int, members: list[int], name: str) -> None:
        for member in members:
            for _ in range(self.random.randint(0, 5)):
                self.add(
                    "study",
                    member_id=member,
                    studied_on=self.random.choice((self.day(), "2026-08-05..2026-08-07", "2026-09..2026-10")),
                    kind=self.random.choice(STUDIES),
                    topic=f"学{self.last['study']}",
                    hours=self.random.choice((0, 10_000, 25_000, 40_000)),
                    note=self.random.choice((None, None, "交流发言", "领学，心得", "心得体会")),
                )

    def dues(self, branch: int, members: list[int], name: str) -> None:
        for member in members:
            for month in ("2026-06", *MONTHS):
                if self.some(0.8):
                    self.add(
                        "dues",
                        member_id=member,
                        month=month,
                        due=self.random.choice((None, 960_000, 960_000, 0)),
                        paid=self.random.choice((None, 960_000, 960_000, 960_000, 100)),
                        paid_on=self.random.choice((None, f"{month}-15", month, "2026-09-28", "2026-10-08")),
                        state=self.random.choice((None,) * 6 + ("免缴",)),
                    )

    def talk(self, branch: int, members: list[int], name: str) -> None:
        for _ in range(self.random.randint(0, 3)):
            talked = self.day(date(2025, 9, 20), date(2026, 10, 5))
            talker, subject = self.random.choice(members), self.random.choice(members)
            self.add("talk", talked_on=talked, talker_id=talker, subject_id=subject)

    def task(self, branch: int, members: list[int], name: str) -> None:
        pick = self.random.choice
        for _ in range(self.random.randint(0, 5)):
            responsible = sorted({pick(members) for _ in range(pick((1, 1, 2)))})
            number = self.add(
                "task",
                area="业务",
                item=f"任务{self.last['task']:05}",
                source=pick((None, "年度要点", "组织生活会", "2025年度民主评议")),
                responsible="、".join(f"党员{one}" for one in responsible),
                due_on=pick((self.day(), self.day(), "长期坚持")),
                done_on=pick((None, self.day(), self.day())),
                verified_by=pick((None, "主任", "主任", f"党员{responsible[0]}")),
                evidence=pick((None, "照片", "照片")),
            )
            for one in responsible:
                self.add("person", ledger="task", record_id=number, role="responsible", member_id=one)

    def honor(self, branch: int, members: list[int], name: str) -> None:
        pick = self.random.choice
        for _ in range(self.random.randint(0, 4)):
            winner = pick(members)
            number = self.add(
                "honor",
                title=pick(("甲奖", "乙奖")),
                winner=f"党员{winner}",
                level=pick(LEVELS),
                awarded_on=pick((self.day(), None)),
                field=pick(("党内", "业务", "医德", "科研", "教学", None)),
            )
            self.add("person", ledger="honor", record_id=number, role="winner", member_id=winner)

    def service(self, branch: int, members: list[int], name: str) -> None:
        for _ in range(self.random.randint(0, 5)):
            hours = self.random.choice((None, 10_000, 20_000, 35_000))
            number = self.add(
                "service",
                branch_id=branch,
                held_on=self.day(),
                kind=self.random.choice(SERVICES),
                title=f"服务{self.last['service']}",
                hours=hours,
            )
            for member in members:
                if self.some(0.5):
                    own = self.random.choice((None, None, 15_000, 30_000))
                    leads = int(self.some(0.3))
                    self.add("participation", member_id=member, service_id=number, hours=own, organizer=leads)

    def post(self, branch: int, members: list[int], name: str) -> None:
        pick = self.random.choice
        for member in members:
            if self.some(0.3):
                removed = pick((None, None, self.day()))
                set_on = pick((None, "2025", self.day()))
                number = self.add("post", member_id=member, place="岗", set_on=set_on, removed_on=removed)
                self.assess("post", number)

    def zone(self, branch: int, members: list[int], name: str) -> None:
        number = self.add("zone", name=f"区{branch}", ward="一病区", head_id=members[0])
        for member in members:
            if self.some(0.3):
                self.add("person", ledger="zone", record_id=number, role="members", member_id=member)
        self.assess("zone", number)

    def assess(self, ledger: str, number: int) -> None:
        for quarter in ("2026Q2", "2026Q3"):
            if self.some(0.6):
                word = self.random.choice(("合格", "合格", "不合格"))
                self.add("entry", ledger=ledger, record_id=number, on_day=quarter, content=word)

    def pairing(self, branch: int, members: list[int], name: str) -> None:
        pick = self.random.choice
        for _ in range(self.random.randint(0, 2)):
            number = self.add(
                "pairing",
                kind="师徒",
                giver="甲",
                receiver="乙",
                started_on=pick((None, "2026-03", self.day())),
                ended_on=pick((None, None, "2026-06-30")),
            )
            for role in ("giver", "receiver"):
                if self.some(0.7):
                    self.add("person", ledger="pairing", record_id=number, role=role, member_id=pick(members))
            for day in {self.day() for _ in range(self.random.randint(0, 3))}:
                self.add("entry", ledger="pairing", record_id=number, on_day=day, content="走访")

    def conduct(self, branch: int, members: list[int], name: str) -> None:
        pick = self.random.choice
        for member in members:
            for _ in range(self.random.randint(0, 2)):
                kind = pick(CONDUCTS)
                held = self.connection.exec_driver_sql("SELECT held_on FROM meeting ORDER BY id DESC LIMIT 1").scalar()
                item = self.connection.exec_driver_sql("SELECT item FROM task ORDER BY id DESC LIMIT 1").scalar()
                due = self.connection.exec_driver_sql("SELECT due_on FROM task ORDER BY id DESC LIMIT 1").scalar()
                days = [self.day(), held or self.day(), due if due and due[0] == "2" else self.day()]
                self.add(
                    "conduct",
                    member_id=member,
                    happened_on=pick(days),
                    kind=kind,
                    times=pick((None, 1, 2)),
                    basis=pick((None, f"见{item}", "文件")),
                    decided_by=pick((None, "支委会", "支委会")),
                    decided_on=pick((None, "2026-09-30", "2026-09-30")),
                )

    def metric(self, branch: int, members: list[int], name: str) -> None:
        pick = self.random.choice
        for subject in (f"党员{members[0]}", f"{name}科室", name):
            if self.some(0.5):
                for period in pick((("2026Q3",), ("2026-07", "2026-08"), ("2026Q2",), ("2026Q3", "2026-07"))):
                    number = self.add(
                        "metric",
                        subject=subject,
                        name=pick(("患者满意度", "患者满意度", "内部满意度")),
                        period=period,
                        actual=pick((995_000, 900_000, 899_900, 850_000, 700_000)),
                    )
                    if subject.startswith("党员"):
                        role = {"record_id": number, "role": "subject", "member_id": members[0]}
                        self.add("person", ledger="metric", **role)

    def rating(self, branch: int, members: list[int], name: str) -> None:
        pick = self.random.choice
        for member in members:
            if self.some(0.7):
                self.add("rating", member_id=member, quarter="2026Q3", part="自评", score=pick((880_000, 955_000)))
            if self.some(0.3):
                self.add("rating", member_id=member, quarter="2026Q3", part="组织评定", score=pick((700_000, 925_000)))
            for rater in members:
                if self.some(0.6):
                    seal = sha256(f"{self.secret}:{rater}".encode()).hexdigest()[:20]
                    score = pick((0, 605_000, 850_000, 905_000, 1_000_000))
                    row = {"member_id": member, "quarter": "2026Q3", "part": "互评", "rater": seal, "score": score}
                    self.add("rating", **row)


LEDGERS = (
    *("meeting", "study", "dues", "talk", "task", "honor", "service", "post", "zone", "pairing", "conduct"),
    *("metric", "rating"),
)


# ---------------------------------------------------------------- the slow calculation


def begins(day: str) -> date:
    """The first day that a text may mean; of a range, its first."""
    day = day.split("..")[0]
    return date.fromisoformat(day + {4: "-01-01", 7: "-01", 10: ""}[len(day)])


def ends(day: str) -> date:
    year, month = int(day[:4]), int(day[5:7] or 12)
    return date.fromisoformat(day) if len(day) == 10 else date(year, month, monthrange(year, month)[1])


def laid(day: str) -> date:
    """Where in a stay a record counts: a month at its end, a year at its beginning."""
    day = day.split("..")[0]
    return ends(day) if len(day) == 7 else begins(day)


def in_quarter(day: str | None) -> bool:
    return day is not None and day[0].isdigit() and FIRST <= begins(day) <= LAST


class Slow:
    """Everything that one member did in one branch, from rows as they lie in the book."""

    def __init__(self, rows: dict, member: dict, branch: int) -> None:
        self.rows, self.member, self.branch, self.id = rows, member, branch, member["id"]
        spans = [(member["branch_id"], member["arrived_on"] or member["joined_on"], member["left_on"])]
        spans += [
            (stay["branch_id"], stay["arrived_on"] or member["joined_on"], stay["left_on"])
            for stay in rows["stay"]
            if stay["member_id"] == self.id
        ]
        self.spans = [
            (begins(start) if start else date.min, self.first_outside(end))
            for home, start, end in spans
            if home == branch
        ]

    @staticmethod
    def first_outside(end: str | None) -> date:
        if end is None:
            return date.max
        return date.fromisoformat(end) if len(end) == 10 else ends(end) + timedelta(days=1)

    def days(self) -> int:
        every = (FIRST + timedelta(days=passed) for passed in range((LAST - FIRST).days + 1))
        return sum(self.belongs(day) for day in every)

    def belongs(self, day: date) -> bool:
        return any(start <= day < end for start, end in self.spans)

    def here(self, day: str | None) -> bool:
        return in_quarter(day) and self.belongs(laid(day))

    def due_months(self) -> list[str]:
        return [month for month in MONTHS if self.belongs(ends(month))]

    def mine(self, ledger: str, day: str, key: str = "member_id") -> list[dict]:
        return [row for row in self.rows[ledger] if row[key] == self.id and self.here(row[day])]

    def linked(self, ledger: str, role: str | None = None) -> list[dict]:
        numbers = {
            one["record_id"]
            for one in self.rows["person"]
            if one["ledger"] == ledger and one["member_id"] == self.id and role in (None, one["role"])
        }
        return [row for row in self.rows[ledger] if row["id"] in numbers]

    def attended(self) -> list[tuple[dict, dict]]:
        meetings = {row["id"]: row for row in self.rows["meeting"] if row["branch_id"] == self.branch}
        found = [
            (meetings.get(row["meeting_id"]), row) for row in self.rows["attendance"] if row["member_id"] == self.id
        ]
        return [(meeting, row) for meeting, row in found if meeting and self.here(meeting["held_on"])]

    def noted(self, word: str) -> int:
        return sum(row["times"] or 1 for row in self.mine("conduct", "happened_on") if row["kind"] == word)


def present(row: dict) -> bool:
    return row["state"] == "出席" or (row["state"] == "请假" and bool(row["made_up"]))


def share(done: int, due: int):
    return ("scored", done, due) if due else ("not_applicable",)


def attendance(one: Slow, kinds: tuple[str, ...]):
    found = [row for meeting, row in one.attended() if meeting["kind"] in kinds]
    done = sum(present(row) for row in found)
    due = done + sum(row["state"] == "缺席" for row in found)
    unnamed = [
        row
        for row in one.rows["unnamed"]
        if row["branch_id"] == one.branch
        and row["kind"] in {*kinds} - {"支委会", "党小组会"}
        and one.here(row["held_on"])
    ]
    return ("no_data",) if unnamed and not due else share(done, due)


def tasks(one: Slow, own: bool):
    found = []
    for row in one.linked("task", "responsible"):
        rectifies = any(word in (row["source"] or "") for word in ("组织生活会", "民主评议"))
        if one.here(row["due_on"]) and rectifies == own:
            found.append(closed(row) and begins(row["done_on"]) <= ends(row["due_on"]))
    return share(sum(found), len(found))


def closed(row: dict) -> bool:
    proved = row["done_on"] and row["evidence"] and row["verified_by"]
    return bool(proved) and row["verified_by"] not in row["responsible"].split("、")


def paid_in_time(row: dict, quarterly: bool) -> bool:
    if row["state"] or not row["paid"] or row["paid"] < (row["due"] or 0):
        return False
    return row["paid_on"] is None or begins(row["paid_on"]) <= (LAST if quarterly else ends(row["month"]))


def pays_by_quarter(one: Slow) -> bool:
    return any(row["id"] == one.branch and row["dues_quarterly"] for row in one.rows["branch"])


def dues_of(one: Slow) -> dict[str, dict]:
    return {row["month"]: row for row in one.rows["dues"] if row["member_id"] == one.id}


def dues(one: Slow):
    kept = dues_of(one)
    months = [month for month in one.due_months() if month not in kept or owed(kept[month])]
    return share(
        sum(month in kept and paid_in_time(kept[month], pays_by_quarter(one)) for month in months), len(months)
    )


def owed(row: dict | None) -> bool:
    return row is not None and not row["state"] and row["due"] != 0


def services(one: Slow, kinds: tuple[str, ...]) -> list[tuple[dict, dict]]:
    found = {row["service_id"]: row for row in one.rows["participation"] if row["member_id"] == one.id}
    return [
        (row, found[row["id"]])
        for row in one.rows["service"]
        if row["id"] in found and row["kind"] in kinds and one.here(row["held_on"])
    ]


def honors(one: Slow, fields: tuple[str, ...]) -> dict[str, int]:
    everywhere = [row for row in one.linked("honor", "winner") if in_quarter(row["awarded_on"])]
    order = ("科级", "院级", "校级", "县级", "市厅级", "省部级", "国家级")
    found: dict[str, int] = defaultdict(int)
    for row in everywhere:
        rivals = [other for other in everywhere if other["title"] == row["title"]]
        best = min(rivals, key=lambda other: (-order.index(other["level"]), other["id"]))
        if best is row and row["field"] in fields and one.here(row["awarded_on"]):
            found[row["level"]] += 1
    return found


def items(found: dict[str, object], prices: tuple[str, ...]):
    return ("scored", {word: number for word, number in found.items() if number and word in prices})


def lectures(one: Slow):
    found: dict[str, int] = defaultdict(int)
    for row in one.linked("meeting", "lecturer"):
        if one.here(row["held_on"]):
            found["讲党课" if row["kind"] == "党课" else "领学"] += 1
    for word in ("领学", "交流发言", "心得", "讲党课"):
        noted = [(row["note"] or "").replace("，", "、").split("、") for row in one.mine("study", "studied_on")]
        found[word] += sum(word in words for words in noted) + one.noted(word)
    return items(found, ("领学", "交流发言", "心得", "讲党课"))


def hospital_hours(one: Slow):
    found: dict[str, object] = defaultdict(int)
    for row, part in services(one, ("院内志愿",)):
        hours = part["hours"] if part["hours"] is not None else row["hours"]
        if hours is not None and hours >= 2 * UNIT:
            found["次"] += 1
        elif hours is not None:
            found["小时"] += Fraction(hours, UNIT)
    return items(found, ("次", "小时"))


def clinics(one: Slow):
    found = services(one, ("义诊", "健康讲座", "医疗保障", "上门走访", "送医送药", "筛查"))
    led = sum(part["organizer"] for _, part in found)
    return items({"次": len(found), "带队": led}, ("次", "带队"))


def study_hours(one: Slow):
    kinds = ("集中学习", "专题培训", "廉洁教育", "业务大讲堂", "青年理论学习小组", "读书会", None)
    hours = sum(row["hours"] for row in one.mine("study", "studied_on") if row["kind"] in kinds)
    hours += sum(meeting["hours"] or 0 for meeting, row in one.attended() if present(row))
    return ("scored", Fraction(hours, UNIT))


def self_study(one: Slow):
    months = one.due_months()
    rows = [row for row in one.rows["study"] if row["member_id"] == one.id and row["kind"] == "网络自学"]
    return share(len({row["studied_on"][:7] for row in rows} & set(months)), len(months))


def training(one: Slow):
    rows = [row for row in one.mine("study", "studied_on") if row["kind"] == "专题培训"]
    return share(sum(row["hours"] > 0 for row in rows), len(rows))


def posts_in_force(one: Slow) -> list[dict]:
    return [
        row
        for row in one.rows["post"]
        if row["member_id"] == one.id
        and (row["set_on"] is None or begins(row["set_on"]) <= LAST)
        and (row["removed_on"] is None or begins(row["removed_on"]) > LAST)
    ]


def zones(one: Slow) -> list[dict]:
    member_of = {row["id"] for row in one.linked("zone", "members")}
    return [row for row in one.rows["zone"] if row["head_id"] == one.id or row["id"] in member_of]


def posts(one: Slow):
    fit = {
        (row["ledger"], row["record_id"])
        for row in one.rows["entry"]
        if row["on_day"] == "2026Q3" and row["content"] == "合格"
    }
    held = [("post", row["id"]) for row in posts_in_force(one)] + [("zone", row["id"]) for row in zones(one)]
    return ("scored", sum(place in fit for place in held))


def pairs(one: Slow) -> list[tuple[dict, list[dict]]]:
    """The pairs that were running in the quarter, with the visits in it."""
    found = []
    for row in one.linked("pairing"):
        visits = [
            visit
            for visit in one.rows["entry"]
            if visit["ledger"] == "pairing" and visit["record_id"] == row["id"] and one.here(visit["on_day"])
        ]
        running = row["ended_on"] is None or ends(row["ended_on"]) >= FIRST
        if (row["started_on"] is None or begins(row["started_on"]) <= LAST) and (running or visits):
            found.append((row, visits))
    return found


def metric(one: Slow, name: str):
    members = {row["record_id"]: row["member_id"] for row in one.rows["person"] if row["ledger"] == "metric"}
    house = next(row["name"] for row in one.rows["branch"] if row["id"] == one.branch)
    for fits in (
        lambda row: members.get(row["id"]) == one.id,
        lambda row: row["id"] not in members and row["subject"] == one.member["department"],
        lambda row: row["id"] not in members and row["subject"] == house,
    ):
        found = [row for row in one.rows["metric"] if row["name"] == name and fits(row)]
        whole = [row for row in found if row["period"] == "2026Q3"]
        used = whole or [row for row in found if row["period"] in MONTHS]
        if used:
            return ("scored", Fraction(sum(row["actual"] for row in used), len(used) * UNIT))
    return ("no_data",)


#: What an indicator is, and which records show that a branch keeps its ledger.
def measured(one: Slow, kept: dict[str, set[int]], staff_kind: str | None) -> dict[str, tuple]:
    office = staff_kind == "行政后勤"
    found = {
        "A1": (study_hours(one), ("study", "meeting_hours")),
        "A2": (self_study(one), ("study", "self_study")),
        "A3": (lectures(one), ("meeting", "study", "conduct", "lectured")),
        "A4": (training(one), ("study",)),
        "B1": (attendance(one, ("支部党员大会", "支委会", "党小组会", "党课")), ("meeting",)),
        "B2": (attendance(one, ("主题党日",)), ("meeting",)),
        "B3": (dues(one), ("dues",)),
        "B4": (("scored", sum(talked(row) for row in one.rows["talk"] if row["subject_id"] == one.id)), ("talk",)),
        "B5": (tasks(one, own=True), ("task",)),
        "C1": (tasks(one, own=False), ("task",)),
        "C2": (metric(one, "内部满意度" if office else "患者满意度"), None),
        "C3": (("scored", one.noted("有效投诉")), ("conduct",)),
        "C4": (items(honors(one, ("业务", "科研", "教学")), ("院级", "市厅级", "省部级", "国家级")), ("honor",)),
        "D1": (hospital_hours(one), ("service",)),
        "D2": (clinics(one), ("service",)),
        "D3": (items({"次": len(services(one, ("社区服务", "科普", "培训", "其他")))}, ("次",)), ("service",)),
        "E1": (posts(one), ("post", "zone")),
        "E2": (("scored", sum(len(visits) for _, visits in pairs(one))), ("pairing",)),
        "E3": (items({word: one.noted(word) for word in ("急难险重", "突击队")}, ("急难险重", "突击队")), ("conduct",)),
    }
    return {
        key: value if ledgers is None or any(one.branch in kept[ledger] for ledger in ledgers) else ("no_data",)
        for key, (value, ledgers) in found.items()
    }


def talked(row: dict) -> bool:
    return date(2025, 10, 1) <= begins(row["talked_on"]) <= LAST


def deductions(one: Slow) -> dict[str, int]:
    """How often each fault counts; what the conduct ledger names too counts once."""
    conduct = [row for row in one.rows["conduct"] if row["member_id"] == one.id]

    def named(word: str, day: str) -> bool:
        return any(row["kind"] == word and day.startswith(row["happened_on"]) for row in conduct)

    duties = ("支部党员大会", "支委会", "党小组会", "党课", "主题党日")
    absent = sum(
        meeting["kind"] in duties and row["state"] == "缺席" and not named("无故缺席", meeting["held_on"])
        for meeting, row in one.attended()
    )
    kept, noted = dues_of(one), one.mine("conduct", "happened_on")
    late = 0
    for month in one.due_months():
        unpaid = owed(known := kept.get(month)) and not paid_in_time(known, pays_by_quarter(one))
        unpaid = unpaid and known["paid"] is not None
        late += unpaid and not any(row["kind"] == "党费逾期" and row["happened_on"][:7] == month for row in noted)
    overdue = 0
    for row in one.linked("task", "responsible"):
        if one.here(row["due_on"]) and not (closed(row) and begins(row["done_on"]) <= LAST):
            overdue += not any(
                note["kind"] == "任务逾期"
                and (note["happened_on"] == row["due_on"] or row["item"] in (note["basis"] or ""))
                for note in conduct
            )
    return {
        "无故缺席": absent + one.noted("无故缺席"),
        "党费逾期": late + one.noted("党费逾期"),
        "任务逾期": overdue + one.noted("任务逾期"),
    }


POINTS = {
    **{"A1": 10, "A2": 3, "A3": 4, "A4": 3, "B1": 12, "B2": 6, "B3": 3, "B4": 2, "B5": 2, "C1": 10, "C2": 5},
    **{"C3": 5, "C4": 5, "D1": 8, "D2": 9, "D3": 3, "E1": 3, "E2": 3, "E3": 4},
}
PRICES = {
    "A3": {"领学": 1, "交流发言": 1, "心得": 1, "讲党课": 2},
    "C4": {"院级": 1, "市厅级": 2, "省部级": 3, "国家级": 5},
    "D1": {"次": 2, "小时": 1},
    "D2": {"次": 3, "带队": 1},
    "D3": {"次": 1},
    "E3": {"急难险重": 2, "突击队": 2},
}


def points_of(key: str, value: tuple, most: int, target: Fraction) -> Fraction | None:
    if value[0] != "scored" or (key == "A1" and not target):
        return None
    if key == "A1":
        return most * min(Fraction(1), value[1] / target)
    if len(value) == 3:
        return Fraction(most * value[1], value[2])
    if key in PRICES:
        return min(Fraction(most), sum((number * PRICES[key][word] for word, number in value[1].items()), Fraction(0)))
    if key == "C2":
        steps = ((95, 5), (90, 4), (85, 3), (80, 1))
        return Fraction(next((points for least, points in steps if value[1] >= least), 0))
    if key == "C3":
        return max(Fraction(0), most - Fraction(5, 2) * value[1])
    return Fraction(most if value[1] else 0)


def base_of(found: dict[str, tuple], one: Slow) -> Fraction | None:
    worth = POINTS | ({"D1": 13, "D2": 4} if one.member["staff_kind"] == "行政后勤" else {})
    post = (one.member["party_post"] or "") if one.branch == one.member["branch_id"] else ""
    target = Fraction((14 if "书记" in post or "委员" in post else 8) * one.days(), (LAST - FIRST).days + 1)
    raws = {key: points_of(key, value, worth[key], target) for key, value in found.items()}
    earned: dict[str, Fraction] = {}
    full: dict[str, int] = {}
    for dimension in "ABCDE":
        inside = [key for key in raws if key[0] == dimension]
        there = [key for key in inside if raws[key] is not None]
        if there:
            full[dimension] = sum(worth[key] for key in inside)
            points = sum((raws[key] for key in there), Fraction(0))
            earned[dimension] = points * full[dimension] / sum(worth[key] for key in there)
    return sum(earned.values(), Fraction(0)) * 100 / sum(full.values()) if earned else None


def bonus_of(one: Slow) -> Fraction:
    honours = honors(one, ("党内", "医德"))
    points = min(
        10, sum({"国家级": 5, "省部级": 4, "市厅级": 3, "院级": 2}.get(level, 0) * n for level, n in honours.items())
    )
    points += min(3, one.noted("锦旗") + one.noted("表扬信"))
    points += min(10, one.noted("媒体报道")) + min(10, 3 * one.noted("院外急救") + 3 * one.noted("见义勇为"))
    return Fraction(min(10, points))


def deduction_of(one: Slow) -> Fraction:
    faults = deductions(one)
    points = min(20, 2 * faults["无故缺席"]) + min(20, faults["党费逾期"]) + min(20, 2 * faults["任务逾期"])
    other = {"推诿": 5, "提醒谈话": 3, "批评教育": 5, "弄虚作假": 5}
    points += min(20, sum(price * one.noted(word) for word, price in other.items()))
    return Fraction(min(20, points))


def peer_of(one: Slow, everybody: list[Slow], secret: str) -> Fraction | None:
    own_group = one.member["group"] if one.branch == one.member["branch_id"] else None
    circle = [
        other
        for other in everybody
        if other.branch == one.branch
        and other.id != one.id
        and (own_group is None or (other.branch == other.member["branch_id"] and other.member["group"] == own_group))
    ]
    seals = {sha256(f"{secret}:{other.id}".encode()).hexdigest()[:20] for other in circle}
    scores = sorted(
        Fraction(row["score"], UNIT)
        for row in one.rows["rating"]
        if row["member_id"] == one.id and row["part"] == "互评" and row["rater"] in seals
    )
    expected = sum(other.belongs(LAST) and scored(other.member) for other in circle)
    if not scores or 2 * len(scores) < expected:
        return None
    kept = scores[1:-1] if len(scores) >= 5 else scores
    return sum(kept, Fraction(0)) / len(kept)


def scored(member: dict) -> bool:
    suspended = member["standing"] == "停止党籍"
    if suspended and not (member["suspended_on"] and begins(member["suspended_on"]) > LAST):
        return False
    gone = [ends(member[key]) <= FIRST for key in ("away_on", "lost_on") if member[key]]
    return not member["exempt_reason"] and not any(gone)


def quarter_score(one: Slow, base: Fraction | None, obj: Fraction | None, everybody: list[Slow], secret: str):
    given = {row["part"]: Fraction(row["score"], UNIT) for row in one.rows["rating"] if row["member_id"] == one.id}
    parts = [
        (Fraction(1, 5), given.get("自评")),
        (Fraction(3, 10), peer_of(one, everybody, secret)),
        (Fraction(1, 2), given.get("组织评定", obj)),
    ]
    there = [(weight, part) for weight, part in parts if part is not None]
    vetoes = ("党纪政务处分影响期内", "违法犯罪", "违反廉洁从业准则", "主要责任重大医疗事故", "严重违反政治纪律")
    for row in one.mine("conduct", "happened_on"):
        if row["kind"] in vetoes and row["basis"] and row["decided_on"] and row["decided_by"]:
            return Decimal("0.0")
    if not there:
        return None
    exact = sum((weight * part for weight, part in there), Fraction(0)) / sum(weight for weight, _ in there)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.1"), ROUND_HALF_UP)


# ---------------------------------------------------------------- side by side


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    book = create_book(tmp_path_factory.mktemp("slow") / "book.db")
    with book.writing() as connection:
        driver.christen(connection)
        draw = Draw(connection, SEED)
        draw.secret = driver.setting(connection, "secret")
        for _ in range(BRANCHES):
            draw.branch()
    return book, draw.secret


TABLES = (
    *("branch", "member", "stay", "meeting", "attendance", "study", "dues", "talk", "task", "honor", "service"),
    *("participation", "post", "zone", "pairing", "conduct", "metric", "rating", "person", "entry"),
)


def as_tuple(value) -> tuple:
    """What the package measured, in the form of the slow calculation."""
    if value.state != "scored":
        return (value.state,)
    if value.due:
        return ("scored", value.value, value.due)
    return ("scored", dict(value.items)) if value.items else ("scored", value.value)


def same(fast: tuple, slow: tuple) -> bool:
    """No items at all and none of the words are the same; so are a count of none and no items."""
    return fast == slow or (slow == ("scored", {}) and fast == ("scored", 0))


def test_sql_and_slow_calculation_agree(drawn) -> None:
    book, secret = drawn
    with book.reading() as connection:
        computed = compute(roll_of(connection, Quarter("2026Q3")), built_in_schemes()[1])
        everything = {
            table: [dict(row._mapping) for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"')]
            for table in TABLES
        }
    homes = Homes(everything)
    compared = 0
    for branch, standings in computed.branches.items():
        everybody = homes.of(branch)
        assert [one.participant.member for one in sorted(standings, key=lambda one: one.participant.member)] == [
            one.id for one in everybody
        ]
        slow_of = {one.id: one for one in everybody}
        kept = homes.kept(branch, everybody)
        for standing in standings:
            one = slow_of[standing.participant.member]
            assert standing.participant.days == one.days()
            assert (standing.score is not None) == scored(one.member)
            if standing.score is None:
                continue
            found = measured(one, kept, one.member["staff_kind"])
            fast = {key: as_tuple(value) for key, value in standing.score.known.measured.items()}
            assert not {key: (fast[key], found[key]) for key in found if not same(fast[key], found[key])}, one.member
            base = base_of(found, one)
            assert standing.score.base == base
            bonus, deduction = bonus_of(one), deduction_of(one)
            assert (standing.score.bonus, standing.score.deduction) == (bonus, deduction), (
                standing.score.deduction_lines,
                deductions(one),
                one.member,
            )
            obj = None if base is None else min(Fraction(100), max(Fraction(0), base + bonus - deduction))
            assert standing.score.score == quarter_score(one, base, obj, everybody, secret), one.member
            compared += 1
    assert compared > 2 * BRANCHES


class Homes:
    """The rows of one branch's people, so that the slow calculation need not look at the whole book each time."""

    def __init__(self, everything: dict[str, list[dict]]) -> None:
        self.everything = everything
        self.by_member: dict[str, dict[int, list[dict]]] = defaultdict(lambda: defaultdict(list))
        for table, keys in OWNERS.items():
            for row in everything[table]:
                for key in keys:
                    self.by_member[table][row[key]].append(row)
        self.by_number = {table: {row["id"]: row for row in everything[table]} for table in NUMBERED}
        named = {row["meeting_id"] for row in everything["attendance"] if row["state"] == "出席"}
        self.unnamed = [row for row in everything["meeting"] if row["id"] not in named]
        self.entries: dict[tuple[str, int], list[dict]] = defaultdict(list)
        for row in everything["entry"]:
            self.entries[row["ledger"], row["record_id"]].append(row)

    def of(self, branch: int) -> list[Slow]:
        stays = [row["member_id"] for row in self.everything["stay"] if row["branch_id"] == branch]
        homes = [row["id"] for row in self.everything["member"] if row["branch_id"] == branch]
        found = [Slow(self.rows(number), self.by_number["member"][number], branch) for number in {*stays, *homes}]
        return sorted((one for one in found if one.days()), key=lambda one: one.id)

    def rows(self, member: int) -> dict[str, list[dict]]:
        rows = {table: list(self.by_member[table][member]) for table in OWNERS}
        rows["branch"], rows["member"] = self.everything["branch"], [self.by_number["member"][member]]
        wanted = {table: set() for table in NUMBERED}
        for link in rows["person"]:
            wanted[link["ledger"]].add(link["record_id"])
        wanted["meeting"] |= {row["meeting_id"] for row in rows["attendance"]}
        wanted["service"] |= {row["service_id"] for row in rows["participation"]}
        wanted["zone"] |= {row["id"] for row in rows["zone"]}
        for table in ("meeting", "service", "task", "honor", "pairing", "zone"):
            rows[table] = [self.by_number[table][number] for number in sorted(wanted[table])]
        rows["metric"], rows["unnamed"] = self.everything["metric"], self.unnamed
        rows["person"] = rows["person"] + [row for row in self.everything["person"] if row["ledger"] == "metric"]
        rows["entry"] = [
            entry
            for table in ("post", "zone", "pairing")
            for row in rows[table]
            for entry in self.entries[table, row["id"]]
        ]
        return rows

    def kept(self, branch: int, everybody: list[Slow]) -> dict[str, set[int]]:
        """Which ledgers the branch kept in the quarter."""
        kept: dict[str, set[int]] = defaultdict(set)
        for ledger in ("meeting", "service"):
            if any(row["branch_id"] == branch and in_quarter(row["held_on"]) for row in self.everything[ledger]):
                kept[ledger].add(branch)
        for one in everybody:
            found = {
                "meeting": one.attended(),
                "meeting_hours": [1 for meeting, row in one.attended() if meeting["hours"] and present(row)],
                "study": one.mine("study", "studied_on"),
                "lectured": [row for row in one.linked("meeting", "lecturer") if one.here(row["held_on"])],
                "self_study": [1 for value in [self_study(one)] if value[0] == "scored" and value[1]],
                "conduct": one.mine("conduct", "happened_on"),
                "dues": [
                    row for row in dues_of(one).values() if row["month"] in MONTHS and one.belongs(ends(row["month"]))
                ],
                "talk": [row for row in one.rows["talk"] if row["subject_id"] == one.id and talked(row)],
                "task": [row for row in one.linked("task", "responsible") if one.here(row["due_on"])],
                "honor": [row for row in one.linked("honor", "winner") if one.here(row["awarded_on"])],
                "service": [row for row, _ in services(one, SERVICES)],
                "post": posts_in_force(one),
                "zone": zones(one),
                "pairing": pairs(one),
            }
            for ledger, rows in found.items():
                if rows:
                    kept[ledger].add(branch)
        return kept


OWNERS = {
    "stay": ("member_id",),
    "attendance": ("member_id",),
    "study": ("member_id",),
    "dues": ("member_id",),
    "talk": ("subject_id",),
    "participation": ("member_id",),
    "post": ("member_id",),
    "zone": ("head_id",),
    "conduct": ("member_id",),
    "rating": ("member_id",),
    "person": ("member_id",),
}
NUMBERED = ("member", "meeting", "service", "task", "honor", "pairing", "zone", "metric")
