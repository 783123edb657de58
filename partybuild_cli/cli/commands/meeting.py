"""Who came to a meeting (出席情况) and what it voted (表决): what `meeting add` and `edit` take besides the columns, `vote`, `confirm`."""

from collections.abc import Mapping
from datetime import date
from inspect import Parameter
from typing import Annotated

from partybuild_cli.cli import screen, session
from partybuild_cli.cli.lazy import Commands, Several, Text, argument, flag, later, option, parameter, signed, words
from partybuild_cli.cli.options import MEMBERS, Cells, Own, Said, joined
from partybuild_cli.cli.session import number_of, roster_of, writing
from partybuild_cli.errors import InputProblems, NotFound, ValueProblem
from partybuild_cli.values.period import period_of
from partybuild_cli.values.votes import FIGURES, Ballots, Vote, VoteKind, vote_of

with later():
    from partybuild_cli.records import meeting as meetings
    from partybuild_cli.records.base import editing, row
    from partybuild_cli.rules import facts, frequency, votes

meeting_app = Commands()
_LISTS = {"attended": "attendees", "on_leave": "on_leave", "absent": "absent", "made_up": "made_up"}


def _further(verb: str) -> list[Parameter]:
    all_present = flag("--all-present", "应到的都到了；另写 --absent、--on-leave 的除外", "--all")
    attended = option("姓名", "改记为出席，其他人不动；可重复", autocompletion=MEMBERS)
    due, present = (option("人数", f"{word}人数，没有姓名时填") for word in ("应到", "实到"))
    return [
        *(_vote_options() if verb == "add" else []),
        parameter("all_present", Annotated[bool, all_present], False),
        *([parameter("attended", Annotated[Several, attended])] if verb == "edit" else []),
        parameter("due", Annotated[Text, due]),
        parameter("present", Annotated[Text, present]),
    ]


def _vote_options() -> list[Parameter]:
    kinds = [str(kind) for kind in VoteKind]
    options = {
        "vote_kind": option("种类", f"表决种类：{' '.join(kinds)}", autocompletion=words(kinds)),
        "vote_on": option("对象", "表决对象：发展对象、党员的姓名，或一件事"),
    }
    for key, called in FIGURES.items():
        who = "有表决权的党员" if key.startswith("voters") else ""
        options[key] = option("人数或票数", f"表决的{called[0]}{who}")
    return [parameter(key, Annotated[Text, option]) for key, option in options.items()]


def _vote(values: Mapping[str, Said]) -> Vote | None:
    """The vote that the options name, None where they name none."""
    said = {key: str(values[key]) for key in ("vote_kind", "vote_on", *FIGURES) if values.get(key) is not None}
    try:
        return vote_of(said) if said else None
    except ValueProblem as problem:
        raise InputProblems(f"表决：{problem.sentence}。没有写入任何内容。") from None


def _completed(cells: Cells, values: Mapping[str, Said]) -> Cells:
    """The cells of a new meeting to which all came but those who are named, with the vote of the options."""
    if (vote := _vote(values)) is not None:
        cells = {**cells, "votes": "\n".join([*([cells["votes"]] if "votes" in cells else []), vote.text()])}
    return {"attendees": "全体党员", **cells} if values.get("all_present") else cells


def _entailed(
    connection: "session.Connection", number: int, cells: Cells, erase: list[str], values: Mapping[str, Said]
) -> tuple[Cells, str]:
    """Who is said to have attended, to be on leave or absent is moved, and the others stay; `--attendees` replaces the list."""
    if values.get("all_present"):
        return {"attendees": "全体党员", **cells}, ""
    said = {key: joined(values[name]) for name, key in _LISTS.items() if values.get(name)}
    if not said:
        return cells, ""
    document = editing.read_one(connection, meetings.Meeting, number).values
    replaced = {"attendees"} & cells.keys()
    states = [key for key in ("attendees", "on_leave", "absent") if key not in erase and key not in replaced]
    lists = {key: document[key] for key in states if key in document}
    making_up = said.pop("made_up", "")
    after = row.moved(roster_of(connection), lists, said)
    if making_up:
        after |= row.moved(roster_of(connection), {"made_up": document.get("made_up", [])}, {"made_up": making_up})
    return {**cells, **after}, ""


def _remark(view: "row.View") -> str:
    """应到 and 实到, for the line that confirms."""
    figures = {word: view.values.get(key) for word, key in (("应到", "due"), ("实到", "present"))}
    known = [f"{word} {figure.value} 人" for word, figure in figures.items() if figure is not None]
    if not known:
        number = view.number
        return f"出席情况未登记，补记用 partybuild meeting edit {number} --all-present，或 --absent 姓名:事由。"
    return f"{'，'.join(known)}。"


meeting_own = Own(further=_further, completed=_completed, entailed=_entailed, remark=_remark)


def _record_vote(number: Annotated[str, argument("编号", "会议的编号")], **values: Said) -> None:
    """记一项表决：种类、对象和票数，并按这一种类的规定判断；同一种类同一对象的再记一次就是改"""
    vote = _vote(values)
    if vote is None or vote.vote_kind is None:
        raise InputProblems(f"没有写表决种类。请写 --vote-kind {'、'.join(VoteKind)}。没有写入任何内容。")
    with writing() as (connection, change):
        meeting = number_of(connection, "meeting", number)
        document = editing.read_one(connection, meetings.Meeting, meeting).values
        ballots = document.get("votes", Ballots()).with_vote(vote)
        draft = editing.edit_record(connection, change, meetings.Meeting, meeting, {"votes": ballots.text()})
        known = facts.load_facts(connection, period_of(document["held_on"][:7]), date.today())
        held = [each for found in known.meetings.values() for each in found if each.number == meeting]
        judged = [each for other in held for each in votes.votes_of(known, other) if each.vote.called == vote.called]
    screen.warn([draft])
    sentences = [vote.text(), *(each.sentence + each.article for each in judged)]
    screen.say(f"已记入会议编号 {meeting}：{'；'.join(sentences)}。")


_EXAMPLE = "partybuild meeting vote 1 --vote-kind 一般 --voters-due 20 --voters-present 18 --votes-for 17"
meeting_app.command("vote", help=_record_vote.__doc__, example=_EXAMPLE)(signed(_record_vote, _vote_options()))


@meeting_app.command("confirm", example="partybuild meeting confirm")
def confirm(
    numbers: Annotated[Several, argument("[编号]...", "会议的编号；不写则列出推定的会议")] = None,
    all: Annotated[bool, flag("--all", "所有推定的会议")] = False,
    clear: Annotated[bool, flag("--clear", "谁到会已无从知道，改为未登记")] = False,
) -> None:
    """确认推定的出席情况：这些会议应到的确实都到了"""
    with writing() as (connection, change):
        found = frequency.presumed(connection)
        wrong = [text for text in numbers or () if text not in map(str, found)]
        if wrong:
            raise NotFound(f"会议编号 {'、'.join(wrong)} 的出席情况不是推定的。不写编号可以列出推定的会议。")
        chosen = found if all else [int(text) for text in dict.fromkeys(numbers or ())]
        if chosen:
            frequency.settle_presumed(connection, change, chosen, not clear)
    if chosen:
        screen.say(f"{len(chosen)} 次会议的出席情况{'改为未登记' if clear else '已确认'}。")
    elif found:
        screen.say(f"出席情况是推定的会议有 {len(found)} 次：编号 {'、'.join(map(str, found))}。")
        screen.note("确认都到了：partybuild meeting confirm 编号（或 --all）；已无从知道：再加 --clear。")
    else:
        screen.say("没有出席情况是推定的会议。")
