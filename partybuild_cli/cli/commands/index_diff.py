"""`index diff`: whose score moved, and by which records (得分变动)."""

from typing import Annotated, Any

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.commands.index_common import AsJson, OfBranch, QuarterKind, Quarterly, branch_of
from partybuild_cli.cli.session import reading
from partybuild_cli.index.quarter import Quarter


def diff(
    context: typer.Context,
    quarter: Quarterly,
    other: Annotated[
        Quarter | None, typer.Argument(metavar="[季度]", help="与哪个季度比；不写须加 --revision", parser=QuarterKind())
    ] = None,
    revision: Annotated[bool, typer.Option("--revision", help="比较公示的各个版本和现有记录")] = False,
    branch: OfBranch = None,
    json: AsJson = False,
) -> None:
    """两个季度之间，或一次公示与后来的修订、现有记录之间，谁的得分变了、因为哪些记录。"""
    from partybuild_cli.errors import UsageFault
    from partybuild_cli.index.diff import between_quarters, between_revisions

    if (other is None) != revision:
        raise UsageFault("请写两个季度，如 partybuild index diff 2026Q2 2026Q3；或写一个季度加 --revision。")
    with reading(context) as connection:
        number = branch_of(connection, branch)
        if other is None:
            found = between_revisions(connection, quarter, number)
        else:
            members = between_quarters(connection, quarter, other, number)
            found = [{"branch": branch, "from": quarter.label, "to": other.label, "members": members}]
    if json:
        screen.document({"quarter": quarter.label, "comparisons": found})
        return
    for one in found:
        screen.say(f"{one['branch'] or '全部支部'}：{one['from']} → {one['to']}", "bold")
        for record in one.get("records", ()):
            screen.say(f"  {record['sign']} {record['day']} {record['title']}（涉及 {record['members']} 人）")
        for member in one["members"]:
            _member(member)
    if not any(one["members"] for one in found):
        screen.say("没有变动。")


def _member(member: dict[str, Any]) -> None:
    note = f"（{member['note']}）" if "note" in member else ""
    same = member["before"] == member["after"]
    moved = "，得分不变" if same else f"，{member['difference']}" if member["difference"] else ""
    screen.say(f"{member['name']} {member['before'] or '—'} → {member['after'] or '—'}{moved}{note}")
    for line in member["lines"]:
        screen.say(f"  {line['id']} {line['name']}：{line['before'] or '—'} → {line['after'] or '—'}")
        for sign, key in (("+", "come"), ("-", "gone")):
            for record in line.get(key, ()):
                said = f"（{record['note']}）" if record["note"] else ""
                screen.say(f"    {sign} {record['day']} {record['title']}{said}")
