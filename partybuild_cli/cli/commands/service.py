"""Who took part in a service (参加党员): correcting one of them."""

from collections.abc import Mapping
from inspect import Parameter
from typing import Annotated, Any

from typer import Option

from partybuild_cli.cli.complete import names
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import parameter
from partybuild_cli.records.base.roster import load_roster

app = Commands()


def further(verb: str) -> list[Parameter]:
    """The options of `edit` that are no columns."""
    said = {
        "member": ("姓名[:时长]", "加上或改正这名党员，其他人不动；可重复"),
        "without": ("姓名", "去掉这名党员，其他人不动；可重复"),
    }
    return [
        parameter(name, Annotated[list[str] | None, Option(metavar=metavar, help=help, autocompletion=names("member"))])
        for name, (metavar, help) in said.items()
        if verb == "edit"
    ]


def entailed(
    connection: Any, number: int, cells: dict[str, Any], erase: list[str], values: Mapping[str, Any]
) -> tuple[dict[str, Any], str]:
    """Who is named joins, or is taken out, and the others stay; `--members` replaces the list."""
    from partybuild_cli.records.base.editing import read_one
    from partybuild_cli.records.base.rows import moved
    from partybuild_cli.records.service import Service

    come, gone = "、".join(values.get("member") or ()), "、".join(values.get("without") or ())
    if not come and not gone:
        return cells, ""
    kept = {} if "members" in cells else {"members": read_one(connection, Service, number).values.get("members", [])}
    said = {"members": "、".join(filter(None, (cells.get("members"), come)))} if come else {}
    return {**cells, **moved(load_roster(connection), kept, said, gone)}, ""
