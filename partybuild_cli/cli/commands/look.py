"""What is to be seen: the morning page (今日一览), what is due (remind), what the regulations ask (自查), the figures (数据报告), a text
in every ledger, the manual.
"""

from collections import Counter
from datetime import date
from typing import Annotated

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands, Place, Text, argument, flag, later, option
from partybuild_cli.cli.options import AsJson, OfBranch, OfPeriod, Records, period_of, unfinished
from partybuild_cli.cli.session import reading, roster_of, shell_word
from partybuild_cli.errors import UsageFault
from partybuild_cli.outputs import alike, refuse_taken
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.reports import manual as shipped
from partybuild_cli.rules.item import State, catalogue
from partybuild_cli.values.period import Period, refuse_future, running, spoken

with later():
    from partybuild_cli.records.base import query
    from partybuild_cli.reports import remind as reminding
    from partybuild_cli.reports import report as reporting
    from partybuild_cli.reports import status as mornings
    from partybuild_cli.rules import check as checking

status_app, remind_app, check_app, report_app, search_app, manual_app = (Commands() for _ in range(6))
#: So many lines of one kind fit on the screen.
_MOST = 8
_STYLES = {"达标": "green", "未达标": "bold red", "无数据": "yellow", "不适用": "dim"}


@status_app.command(example="partybuild status")
def status(branch: OfBranch = None, json: AsJson = False) -> None:
    """一屏看清本支部现在的情况：党员、本季度会议、志愿服务、临期任务、备份，以及下一步该做什么。"""
    with reading() as connection:
        page = mornings.status(connection, date.today(), branch)
    if json:
        screen.document(page.document())
        return
    day, where = head(page)
    screen.say(day, style="bold")
    screen.say(where)
    for title, lines in _parts(page).items():
        screen.say(f"{title}：" + ("" if lines else "没有"), style="bold")
        screen.say(*(f"  {line}" for line in lines[:_MOST]))
        if len(lines) > _MOST:
            screen.say(f"  …… 共 {len(lines)} 项")


def head(page: "mornings.Status") -> list[str]:
    """The day and the quarter; the branch and how many belong to it."""
    members, formal = (sum(getattr(branch, key) for branch in page.branches) for key in ("members", "formal"))
    where = page.branches[0].name if len(page.branches) == 1 else f"{len(page.branches)} 个党支部"
    return [f"{page.today}　{spoken(page.quarter)}", f"{where}　党员 {members} 人，其中正式党员 {formal} 人"]


def _parts(page: "mornings.Status") -> dict[str, list[str]]:
    """The lines of the page under their headings. Every kind of meeting of one branch; of several only what was not held."""
    alone, service, room = len(page.branches) == 1, page.service, page.backups
    tasks = (
        f"{task.state}　{task.due_on or '未定时限'}　{task.item}（{task.responsible}，编号 {task.id}）"
        for task in page.tasks
    )
    states = "，".join(f"{state} {count} 个支部" for state, count in page.index.states.items()) if page.index else ""
    last = screen.local_time(page.last_backup) if page.last_backup else "还没有备份"
    meetings = (
        f"{'' if alone else f'{owing.branch} '}{owing.kind} {owing.done}/{owing.asked}"
        + (f"，已欠：{'、'.join(owing.late)}" if owing.late else "")
        + (f"，待开：{'、'.join(owing.coming)}" if owing.coming else "")
        for owing in page.meetings
        if alone or owing.late or owing.coming
    )
    good, failed, runs = page.runs.last_good, page.runs.last_failed, list[str]()
    if good:
        runs.append(f"最近成功　{screen.local_time(good.at)}　{good.period}　{good.folder}")
    if failed:
        over = "，以后已经成功" if failed.over else f"，从 {screen.local_time(failed.since)} 起没有成功过"
        when, why = screen.local_time(failed.at), failed.why.rstrip("。")
        runs.append(f"最近失败　{when}　{failed.period}　{why}{over}")
    runs += [f"没有归档的季度　{'、'.join(page.runs.missing)}"] if page.runs.missing else []
    leaves = [f"{leave.member} {leave.kind}，到 {leave.ends_on}" for leave in page.leaves]
    return {
        "本季度会议": [*meetings],
        "志愿服务": [f"{service.count} 次，参与 {service.turnout} 人次，参与党员 {service.people} 人"],
        "任务": [*tasks],
        "先锋指数": [f"{page.index.quarter}：{states}" if page.index else "还没有计算过"],
        "最近备份": [last + (f"　{screen.room_of(room)}" if room.files else "")],
        **({"长期请假到期": leaves} if leaves else {}),
        **({"季度归档": runs} if runs else {}),
        "下一步": [*page.next],
    }


