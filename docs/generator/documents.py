"""The JSON documents of the commands (JSON 接口): their keys and types, from every document that the golden answers hold.

`docs/json.toml` freezes them: what a program reads there never goes or changes its type without a line in the changelog.

And the other tables that stand inside pages written by hand, each by the name in its `generated` comment.
"""

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from generator.sentences import Sentence, collect
from generator.text import DOCS, table
from partybuild_cli.cli.app import command
from partybuild_cli.index.diff import typical_members, typical_score
from partybuild_cli.index.measures import MEASURES, RULES_OF_SHAPE
from partybuild_cli.index.schemes import built_in_schemes
from partybuild_cli.records.base.registry import captions

FROZEN = DOCS / "json.toml"
ANSWERS = DOCS.parent / "tests/golden/answers"
_ANSWER = re.compile(r"^\$ (?P<line>.*)\n(?P<out>(?:(?!\$ |\[\d+\]$).*\n)*)\[\d+\]$", re.MULTILINE)
_TYPES = {str: "文字", int: "整数", bool: "是否", list: "数组", dict: "对象", type(None): "空"}
_KEY = re.compile(r"[a-z][a-z0-9_]*")
#: Objects whose keys are headings, ledgers or fields, so that any word may stand there; of these documents also `rows`.
_MAPS, _OF_TABLES = {"columns", "extras", "values", "dimensions", "context"}, ("backup", "restore")
#: Path -> the types found there, of each document.
Keys = dict[str, dict[str, set[str]]]


@cache
def answers() -> dict[str, list[tuple[str, Any]]]:
    """The documents by name, each with the command line that printed it; the demo's first."""
    found: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for path in sorted(ANSWERS.rglob("*.txt"), key=lambda path: (path.parent.name != "demo", path)):
        for one in _ANSWER.finditer(path.read_text(encoding="utf8")):
            out = re.sub(r"^! .*\n", "", one["out"], flags=re.MULTILINE).replace(": …", ": 0")
            if " --json" in one["line"] and out:
                found[_called(one["line"])].append((one["line"], json.loads(out)))
    return dict(sorted(found.items()))


def _called(line: str) -> str:
    """What the document is called: a ledger, or the command with its verb."""
    words, here = [], command()
    for word in re.sub(r"^--\S+ \S+ ", "", line).split():
        inner = here.get_command(None, word) if hasattr(here, "get_command") else None
        if inner is None:
            break
        words.append(word)
        here = inner
    words += ["--list"] if " --list" in line else []
    return words[0] if words[0] in captions() and words[1] in ("list", "show", "add", "edit") else " ".join(words)


@cache
def current() -> Keys:
    """What the documents hold now; those of a ledger are records, listed or alone."""
    told: Keys = {}
    for name, documents in answers().items():
        types = told[name] = defaultdict(set)
        for _, document in documents:
            for record in document if name in captions() and isinstance(document, list) else [document]:
                _add(types, record, "", _MAPS | ({"rows"} if name in _OF_TABLES else set()))
    return told


def _add(types: dict[str, set[str]], value: Any, path: str, maps: set[str]) -> None:
    if path and not (path.endswith("[]") and isinstance(value, dict)):
        types[path].add(_TYPES[type(value)])
    if isinstance(value, dict):
        free = path.rpartition(".")[2] in maps or not all(map(_KEY.fullmatch, value))
        for key, inner in value.items():
            _add(types, inner, f"{path}.{'…' if free else key}".lstrip("."), maps)
    elif isinstance(value, list):
        for inner in value:
            _add(types, inner, f"{path}[]", maps)


def frozen() -> Keys:
    """What was promised."""
    kept = tomllib.loads(FROZEN.read_text(encoding="utf8")) if FROZEN.exists() else {}
    return {
        name: {
            f"{parent}.{key}".lstrip("."): set(kinds.split("/"))
            for parent, told in objects.items()
            for key, _, kinds in (one.partition(" ") for one in told.split(", "))
        }
        for name, objects in kept.items()
    }


def text() -> str:
    """The frozen file: what was promised stays, what is new comes to it."""
    lines = ["# Keys and types of every --json document. docs/generate.py adds what is new, and takes nothing away."]
    told, kept = current(), frozen()
    for name in sorted({*told, *kept}):
        objects = _objects({**told.get(name, {}), **kept.get(name, {})})
        lines += ["", f'["{name}"]', *(f'"{parent}" = "{", ".join(keys)}"' for parent, keys in objects.items())]
    return "\n".join(lines) + "\n"


