"""`status`: the morning page (今日一览)."""

from datetime import date
from typing import TYPE_CHECKING, Any

from typer import Context

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, OfBranch
from partybuild_cli.cli.session import reading
from partybuild_cli.values.period import spoken

if TYPE_CHECKING:
    from partybuild_cli.reports.status import Owing, Status

app = Commands()
#: So many lines of one kind fit on the screen.
_MOST = 8


@app.command(example="partybuild status")
def status(context: Context, branch: OfBranch = None, json: AsJson = False) -> None:
    """一屏看清本支部现在的情况：党员、本季度会议、志愿服务、临期任务、备份，以及下一步该做什么。"""
    from partybuild_cli.reports.status import status as look

    with reading(context) as connection:
        page = look(connection, date.today(), branch)
    if json:
        screen.document(page.document())
    else:
        _show(page)


def head(page: "Status") -> list[str]:
    """The day and the quarter; the branch and how many belong to it."""
    members = sum(one["members"] for one in page.branches)
    formal = sum(one["formal"] for one in page.branches)
    where = page.branches[0]["name"] if len(page.branches) == 1 else f"{len(page.branches)} 个党支部"
    return [f"{page.today}　{spoken(page.quarter)}", f"{where}　党员 {members} 人，其中正式党员 {formal} 人"]


def _show(page: "Status") -> None:
    day, branch = head(page)
    screen.say(day, "bold")
    screen.say(branch)
    _part("本季度会议", [_meeting(one, len(page.branches) > 1) for one in _worth_telling(page)])
    service = page.service
    _part("志愿服务", [f"{service['count']} 次，参与 {service['turnout']} 人次，参与党员 {service['people']} 人"])
    _part(
        "任务",
        [
            f"{one.state}　{one.due_on or '未定时限'}　{one.item}（{one.responsible}，编号 {one.number}）"
            for one in page.tasks
        ],
    )
    _part("先锋指数", [_index(page.index)])
    _part("最近备份", [_backups(page)])
    if page.leaves:
        _part("长期请假到期", [f"{one['member']} {one['kind']}，到 {one['ends_on']}" for one in page.leaves])
    if any(page.runs.values()):
        _part("季度归档", _runs(page.runs))
    _part("下一步", list(page.next))


def _worth_telling(page: "Status") -> "list[Owing]":
    """Every kind of one branch; of several branches only what has not been held."""
    return [one for one in page.meetings if len(page.branches) == 1 or one.late or one.coming]


def _meeting(one: "Owing", named: bool) -> str:
    told = f"{one.branch + ' ' if named else ''}{one.kind} {one.done}/{one.asked}"
    told += f"，已欠：{'、'.join(one.late)}" if one.late else ""
    return told + (f"，待开：{'、'.join(one.coming)}" if one.coming else "")


def _index(found: dict[str, Any] | None) -> str:
    if found is None:
        return "还没有计算过"
    states = "，".join(f"{state} {count} 个支部" for state, count in found["states"].items())
    return f"{found['quarter']}：{states}"


def _backups(page: "Status") -> str:
    last = screen.local_time(page.last_backup) if page.last_backup else "还没有备份"
    room = page.backups
    return last + (f"　备份文件夹里有 {room.files} 个文件，共 {screen.megabytes(room.size)}" if room.files else "")


def _runs(runs: dict[str, Any]) -> list[str]:
    good, failed, lines = runs["last_good"], runs["last_failed"], []
    if good:
        lines.append(f"最近成功　{screen.local_time(good['at'])}　{good['period']}　{good['folder']}")
    if failed:
        over = "，以后已经成功" if failed["over"] else f"，从 {screen.local_time(failed['since'])} 起没有成功过"
        lines.append(
            f"最近失败　{screen.local_time(failed['at'])}　{failed['period']}　{failed['why'].rstrip('。')}{over}"
        )
    if runs["missing"]:
        lines.append(f"没有归档的季度　{'、'.join(runs['missing'])}")
    return lines


def _part(title: str, lines: list[str]) -> None:
    screen.say(f"{title}：" + ("" if lines else "没有"), "bold")
    for line in lines[:_MOST]:
        screen.say(f"  {line}")
    if len(lines) > _MOST:
        screen.say(f"  …… 共 {len(lines)} 项")