@remind_app.command(example="partybuild remind")
def remind(branch: OfBranch = None, json: AsJson = False) -> None:
    """本月要办的事，一段文字，可以直接发到群里或邮件里：会议、党费、任务、谈心谈话、换届、发展党员、外出和失联。"""
    with reading() as connection:
        found = reminding.remind(connection, date.today(), branch)
    screen.answer(json, found.document(), *found.lines())


@check_app.command(example="partybuild check 2026Q3")
def check(
    period: OfPeriod,
    item: Annotated[Text, argument("[编号]", "只查这一项，如 D5")] = None,
    branch: OfBranch = None,
    lacking: Annotated[bool, flag("--lacking", "只列未达标和无数据的")] = False,
    beside: Annotated[bool, flag("--by-branch", "各支部并排：一个组织一行，党委、总支合计下面各支部")] = False,
    records: Records = False,
    json: AsJson = False,
) -> int:
    """自查：规定要求而记录里没有的，逐项注明依据和怎么办。有未达标的，退出码为 1。"""
    with reading() as connection:
        items = checking.check(connection, period, date.today(), branch, item)
        standings = checking.side_by_side(connection, items, min(period.last, date.today())) if beside else []
    shown = [asked for asked in items if asked.state in ("未达标", "无数据")] if lacking else items
    if beside:
        states = [state for state in State if state is not State.NOT_APPLICABLE]
        counts, organisations = ["支部数", *map(str, states)], [standing.document() for standing in standings]
        lines = (
            [
                standing.name,
                standing.kind,
                str(standing.branches),
                *(str(len(standing.items[s])) for s in states),
                "、".join(standing.owed),
            ]
            for standing in standings
        )
        if not json:
            screen.say(f"{unfinished(period)} 自查，各支部并排", style="bold")
        document = {"period": period.label, "organisations": organisations}
        screen.table(json, document, ["党组织", "类别", *counts, "未达标的项目"], lines, right=counts)
    elif json:
        until = {"as_of": str(date.today())} if running(period, date.today()) else {}
        screen.document({"period": period.label, **until, "items": [asked.document(records) for asked in shown]})
    else:
        here = head = None
        for asked in shown:
            check = catalogue()[asked.id]
            if asked.branch != here:
                here, head = asked.branch, None
                screen.say(f"\n{here}　{unfinished(period)} 自查", style="bold")
            if check.head != head:
                head = check.head
                screen.say(f"〔{head}〕")
            figure = asked.figure if records else asked.brief
            screen.say(f"{asked.state:　<3} {asked.id} {check.name}：{figure}", style=_STYLES[asked.state])
            if asked.remedy:
                screen.say(f"       依据：{asked.article}", f"       怎么办：{asked.remedy}")
            if records:
                screen.references(asked.records)
            elif asked.figure != asked.brief:
                screen.say(f"       全部名单：partybuild check {period.label} {asked.id} --records")
        total = Counter(str(asked.state) for asked in items)
        screen.say("\n" + "，".join(f"{state} {total[state]} 项" for state in _STYLES if total[state]))
    return 1 if checking.owed(items) else 0


