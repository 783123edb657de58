"""`member transfer`: out of the branch, history kept (组织关系转接)."""

from typing import Any

from partybuild_cli.cli import screen
from partybuild_cli.cli.complete import names
from partybuild_cli.cli.lazy import ChineseCommand
from partybuild_cli.cli.options import argument, option
from partybuild_cli.cli.session import writing


def commands() -> list[ChineseCommand]:
    """The commands that the roster has besides the five verbs."""
    from partybuild_cli.cli.verbs import made

    params = [
        argument("name", "姓名或工号", "转出的党员", names("member")),
        option("to", "去向", "转入的支部或单位", complete=names("branch")),
        option("on", "日期", "转出日期，写到日；这一天起不再应到"),
    ]
    return [made("transfer", "组织关系转出，或转到本院另一支部；此前的记录都保留", _transfer, params)]


def _transfer(context: Any, name: str, to: str | None, on: str | None) -> None:
    from partybuild_cli.cli.ask import required
    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.base.transfer import transfer
    from partybuild_cli.records.member import Member

    to, on = required("--to", "转入的支部或单位", to), required("--on", "转出日期", on)
    with writing(context) as (connection, change):
        sentence = transfer(connection, change, number_of(connection, Member, name), to, on)
    screen.say(sentence)
