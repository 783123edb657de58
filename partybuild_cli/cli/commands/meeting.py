"""Who came to a meeting (出席情况): what `meeting add` and `edit` take besides the columns, and `meeting confirm`."""

from collections.abc import Mapping
from typing import Any

from partybuild_cli.cli import ask, screen
from partybuild_cli.cli.complete import names
from partybuild_cli.cli.lazy import ChineseCommand
from partybuild_cli.cli.options import argument, flag, option
from partybuild_cli.cli.session import writing

_LISTS = {"attended": "attendees", "on_leave": "on_leave", "absent": "absent", "made_up": "made_up"}


def commands() -> list[ChineseCommand]:
    """The command that meetings have besides the five verbs."""
    from partybuild_cli.cli.verbs import made

    numbers = argument("numbers", "编号", "会议的编号；不写则列出出席情况是推定的会议", required=False)
    numbers.nargs = -1
    params = [numbers, flag("all", "所有推定的会议"), flag("clear", "当时谁到会已无从知道，改为未登记")]
    return [made("confirm", "确认推定的出席情况：这些会议应到的确实都到了", _confirm, params)]


def extra(verb: str) -> list[Any]:
    """The options of `add` and `edit` that are no columns."""
    moved = [option("attended", "姓名", "改记为出席，其他人不动；可重复", many=True, complete=names("member"))]
    return [
        flag("all-present", "应到的都到了；另写 --absent、--on-leave 的除外"),
        *(moved if verb == "edit" else []),
        option("due", "人数", "应到人数，没有姓名时填"),
        option("present", "人数", "实到人数，没有姓名时填"),
    ]


def completed(cells: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The cells of a new meeting: who was missing is asked for on a terminal where nothing says who came."""
    if values.get("all_present"):
        return {"attendees": "全体党员", **cells}
    if not screen.on_terminal() or {*_LISTS.values(), "due", "present"} & cells.keys():
        return cells
    missing = ask.prompt("谁没到（如 张三（值班）、李四；都到了写 0，不清楚直接回车）")
    if missing in ("0", "无"):
        return {**cells, "attendees": "全体党员"}
    return {**cells, "absent": missing} if missing else cells


def entailed(
    connection: Any, number: int, cells: dict[str, Any], erase: list[str], values: Mapping[str, Any]
) -> tuple[dict[str, Any], str]:
    """Who is said to have attended, to be on leave or absent is moved, and the others stay; `--attendees` replaces the list."""
    from partybuild_cli.records.base.deeds import read_one
    from partybuild_cli.records.base.naming import moved
    from partybuild_cli.records.base.roster import load_roster
    from partybuild_cli.records.meeting import Meeting

    if values.get("all_present"):
        return {"attendees": "全体党员", **cells}, ""
    said = {key: "、".join(values[name]) for name, key in _LISTS.items() if values.get(name)}
    if not said:
        return cells, ""
    told = read_one(connection, Meeting, number).values
    replaced = {"attendees"} & cells.keys()
    states = [key for key in ("attendees", "on_leave", "absent") if key not in erase and key not in replaced]
    lists = {key: told[key] for key in states if key in told}
    making_up = said.pop("made_up", "")
    after = moved(load_roster(connection), lists, said)
    if making_up:
        after |= moved(load_roster(connection), {"made_up": told.get("made_up", [])}, {"made_up": making_up})
    return {**cells, **after}, ""


def remark(told: Any) -> str:
    """应到 and 实到, for the line that confirms."""
    due, present = told.values.get("due"), told.values.get("present")
    if due is None and present is None:
        number = told.number
        return f"出席情况未登记，补记用 partybuild meeting edit {number} --all-present，或 --absent 姓名:事由。"
    return (
        "，".join(f"{word} {one.value} 人" for word, one in (("应到", due), ("实到", present)) if one is not None)
        + "。"
    )


def _confirm(context: Any, numbers: tuple[str, ...], all: bool, clear: bool) -> None:
    from partybuild_cli.errors import NotFound
    from partybuild_cli.records.base.presumed import presumed, settle_presumed

    with writing(context) as (connection, change):
        found = presumed(connection)
        wrong = [one for one in numbers if one not in map(str, found)]
        if wrong:
            raise NotFound(f"会议编号 {'、'.join(wrong)} 的出席情况不是推定的。不写编号可以列出推定的会议。")
        chosen = found if all else [int(one) for one in dict.fromkeys(numbers)]
        if chosen:
            settle_presumed(connection, change, chosen, not clear)
    if chosen:
        screen.say(f"{len(chosen)} 次会议的出席情况{'改为未登记' if clear else '已确认'}。")
    elif found:
        screen.say(f"出席情况是推定的会议有 {len(found)} 次：编号 {'、'.join(map(str, found))}。")
        screen.note("确认都到了：partybuild meeting confirm 编号（或 --all）；已无从知道：再加 --clear。")
    else:
        screen.say("没有出席情况是推定的会议。")