@report_app.command(example="partybuild report 2026Q3")
def report(
    period: OfPeriod,
    figure: Annotated[
        Text, argument("[数据]", "只看这一项：写名称或标识，如 义诊、service.count.义诊；写 service 看这一类")
    ] = None,
    branch: OfBranch = None,
    xlsx: Annotated[Place, option("文件", "写成带图表的工作簿")] = None,
    html: Annotated[Place, option("文件", "写成一个网页，可离线打开、可打印")] = None,
    beside: Annotated[bool, flag("--by-branch", "各支部并排：合计之后，总支和支部各一列")] = False,
    records: Records = False,
    json: AsJson = False,
) -> None:
    """支部常引用的数据：每项都写明统计口径、占比的分子分母和依据的记录数。"""
    if xlsx and html and alike(str(xlsx.resolve())) == alike(str(html.resolve())):
        raise UsageFault("--xlsx 和 --html 写成了同一个文件，请换一个文件名。")
    for path in filter(None, (xlsx, html)):
        refuse_taken(path)  # before anything is said
    with reading() as connection:
        found = reporting.report(connection, period, date.today(), branch, beside=beside)
        past = reporting.earlier(found, connection, branch) if html else []
    found = found if figure is None else found.only(figure)
    if json:
        screen.document(found.document(records))
    elif records:
        for shown in found.figures:
            screen.say(f"{shown.name}：{shown.text}（{shown.definition}）", style="bold")
            screen.references(shown.records)
    elif beside and not (xlsx or html):
        screen.rows(*found.side_by_side())
    elif not (xlsx or html):
        said = "，期间未结束" if running(found.period, found.as_of) else ""
        screen.say(f"{found.unit}{spoken(found.period)}数据（截至 {found.as_of}{said}）", style="bold")
        for group, figures in found.groups.items():
            screen.say(f"\n〔{group}〕", style="bold")
            lines = ([shown.name, shown.text, shown.definition, str(len(shown.records))] for shown in figures)
            screen.rows(["数据", "数值", "口径", "依据记录"], lines, right=("数值", "依据记录"))
        first = found.figures[-1].name if found.figures else "数据名称"
        screen.note(f"看一项数据出自哪些记录：partybuild report {found.period.label} {shell_word(first)} --records")
    if xlsx:
        reporting.write_report(found, xlsx)
        screen.note(f"已写出 {xlsx}。")
    if html:
        reporting.write_html(found, html, past)
        screen.note(f"已写出 {html}，用浏览器打开即可，可直接打印。")


@search_app.command(example="partybuild search 卒中")
def search(
    text: Annotated[str, argument("文字", "要找的字，如一个人名、一件事")],
    period: Annotated[Period | None, option("期间", "只找这一期的，如 2026Q3、今年", parser=period_of)] = None,
    branch: OfBranch = None,
    json: AsJson = False,
) -> None:
    """在所有台账里找写有这些字的记录；不公开的内容（如谈话内容）不找。"""
    if not text.strip():
        raise UsageFault("没有写要找什么，请写上要找的字，如 partybuild search 卒中。")
    wanted, found = query.Wanted(branch, period=period), []
    with reading() as connection:
        roster = roster_of(connection)
        for record in all_records():
            if record.command and (record.date or not period):
                for view in query.sift(record, query.fetch(connection, record, wanted, roster=roster), (), text):
                    day, title = str(view.values.get(record.date) or ""), screen.title_of(record, view)
                    found.append((record, {"ledger": record.ledger, "id": view.number, "day": day, "title": title}))
    if period and not found:
        refuse_future(period, date.today())
    lines = ([record.caption, *map(str, [*document.values()][1:])] for record, document in found)
    remark, none = "共 {} 条。看一条用 partybuild 台账 show 编号。", f"所有台账里都没有“{text}”。"
    headings, documents = ["台账", "编号", "日期", "内容"], [told for _, told in found]
    screen.table(json, documents, headings, lines, right=("编号",), unbroken=("台账",), remark=remark, none=none)


@manual_app.command(example="partybuild manual daily")
def manual(
    page: Annotated[Text, argument("[页]", "哪一页，写名称或标题；不写则列出目录")] = None,
    html: Annotated[Place, option("文件夹", "整本写成网页，放进这个文件夹")] = None,
    json: AsJson = False,
) -> None:
    """随程序附带的手册：列出目录、在终端里看一页，或整本写成网页，不联网也能看。"""
    if html is not None:
        index = str(shipped.write_html(html))
        screen.answer(json, {"file": index}, f"手册已写成网页，用浏览器打开 {index}。")
    elif page is not None:
        text = shipped.page(page)
        screen.answer(json, {"text": text}, text)
    else:
        found = ({"page": name, "title": shipped.title_of(path)} for name, path in shipped.pages().items())
        remark = "看一页：partybuild manual 页。整本写成网页：partybuild manual --html 文件夹。"
        screen.listing(found, {"page": "页", "title": "标题"}, json, remark=remark)
