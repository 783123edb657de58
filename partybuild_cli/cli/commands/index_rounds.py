"""`index publish / object / objections / revise / lock`: from the draft to the locked quarter (公示、异议、修订)."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import agree, required
from partybuild_cli.cli.lazy import Place, Text, flag, later, option
from partybuild_cli.cli.options import MEMBERS, AsJson, OfBranch, Quarterly, Yes, day_of, positive
from partybuild_cli.cli.session import branch_of, number_of, reading, writing
from partybuild_cli.errors import UsageFault
from partybuild_cli.index.quarter import DRAFTS, Document, Quarter
from partybuild_cli.outputs import Shelf

with later():
    from partybuild_cli.index import accounts, archive, calendar, diff, pages, participants, publishing

_SIGNS = (("+", "come"), ("-", "gone"))  # what stands before a record that came to a score, and that is gone from it
_On = Annotated[date | None, option("日期", "公示开始的日子，不写则为今天", parser=day_of)]
_Out = Annotated[Place, option("目录", "公示表写到这个目录")]
_Mask = Annotated[bool, flag("--mask-names", "姓名打码，供支部以外张贴")]
_Holidays = Annotated[list[Path] | None, option("文件", "本单位的节假日表（….toml），可重复")]


@contextmanager
def looking(quarter: Quarter, branch: str | None = None) -> Iterator["participants.Roll"]:
    """The branches of a quarter, or the one that an option names as it was called then; only read."""
    with reading() as connection:
        yield participants.roll_of(connection, quarter, branch_of(connection, branch, quarter.last))


@contextmanager
def deciding(quarter: Quarter, branch: str | None = None) -> Iterator["participants.Roll"]:
    """The same for one transaction; the log says what was posted, objected to, answered, revised and locked."""
    with writing(always=True) as (connection, change):
        before = archive.acts(connection)
        yield participants.roll_of(connection, quarter, branch_of(connection, branch, quarter.last))
        archive.note_acts(change, before, archive.acts(connection))


def publish(
    quarter: Quarterly,
    branch: OfBranch = None,
    on: _On = None,
    out: _Out = None,
    mask_names: _Mask = False,
    holidays: _Holidays = None,
    revision: Annotated[int | None, option("次数", "重印修订以前的第几次公示，须加 --out", parser=positive)] = None,
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """定稿并公示：冻结方案、名册和每一分的出处，写出公示表；已公示的只重印，一字不差。"""
    if revision is not None:
        if out is None:
            raise UsageFault("--revision 只用来重印，请加 --out 目录。")
        with looking(quarter, branch) as roll:
            files = pages.write_former(roll, Shelf(out, screen.note), revision, mask=mask_names)
            screen.say(*(f"公示表：{file}" for file in files))
        return
    start, known = on or date.today(), calendar.calendar_with(holidays or [])
    sure = f"将公示 {quarter.label}，从 {start} 起，公示后只能用 revise 修订。"
    _decide(quarter, branch, DRAFTS, sure, yes, "没有公示。")
    _post(quarter, branch, lambda roll: publishing.publish(roll, start, known), out, mask_names, json)


def revise(
    quarter: Quarterly,
    reason: Annotated[Text, option("理由", "为什么修订，写进新的公示表")] = None,
    branch: OfBranch = None,
    on: _On = None,
    out: _Out = None,
    mask_names: _Mask = False,
    holidays: _Holidays = None,
    yes: Annotated[bool, flag("--yes", "不问，直接修订")] = False,
    json: AsJson = False,
) -> None:
    """按现在的记录修订已公示的季度；原来公示的仍可查阅。"""
    _not_blank({"--reason": reason})
    why = required("--reason", "修订理由", reason)
    start, known = on or date.today(), calendar.calendar_with(holidays or [])
    if screen.on_terminal() and not yes:
        with looking(quarter, branch) as roll:
            found = diff.between_revisions(roll)
        show_differences([comparison for comparison in found if comparison["to"] == "现有记录"])
        agree(f"将按现有记录修订 {quarter.label}，原来公示的仍可查阅。", False, "没有修订。")
    _post(quarter, branch, lambda roll: publishing.revise(roll, why, start, known), out, mask_names, json)


def _post(
    quarter: Quarter,
    branch: str | None,
    post: "Callable[[participants.Roll], list[publishing.Posted]]",
    out: Path | None,
    mask: bool,
    json: bool,
) -> None:
    """Post or revise in one transaction, write the posting tables, and tell of them."""
    shelf = None if out is None else Shelf(out, screen.note)
    with deciding(quarter, branch) as roll:
        done = post(roll)
        files = [pages.write_posting(roll, posted.branch, shelf, mask=mask) for posted in done if shelf]
    screen.note(*dict.fromkeys(f"注意：{problem}" for posted in done for problem in posted.problems))
    keys, lines = ("name", "revision", "first", "last", "again"), []
    for posted in done:
        new = "已公示" if posted.revision == 1 else f"已修订（第 {posted.revision} 次公示）"
        what = "早已公示，没有改动" if posted.again else new
        lines.append(f"{posted.name}：{what}，公示期 {posted.first} 至 {posted.last}。")
    lines += [f"公示表：{file}" for file in files] or ["要公示表，请加 --out 目录。"]
    screen.answer(json, [{key: getattr(posted, key) for key in keys} for posted in done], *lines)


def show_differences(found: Sequence[Document]) -> None:
    """Whose score moved, by which lines and records."""
    for comparison in found:
        screen.say(f"{comparison['branch'] or '全部支部'}：{comparison['from']} → {comparison['to']}", style="bold")
        for record in comparison.get("records", ()):
            screen.say(f"  {record['sign']} {record['day']} {record['title']}（涉及 {record['members']} 人）")
        for member in comparison["members"]:
            note = f"（{member['note']}）" if "note" in member else ""
            same = member["before"] == member["after"]
            moved = "，得分不变" if same else f"，{member['difference']}" if member["difference"] else ""
            screen.say(f"{member['name']} {member['before'] or '—'} → {member['after'] or '—'}{moved}{note}")
            for line in member["lines"]:
                screen.say(f"  {line['id']} {line['name']}：{line['before'] or '—'} → {line['after'] or '—'}")
                for sign, record in ((sign, each) for sign, key in _SIGNS for each in line.get(key, ())):
                    said = f"（{record['note']}）" if record["note"] else ""
                    screen.say(f"    {sign} {record['day']} {record['title']}{said}")
    if not any(comparison["members"] for comparison in found):
        screen.say("没有变动。")


def lock(quarter: Quarterly, branch: OfBranch = None, yes: Yes = False) -> None:
    """公示期满、异议都已答复后锁定；此后只能用 revise 修订。"""
    sure = f"将锁定 {quarter.label}，此后不再受理异议。"
    _decide(quarter, branch, (*DRAFTS, "posted", "revised"), sure, yes, "没有锁定。")
    with deciding(quarter, branch) as roll:
        done = publishing.lock(roll, date.today())
    screen.say(f"已锁定：{'、'.join(done)}。" if done else f"{quarter.label} 已经锁定，没有改动。")


def discard(quarter: Quarterly, branch: OfBranch = None, yes: Yes = False) -> None:
    """丢掉一个季度的草稿（算好还没有公示的）；记录和评议表不动，随时可以再算。"""
    with looking(quarter, branch) as roll:
        waiting = publishing.drafts(roll)
    agree(f"将丢掉{'、'.join(waiting)} {quarter.label} 的草稿，记录不动。", yes, "没有丢掉。")
    with deciding(quarter, branch) as roll:
        done = publishing.discard_drafts(roll)
    screen.say(f"已丢掉 {quarter.label} 的草稿：{'、'.join(done)}。再算用 partybuild index compute {quarter.label}。")


def _decide(
    quarter: Quarter, branch: str | None, open_states: Collection[str], question: str, yes: bool, otherwise: str
) -> None:
    """Go on where the clerk at a terminal agrees. Scripts are not asked, nor is anybody where nothing is left to decide."""
    with looking(quarter, branch) as roll:
        latest = roll.rounds()
    if not latest or any(found.state in open_states for found in latest.values()):
        agree(question, yes or not screen.on_terminal(), otherwise)


def object_(
    quarter: Quarterly,
    number: Annotated[int | None, option("编号", "补填已登记的异议", parser=positive)] = None,
    member: Annotated[Text, option("姓名", "异议涉及的党员", autocompletion=MEMBERS)] = None,
    by: Annotated[Text, option("姓名", "提出人")] = None,
    on: Annotated[date | None, option("日期", "提出日期，不写则为今天", parser=day_of)] = None,
    matter: Annotated[Text, option("事项", "对什么有异议")] = None,
    handled_by: Annotated[Text, option("姓名", "受理人")] = None,
    finding: Annotated[Text, option("结论", "核查结论")] = None,
    answer: Annotated[Text, option("答复", "给提出人的答复")] = None,
    answered_on: Annotated[date | None, option("日期", "答复日期，不写则为今天", parser=day_of)] = None,
    branch: OfBranch = None,
) -> None:
    """登记对公示的异议，或用 --number 补填核查结论和答复。"""
    _not_blank({"--by": by, "--matter": matter, "--handled-by": handled_by, "--finding": finding, "--answer": answer})
    said: dict[str, str | int | None] = {"handled_by": handled_by, "finding": finding, "answer": answer}
    said["answered_on"] = str(answered_on or date.today()) if answer or answered_on else None
    if number is not None:
        raised = {"--member": member, "--by": by, "--on": on, "--branch": branch}
        if given := [name for name, value in raised.items() if value is not None]:
            wrong = f"{'、'.join(given)} 只在登记异议时写，没有写入。"
            raise UsageFault(f"{wrong}请去掉它，或去掉 --number 另行登记。")
        if not any([*said.values(), matter]):
            raise UsageFault("没有写要补填什么，请写 --handled-by、--finding、--answer 或 --answered-on。")
        with deciding(quarter) as roll:
            publishing.answer_objection(roll.connection, quarter, number, {**said, "matter": matter})
        screen.say(f"已补填异议编号 {number}。")
        return
    said |= {"raised_by": required("--by", "提出人", by), "matter": required("--matter", "异议事项", matter)}
    said["raised_on"] = str(on or date.today())
    with deciding(quarter) as roll:
        where = branch_of(roll.connection, branch, quarter.last)
        if member is not None:
            said["member_id"] = who = number_of(roll.connection, "member", member, quarter.last)
            where = accounts.branch_in(roll, who) if where is None else where
        posted = list(roll.rounds())
        if where is None and len(posted) > 1:
            which = "请用 --branch 写明是对哪个支部的公示有异议，或用 --member 写明涉及的党员。"
            raise UsageFault(f"这个季度有多个支部，{which}")
        made = publishing.raise_objection(roll, (posted or [0])[0] if where is None else where, said)
    reply = f"partybuild index object {quarter.label} --number {made} --answer 答复"
    screen.say(f"已登记异议，编号 {made}。答复后用 {reply} 补填。")


def _not_blank(given: dict[str, str | None]) -> None:
    """Spaces are no reason, and no answer that a lock could follow."""
    for name, value in given.items():
        if value is not None and not value.strip():
            raise UsageFault(f"{name} 是空的，没有写入。请写明内容。")


_OBJECTION = {
    "id": "编号", "branch": "党支部", "member": "涉及党员", "raised_by": "提出人", "raised_on": "提出日期", "matter": "事项",
    "handled_by": "受理人", "finding": "核查结论", "answer": "答复", "answered_on": "答复日期",
}  # fmt: skip


def objections(quarter: Quarterly, branch: OfBranch = None, json: AsJson = False) -> None:
    """列出一个季度的异议和答复。"""
    with looking(quarter, branch) as roll:
        found = publishing.objections(roll)
    screen.listing(found, _OBJECTION, json, right=("编号",), remark="共 {} 件异议。", none="共 0 件异议。")
