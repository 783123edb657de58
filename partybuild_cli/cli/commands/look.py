"""`status`: the morning page (今日一览); `remind`: what is due this month; `search`: a text in every ledger; `manual`."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from partybuild_cli.cli import screen, telling
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, OfBranch, period_of
from partybuild_cli.cli.session import reading, roster_of
from partybuild_cli.errors import UsageFault
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.values.period import Period, refuse_future, spoken

if TYPE_CHECKING:
    from partybuild_cli.reports.status import Owing, Status

status_app, remind_app, search_app, manual_app = (Commands() for _ in range(4))
#: So many lines of one kind fit on the screen.
_MOST = 8


@status_app.command(example="partybuild status")
def status(branch: OfBranch = None, json: AsJson = False) -> None:
    """一屏看清本支部现在的情况：党员、本季度会议、志愿服务、临期任务、备份，以及下一步该做什么。"""
    from partybuild_cli.reports.status import status as look

    with reading() as connection:
        page = look(connection, date.today(), branch)
    if json:
        screen.document(page.document())
    else:
        _show(page)


def head(page: "Status") -> list[str]:
    """The day and the quarter; the branch and how many belong to it."""
    members, formal = (sum(one[key] for one in page.branches) for key in ("members", "formal"))
    where = page.branches[0]["name"] if len(page.branches) == 1 else f"{len(page.branches)} 个党支部"
    return [f"{page.today}　{spoken(page.quarter)}", f"{where}　党员 {members} 人，其中正式党员 {formal} 人"]


def _show(page: "Status") -> None:
    day, branch = head(page)
    screen.say(day, "bold")
    screen.say(branch)
    alone, service, room = len(page.branches) == 1, page.service, page.backups
    # Every kind of one branch; of several branches only what has not been held.
    meetings = [_meeting(one, not alone) for one in page.meetings if alone or one.late or one.coming]
    _part("本季度会议", meetings)
    _part("志愿服务", [f"{service['count']} 次，参与 {service['turnout']} 人次，参与党员 {service['people']} 人"])
    due = ((one, one.due_on or "未定时限") for one in page.tasks)
    _part("任务", [f"{one.state}　{day}　{one.item}（{one.responsible}，编号 {one.number}）" for one, day in due])
    states = "，".join(f"{state} {count} 个支部" for state, count in page.index["states"].items()) if page.index else ""
    _part("先锋指数", [f"{page.index['quarter']}：{states}" if page.index else "还没有计算过"])
    last = screen.local_time(page.last_backup) if page.last_backup else "还没有备份"
    kept = f"　备份文件夹里有 {room.files} 个文件，共 {screen.megabytes(room.size)}" if room.files else ""
    _part("最近备份", [last + kept])
    if page.leaves:
        _part("长期请假到期", [f"{one['member']} {one['kind']}，到 {one['ends_on']}" for one in page.leaves])
    if any(page.runs.values()):
        _part("季度归档", _runs(page))
    _part("下一步", list(page.next))


def _meeting(one: "Owing", named: bool) -> str:
    told = f"{one.branch + ' ' if named else ''}{one.kind} {one.done}/{one.asked}"
    told += f"，已欠：{'、'.join(one.late)}" if one.late else ""
    return told + (f"，待开：{'、'.join(one.coming)}" if one.coming else "")


def _runs(page: "Status") -> list[str]:
    good, failed, lines = page.runs["last_good"], page.runs["last_failed"], []
    if good:
        lines.append(f"最近成功　{screen.local_time(good['at'])}　{good['period']}　{good['folder']}")
    if failed:
        over = "，以后已经成功" if failed["over"] else f"，从 {screen.local_time(failed['since'])} 起没有成功过"
        when, why = screen.local_time(failed["at"]), failed["why"].rstrip("。")
        lines.append(f"最近失败　{when}　{failed['period']}　{why}{over}")
    if page.runs["missing"]:
        lines.append(f"没有归档的季度　{'、'.join(page.runs['missing'])}")
    return lines


def _part(title: str, lines: list[str]) -> None:
    screen.say(f"{title}：" + ("" if lines else "没有"), "bold")
    for line in lines[:_MOST]:
        screen.say(f"  {line}")
    if len(lines) > _MOST:
        screen.say(f"  …… 共 {len(lines)} 项")


@remind_app.command(example="partybuild remind")
def remind(branch: OfBranch = None, json: AsJson = False) -> None:
    """本月要办的事，一段文字，可以直接发到群里或邮件里：会议、党费、任务、谈心谈话、换届、发展党员、外出和失联。"""
    from partybuild_cli.reports.remind import remind as look

    with reading() as connection:
        found = look(connection, date.today(), branch)
    if json:
        screen.document(found.document())
        return
    for line in found.lines():
        screen.say(line)


@search_app.command(example="partybuild search 卒中")
def search(
    text: Annotated[str, Argument(metavar="文字", help="要找的字，如一个人名、一件事")],
    period: Annotated[
        Period | None, Option(metavar="期间", help="只找这一期的，如 2026Q3、今年", parser=period_of)
    ] = None,
    branch: OfBranch = None,
    json: AsJson = False,
) -> None:
    """在所有台账里找写有这些字的记录；不公开的内容（如谈话内容）不找。"""
    from partybuild_cli.records.base.query import Wanted, fetch, sift, tests_of

    if not text.strip():
        raise UsageFault("没有写要找什么，请写上要找的字，如 partybuild search 卒中。")
    wanted = Wanted(branch, period=period)
    found: list[tuple[str, str, int, str, str]] = []
    with reading() as connection:
        roster = roster_of(connection)
        for record in all_records():
            if record.command and not (wanted.period and not record.date):
                for view in sift(fetch(connection, record, wanted, roster=roster), tests_of(record, (), text)):
                    day = str(view.values.get(record.date) or "")
                    found.append((record.ledger, record.caption, view.number, day, telling.title(record, view)))
    if period and not found:
        refuse_future(period, date.today())
    if json:
        keys = ("ledger", "id", "day", "title")
        screen.document([dict(zip(keys, (ledger, *rest), strict=True)) for ledger, _, *rest in found])
        return
    lines = ([caption, str(number), *rest] for _, caption, number, *rest in found)
    screen.rows(["台账", "编号", "日期", "内容"], lines, right=("编号",), unbroken=("台账",))
    screen.note(f"共 {len(found)} 条。看一条用 partybuild 台账 show 编号。" if found else f"所有台账里都没有“{text}”。")


@manual_app.command(example="partybuild manual daily")
def manual(
    page: Annotated[str | None, Argument(metavar="[页]", help="哪一页，写名称或标题；不写则列出目录")] = None,
    html: Annotated[Path | None, Option(metavar="文件夹", help="整本写成网页，放进这个文件夹")] = None,
) -> None:
    """随程序附带的手册：列出目录、在终端里看一页，或整本写成网页，不联网也能看。"""
    from partybuild_cli.reports import manual as shipped

    if html is not None:
        screen.say(f"手册已写成网页，用浏览器打开 {shipped.write_html(html)}。")
    elif page is not None:
        screen.say(shipped.page(page))
    else:
        screen.rows(["页", "标题"], ([name, shipped.title_of(path)] for name, path in shipped.pages().items()))
        screen.note("看一页：partybuild manual 页。整本写成网页：partybuild manual --html 文件夹。")
