"""Who took part in a service (参加党员): correcting one of them."""

from collections.abc import Mapping
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated

from typer import Option

from partybuild_cli.cli.complete import names
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import Cells, Own, Said, joined, parameter
from partybuild_cli.cli.session import roster_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

app = Commands()
_COME = Option(metavar="姓名[:时长]", help="加上或改正这名党员，其他人不动；可重复", autocompletion=names("member"))
_GONE = Option(metavar="姓名", help="去掉这名党员，其他人不动；可重复", autocompletion=names("member"))


def _further(verb: str) -> list[Parameter]:
    several = {"member": Annotated[list[str] | None, _COME], "without": Annotated[list[str] | None, _GONE]}
    return [parameter(name, kind) for name, kind in several.items() if verb == "edit"]


def _entailed(
    connection: "Connection", number: int, cells: Cells, erase: list[str], values: Mapping[str, Said]
) -> tuple[Cells, str]:
    """Who is named joins, or is taken out, and the others stay; `--members` replaces the list."""
    from partybuild_cli.records.base.editing import read_one
    from partybuild_cli.records.base.rows import moved
    from partybuild_cli.records.service import Service

    come, gone = joined(values.get("member")), joined(values.get("without"))
    if not come and not gone:
        return cells, ""
    kept = {} if "members" in cells else {"members": read_one(connection, Service, number).values.get("members", [])}
    said = {"members": "、".join(filter(None, (cells.get("members"), come)))} if come else {}
    return {**cells, **moved(roster_of(connection), kept, said, gone)}, ""


own = Own(further=_further, entailed=_entailed)
