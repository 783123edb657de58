"""Command options made from columns (选项): one `--field` a column, with its Chinese help and completion."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from typer.core import TyperArgument, TyperOption

from partybuild_cli.cli.ask import must_say
from partybuild_cli.cli.complete import names, words

if TYPE_CHECKING:
    from partybuild_cli.records.base.column import Column
    from partybuild_cli.records.base.declare import Record


def flag(name: str, help: str) -> TyperOption:
    """A switch."""
    return TyperOption(param_decls=[f"--{name}"], is_flag=True, default=False, help=help, show_default=False)


def option(
    name: str, metavar: str, help: str, *, many: bool = False, complete: Any = None, default: Any = None
) -> TyperOption:
    """An option with a value."""
    return TyperOption(
        param_decls=[f"--{name}"],
        metavar=metavar,
        help=help,
        multiple=many,
        autocompletion=complete,
        default=default,
        show_default=False,
    )


def argument(name: str, metavar: str, help: str, complete: Any = None, required: bool = True) -> TyperArgument:
    """A positional argument."""
    return TyperArgument(param_decls=[name], metavar=metavar, help=help, autocompletion=complete, required=required)


def option_of(record: "type[Record]", column: "Column", taken: Collection[str] = ()) -> TyperOption:
    """The option for one column; `--on` stands for the record's own day. Names that are `taken` mean something else."""
    names_ = [column.flag]
    if column.option and column.option not in taken:
        names_.append(f"--{column.option}")
    if column.key == record.date and column.identity:
        names_.append("--on")
    return TyperOption(
        param_decls=[*names_, column.key],
        metavar=_metavar(column),
        help=_help(column),
        multiple=column.kind.many,
        autocompletion=_completer(column),
        default=None,
        show_default=False,
    )


def given(record: "type[Record]", values: dict[str, Any]) -> dict[str, Any]:
    """The cells that options gave: several people of one column become one list."""
    cells = {}
    for key, value in values.items():
        if key in record.columns and value not in (None, ()):
            cells[key] = "、".join(value) if isinstance(value, list | tuple) else value
    return cells


def writable(record: "type[Record]") -> "list[Column]":
    """The columns that a command may set."""
    return [column for column in record.columns.values() if not column.computed]


def _metavar(column: "Column") -> str:
    choices = column.kind.words
    if column.kind.many:
        return "姓名[:说明]"
    return "|".join(choices) if 0 < len(choices) <= 4 else column.kind.label


def _help(column: "Column") -> str:
    choices = column.kind.words
    parts = [column.heading, *([column.help] if column.help else [])]
    if len(choices) > 4:
        parts.append("可选：" + " ".join(choices))
    if column.kind.many:
        parts.append("可重复")
    return ("［必填］" if must_say(column) else "") + "；".join(parts)


def _completer(column: "Column") -> Any:
    if column.kind.names:
        return names(column.kind.names)
    return words(column.kind.words) if column.kind.words else None
