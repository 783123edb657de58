"""Every command with its options (命令一览), from the command tree itself."""

from collections.abc import Iterator, Sequence
from typing import Any

from generator.text import page, table
from partybuild_cli.cli.app import Root, command
from partybuild_cli.records.base.registry import captions


def pages() -> dict[str, str]:
    """File -> text."""
    root = command()
    parts = ["每个命令后加 `--help` 也能看到同样的说明。用在所有命令前面的选项：", _options(root)]
    panel = ""
    for name, entry in Root.entries.items():
        if entry.panel != panel:
            panel = entry.panel
            parts.append(f"## {panel}")
            if panel == "台账":
                parts.append("每个台账都有登记 `add`、列出 `list`、查看 `show`、修改 `edit`、删除 `remove`。")
        parts.append(f"### {name}")
        parts += _ledger(name, entry.load()) if name in captions() else _describe(name, entry.load())
    return {"commands.md": page("命令一览", *parts)}


def _ledger(name: str, group: Any) -> list[str]:
    """One table for all verbs of a ledger, because most of their options are the same."""
    used: dict[str, list[str]] = {}
    parameters: dict[str, Any] = {}
    commands = {verb: group.get_command(None, verb) for verb in group.list_commands(None)}
    for verb, one in commands.items():
        for parameter in _parameters(one):
            label = _label(parameter)
            used.setdefault(label, []).append(verb)
            parameters.setdefault(label, parameter)
    lines = [
        [f"`{label}`", "、".join(f"`{verb}`" for verb in used[label]), _value(parameter), _meaning(parameter)]
        for label, parameter in parameters.items()
    ]
    verbs = table(["命令", "作用"], [[f"`{_usage(name, one)}`", one.help or ""] for one in commands.values()])
    return [f"[{captions()[name]}](ledgers/{name}.md)。", verbs, table(["选项", "用于", "值", "含义"], lines)]


def _describe(path: str, one: Any) -> Iterator[str]:
    yield one.help or ""
    yield f"`{_usage(path, one)}`" if not getattr(one, "commands", None) else f"`partybuild {path} …`"
    if _parameters(one):
        yield _options(one)
    if one.epilog and not getattr(one, "commands", None):
        yield f"例：`{one.epilog}`"
    for name, child in getattr(one, "commands", {}).items():
        yield f"#### {path} {name}"
        yield from _describe(f"{path} {name}", child)


def _usage(path: str, one: Any) -> str:
    places = [parameter for parameter in one.params if parameter.param_type_name == "argument"]
    shown = [_metavar(place) if place.required else f"[{_metavar(place).strip('[]…')}]" for place in places]
    full = path if path.endswith(str(one.name)) else f"{path} {one.name}"
    return " ".join(["partybuild", full, *shown])


def _parameters(one: Any) -> Sequence[Any]:
    return [parameter for parameter in one.params if not getattr(parameter, "hidden", False)]


def _options(one: Any) -> str:
    lines = [[f"`{_label(parameter)}`", _value(parameter), _meaning(parameter)] for parameter in _parameters(one)]
    return table(["选项", "值", "含义"], lines)


def _label(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return _metavar(parameter)
    return " ".join(one for one in parameter.opts if one.startswith("--"))


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name)


def _value(parameter: Any) -> str:
    if parameter.param_type_name == "argument" or getattr(parameter, "is_flag", False):
        return ""
    return parameter.metavar or ""


def _meaning(parameter: Any) -> str:
    said = (getattr(parameter, "help", "") or "").replace("[", "\\[")
    default = getattr(parameter, "default", None)
    shown = isinstance(default, str | int) and not isinstance(default, bool) and default != ""
    return f"{said}（不写就是 {default}）" if shown and parameter.show_default is not False else said