def _objects(keys: dict[str, set[str]]) -> dict[str, list[str]]:
    """The keys of each object, with their types."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, kinds in sorted(keys.items()):
        parent, _, key = path.rpartition(".")
        found[parent].append(f"{key} {_kinds(kinds)}")
    return dict(sorted(found.items()))


def _kinds(kinds: set[str]) -> str:
    return "/".join(sorted(kinds, key=list(_TYPES.values()).index))


def untold() -> list[str]:
    """Commands with `--json` of which no golden answer holds a document."""
    return [name for name in _printing(command(), "") if _called(name) not in current()]


def _printing(one: Any, path: str) -> Iterator[str]:
    if any("--json" in parameter.opts for parameter in one.params):
        yield path
    for name in one.list_commands(None) if hasattr(one, "list_commands") else ():
        yield from _printing(one.get_command(None, name), f"{path} {name}".strip())


def broken(told: Keys, kept: Keys, changelog: str) -> list[str]:
    """Keys that are gone, or not of the types that were promised, of which the changelog says nothing.

    What was never there but empty may come to be something.
    """
    return [
        f"{name} {key}: {_kinds(kinds)} -> {_kinds(now) or 'gone'}"
        for name, keys in kept.items()
        for key, kinds in keys.items()
        if not (now := told.get(name, {}).get(key, set())) or not (now <= kinds or kinds == {"空"})
        if f"`{name} {key}`" not in changelog
    ]


def section() -> str:
    """Each document with its keys, types and an example; the records of ledgers in one table."""
    records = [[f"`{name}`", _listed(_objects(told)[""])] for name, told in current().items() if name in captions()]
    parts = [table(["台账", "每条记录的键"], records)]
    for name in (one for one in current() if one not in captions()):
        line, document = next((one for one in answers()[name] if one[1]), answers()[name][0])
        objects = [[f"`{parent or '最外层'}`", _listed(keys)] for parent, keys in _objects(current()[name]).items()]
        shown = f"```json\n{_short(document)}\n```"
        parts += [f"### {name}", table(["位置", "键"], objects), f"`partybuild {line}`：", shown]
    return "\n\n".join(parts)


def _listed(keys: list[str]) -> str:
    return "、".join(f"`{key}` {kinds}" for key, _, kinds in (one.partition(" ") for one in keys))


def _short(document: Any) -> str:
    """The first item of every array, a line for each of the outermost keys."""
    if isinstance(document, list):
        return f"[{json.dumps(_first(document[0]), ensure_ascii=False)}]" if document else "[]"
    lines = (f" {json.dumps(key)}: {json.dumps(_first(value), ensure_ascii=False)}" for key, value in document.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _first(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _first(inner) for key, inner in value.items()}
    return [_first(inner) for inner in value[:1]] if isinstance(value, list) else value


#: Rooms whose sentences about one value can stand at a row of a sheet.
_ROWS = ("values", "records", "sheets", "rules")


def problems() -> str:
    """Every problem that a row can have, with its remedy."""
    return _told(one for one in collect() if one.kind == "problem" and one.room in _ROWS)


def warnings() -> str:
    """Every figure that is questioned."""
    return _told(one for one in collect() if one.kind == "warning")


def faults(code: str) -> Callable[[], str]:
    """Every sentence that ends a command with this exit code."""
    return lambda: _told(one for one in collect() if one.kind == code)


def _told(found: Iterable[Sentence]) -> str:
    told = dict.fromkeys((one.wrong, one.remedy) for one in found)
    return table(["提示", "怎么办"], sorted(map(list, told), key=lambda line: line[0].lstrip("…“” ")))


def measures() -> str:
    """What a scheme may measure."""
    return table(
        ["数据项 measure", "可用规则 rule", "怎样计算", "选项 options"],
        (
            [
                f"`{one.name}`",
                "、".join(f"`{rule}`" for rule in RULES_OF_SHAPE[one.shape]),
                one.definition,
                "、".join(f"`{option.name}`" for option in one.options),
            ]
            for one in MEASURES.values()
        ),
    )


def schemes() -> str:
    """The schemes that ship with the program."""
    return table(
        ["方案", "名称", "各部分权重"],
        (
            [one.key, one.title, "、".join(f"{part.name} {part.weight:.0%}" for part in one.parts)]
            for one in built_in_schemes()
        ),
    )


def typical() -> str:
    """What typical members would get by each edition of the default scheme, and by the newest of the others."""
    found = built_in_schemes()
    shown = [one for place, one in enumerate(found) if one.id == "默认方案" or found[place - 1].id != one.id]
    return table(
        ["典型党员（本季度没有到期的整改承诺，只按记录）", *(one.key for one in shown)],
        ([one["name"], *(str(typical_score(scheme, one)) for scheme in shown)] for one in typical_members()),
    )


SECTIONS: dict[str, Callable[[], str]] = {
    "problems": problems,
    "warnings": warnings,
    "measures": measures,
    "schemes": schemes,
    "typical": typical,
    "documents": section,
    **{f"faults-{code}": faults(code) for code in ("2", "3", "4", "5")},
}
