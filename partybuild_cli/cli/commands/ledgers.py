"""What small ledgers have besides the five verbs: 党员 (transfer, forget), 志愿服务, 示范岗, 任职, 发展党员, 任务.

`<ledger>_app` holds the commands of a ledger, `<ledger>_own` what its verbs do besides.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from inspect import Parameter
from typing import Annotated

from partybuild_cli.cli import screen, session
from partybuild_cli.cli.ask import agree, all_required
from partybuild_cli.cli.lazy import Commands, Several, Text, argument, flag, later, option, parameter
from partybuild_cli.cli.options import BRANCHES, MEMBERS, AsJson, Cells, OfBranch, Own, Said, ToFile, Yes, days, joined
from partybuild_cli.cli.session import number_of, reading, roster_of, the_book, writing
from partybuild_cli.errors import UsageFault
from partybuild_cli.records.base.registry import captions, record
from partybuild_cli.values.period import period_of, quarter_of

with later():
    from partybuild_cli.index import archive
    from partybuild_cli.records import decision as decisions
    from partybuild_cli.records import meeting as meetings
    from partybuild_cli.records import service
    from partybuild_cli.records import task as tasks
    from partybuild_cli.records.base import editing, forgotten, membership, row
    from partybuild_cli.reports import forms, status
    from partybuild_cli.rules import belonging, development, facts, promotion

member_app, post_app, development_app, task_app = (Commands() for _ in range(4))


@member_app.command(example="partybuild member transfer 张三 --to 心内科党支部 --on 2026-10-20")
def transfer(
    name: Annotated[str, argument("姓名或工号", "转出的党员", autocompletion=MEMBERS)],
    to: Annotated[Text, option("去向", "[必填] 转入的支部或单位", autocompletion=BRANCHES)] = None,
    on: Annotated[str | None, option("日期", "[必填] 转出日期，写到日；这一天起不再应到")] = None,
) -> None:
    """组织关系转出，或转到本院另一支部；此前的记录都保留"""
    to, on = all_required(("--to", "转入的支部或单位", to), ("--on", "转出日期", on))
    with writing() as (connection, change):
        number = number_of(connection, "member", name)
        sentence = membership.transfer(connection, change, record("member"), number, to, on)
    screen.say(sentence)


_KEPT = (
    "保留的内容：所在党支部、人员类别、入党转正转入转出等日期，以及不带姓名的出席、学时、党费、发展记录，"
    "用于核对应到、党费和发展党员的数目。"
)
_GONE = "已转出、已移除或导入后撤销的党员：姓名、工号或编号"


@member_app.command(example="partybuild member forget 张三 --yes")
def forget(
    name: Annotated[str, argument("姓名或工号", _GONE, autocompletion=MEMBERS)], yes: Yes = False, json: AsJson = False
) -> int:
    """抹除已不在支部的人的个人信息，连同日志和备份；不能撤销"""
    book = the_book()
    who = forgotten.whom(book, name)
    sure = f"将从数据库、变更日志和备份中抹除{name}（编号 {who.number}）的个人信息，不能撤销。"
    agree(sure, yes, "没有抹除。")
    done = forgotten.forget_member(book, who, archive.forget_scores)
    document = {
        "member": done.number, "mark": done.mark, "change": done.change, "records": done.records,
        "backups": len(done.backups), "left": list(map(str, done.left)), "texts": [text._asdict() for text in done.texts],
        "namesakes": done.namesakes, "kept": _KEPT,
        "files": [{"ledger": file.ledger, "id": file.number, "name": file.name} for file in done.files],
    }  # fmt: skip
    entry = f"改动 {done.records} 条记录；记在日志第 {done.change} 次变更"
    changed = f"{entry if done.change else '这次没有别的记录要改'}。"
    gone = f"已抹除编号 {done.number} 的个人信息，现称“{done.mark}”，{changed}"
    screen.answer(json, document, gone, f"清理了 {len(done.backups)} 份备份。{_KEPT}")
    if not json:
        _tell_left(done)
    return 1 if done.left else 0


def _tell_left(done: "forgotten.Forgotten") -> None:
    """What a person has to look at himself."""

    def some(lines: list[str], most: int = 20) -> str:
        return "、".join(lines[:most]) + (" 等（全部用 --json 查看）" if len(lines) > most else "")

    if done.texts:
        namesakes = "另有同名党员，也可能说的是另一位。" if done.namesakes else ""
        places = some([_place(seen.ledger, seen.number, seen.field) for seen in done.texts])
        screen.note(f"还有 {len(done.texts)} 处文字像是提到了这个人，没有改，请逐处核对：{places}。{namesakes}")
    if done.left:
        screen.note(
            f"记录和日志已改好，但这些文件里还能读到或可能读到：{'、'.join(map(str, done.left))}。"
            "请关闭正在使用它们的程序、腾出磁盘空间；已损坏或不需要的请删除，"
            f"再运行一次 partybuild member forget 编号{done.number}。"
        )
    if done.files:
        names = some([f"{file.ledger} {file.number} {file.name}" for file in done.files])
        screen.note(
            f"还有 {len(done.files)} 个佐证文件可能拍到或写着这个人，程序看不出来，没有动：{names}。"
            "请逐个打开核对，不该留的用 partybuild evidence remove 台账 编号 文件名 --erase 删除。"
        )
    screen.note("此前导出的工作簿、问题清单、季度归档和别处的备份不在本程序管辖内，请一并删除。")


_TABLES = {
    "change": "变更日志", "index_objection": "异议", "index_round": "先锋指数公示", "heading_map": "记住的标题", "extra_place": "记住的标题",
}  # fmt: skip
_COLUMNS = {
    "command": "命令", "frozen": "佐证", "raised_by": "提出人", "handled_by": "经办人", "matter": "事项", "finding": "核实情况",
    "answer": "答复", "reason": "原因", "content": "内容", "note": "说明", "left_to": "去向", "heading": "标题", "name": "佐证文件名",
}  # fmt: skip


def _place(ledger: str, number: int | str, field: str) -> str:
    columns = record(ledger).columns if ledger in captions() else {}
    column = columns[field].heading if field in columns else _COLUMNS.get(field, field)
    return f"{captions().get(ledger) or _TABLES.get(ledger, ledger)} {number} {column}"


# 志愿服务


def _partakers(verb: str) -> list[Parameter]:
    come = option("姓名[:时长]", "加上或改正这名党员，其他人不动；可重复", autocompletion=MEMBERS)
    gone = option("姓名", "去掉这名党员，其他人不动；可重复", autocompletion=MEMBERS)
    both = [parameter("member", Annotated[Several, come]), parameter("without", Annotated[Several, gone])]
    return both if verb == "edit" else []


def _partaking(
    connection: "session.Connection", number: int, cells: Cells, erase: list[str], values: Mapping[str, Said]
) -> tuple[Cells, str]:
    """Who is named joins, or is taken out, and the others stay; `--members` replaces the list."""
    come, gone = joined(values.get("member")), joined(values.get("without"))
    if not come and not gone:
        return cells, ""
    before = {} if "members" in cells else editing.read_one(connection, service.Service, number).values
    there = {} if "members" in cells else {"members": before.get("members", [])}
    said = {"members": "、".join(filter(None, (cells.get("members"), come)))} if come else {}
    return {**cells, **row.moved(roster_of(connection), there, said, gone)}, ""


service_own = Own(further=_partakers, entailed=_partaking)

# 任职和状态

#: What is no entry of this ledger -> the option of `member edit` that dates it.
_IN_THE_ROSTER = {
    "党内职务": "--party-post", "党小组": "--group", "岗位类别": "--staff-kind", "行政职务": "--position",
    "免考核": "--exempt-reason", "不计入应到": "--excluded-reason", "停止党籍": "--standing",
}  # fmt: skip


def _not_in_the_roster(cells: Cells, values: Mapping[str, Said]) -> Cells:
    if option := _IN_THE_ROSTER.get(cells.get("kind", "")):
        said = cells.get("value") or ("停止党籍" if option == "--standing" else "内容")
        raise UsageFault(
            f"{cells['kind']}登记在花名册里，选项是 {option} {said}。请用 partybuild member edit 姓名 --from 日期，并写上这个选项。"
        )
    return cells


tenure_own = Own(completed=_not_in_the_roster)

# 党员示范岗


@post_app.command(example="partybuild post card 1")
def card(
    number: Annotated[str, argument("编号", "示范岗的编号，用 partybuild post list 查看")], out: ToFile = None
) -> None:
    """写出示范岗公示牌：照片位置、职责、承诺，A4 打印"""
    with reading() as connection:
        post = number_of(connection, "post", number)
        path = screen.place(out, f"党员示范岗公示牌-{post}.xlsx")
        name = forms.write_post_card(connection, post, path)
    screen.say(f"已写出 {path}：{name}的示范岗公示牌。")


@post_app.command(example="partybuild post page")
def page(branch: OfBranch = None, out: ToFile = None) -> None:
    """写出示范岗标准和考核结果公开表：每个在岗的示范岗，职责、承诺、事迹、近四个季度的考核，供张贴"""
    with reading() as connection:
        path = screen.place(out, "党员示范岗公开表.xlsx")
        count = forms.write_post_page(connection, date.today(), path, branch)
    screen.say(f"已写出 {path}：{count} 个示范岗。")


# 发展党员

_STEP = {
    "step": "步", "name": "环节", "state": "状态", "earliest": "最早", "latest": "最迟", "article": "依据", "sentence": "说明",
}  # fmt: skip
_Candidate = Annotated[str, argument("编号", "编号，用 partybuild development list 查看")]


@development_app.command(example="partybuild development promote 1 --staff-no 2026018")
def promote(number: _Candidate, staff_no: Annotated[Text, option("工号", "登记到花名册时的工号")] = None) -> None:
    """按接收或转正的记录登记到花名册，不用再输一遍"""
    with writing() as (connection, change):
        sentence = promotion.promote(connection, change, number_of(connection, "development", number), staff_no)
    screen.say(sentence)


@development_app.command(example="partybuild development steps 1")
def steps(
    number: _Candidate,
    edition: Annotated[Text, option("版本", "按 2014 或 2026 版细则看，不写则按各步的日期")] = None,
    local: Annotated[bool, flag("--local", "连同贵州省规程的补充时限一起看")] = False,
    json: AsJson = False,
) -> None:
    """逐步看程序和时限：最早、最迟哪天，依据哪一条"""
    today = date.today()
    with reading() as connection:
        case = number_of(connection, "development", number)
        known = belonging.candidates(facts.load_facts(connection, period_of(quarter_of(today)), today))
    wanted = [candidate for candidate in known if candidate.number == case]
    results = development.assess_all(wanted, today, edition=edition, local=local)[case]
    listed = [
        {"step": step.number, "stage": step.stage, "name": step.name, "field": step.field or None, "state": step.state}
        | {
            "earliest": str(step.earliest) if step.earliest else None,
            "latest": str(step.latest) if step.latest else None,
        }
        | {"article": step.article, "sentence": step.sentence}
        for step in results
    ]
    screen.listing(listed, _STEP, json, right=("步",))


# 任务清单


@task_app.command("open", example="partybuild task open --meeting 1 --item 补课 --responsible 张三 --due-on 2026-12-31")
def open_(
    decision: Annotated[Text, option("编号", "由这项三重一大决策立任务")] = None,
    meeting: Annotated[Text, option("编号", "由这次会议的决议立任务")] = None,
    area: Annotated[Text, option("方面", "任务方面；不写则用决策类别或会议类型")] = None,
    item: Annotated[Text, option("任务", "目标任务；不写则用决策事项或会议决议")] = None,
    responsible: Annotated[Text, option("责任人", "不写则用决策的责任人")] = None,
    due_on: Annotated[Text, option("日期", "完成时限，或“长期坚持”；不写则用决策的时限")] = None,
) -> None:
    """由三重一大决策或会议决议立一项任务，两边互相注明"""
    if (decision is None) == (meeting is None):
        raise UsageFault("请写明由哪里立任务：--decision 决策编号，或 --meeting 会议编号，只写一个。")
    origin = meetings.Meeting if decision is None else decisions.Decision
    given = {"area": area, "item": item, "responsible": responsible, "due_on": due_on}
    cells = {key: value for key, value in given.items() if value is not None}
    with writing() as (connection, change):
        number = number_of(connection, origin.ledger, decision or meeting or "")
        sentence = tasks.open_task(connection, change, origin, number, cells)
    screen.say(sentence)


@task_app.command(example="partybuild task close 1 --evidence 验收照片 --verified-by 李四")
def close(
    number: Annotated[str, argument("编号", "任务的编号，用 partybuild task list 查看")],
    evidence: Annotated[Text, option("佐证", "[必填] 证明办结的材料")] = None,
    verified_by: Annotated[Text, option("验收人", "[必填] 验收的人，不能是责任人")] = None,
    on: Annotated[Text, option("日期", "完成的日期；不写则用已登记的，再没有则是今天")] = None,
) -> None:
    """销号：写明佐证，由责任人以外的人验收"""
    evidence, verified_by = all_required(("--evidence", "佐证", evidence), ("--verified-by", "验收人", verified_by))
    with writing() as (connection, change):
        task = number_of(connection, "task", number)
        sentence = tasks.close_task(connection, change, task, evidence=evidence, verified_by=verified_by, done_on=on)
    screen.say(sentence)


_TASK = {"id": "编号", "state": "状态", "due_on": "完成时限", "item": "目标任务", "responsible": "责任人"}


@task_app.command("remind", example="partybuild task remind --days 30")
def near_tasks(
    within: Annotated[int, option("天数", "提前多少天提醒", "--days", parser=days)] = 14,
    branch: OfBranch = None,
    json: AsJson = False,
) -> None:
    """列出逾期、待验收和快到期的任务"""
    today = date.today()
    with reading() as connection:
        here = facts.load_facts(connection, period_of(quarter_of(today)), today, branch)
        found = [asdict(task) for task, _ in status.tasks_of(here, timedelta(days=within))]
    screen.listing(
        found, _TASK, json, right=("编号",), none=f"{within} 天内没有到期、逾期或待验收的任务。", remark="共 {} 项。"
    )
