"""Every sentence with which the program refuses or questions something (提示语), as it stands in the source.

A sentence is what a fault, `refuse` or `warn` is given: a text, or the texts that a name or a function of the package stands
for. A value in it is …
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from generator.text import PACKAGE

#: What raises or notes a sentence: its exit code or kind, which argument it is, and what it is put behind.
SAID = {
    "UsageFault": ("2", 0, ""),
    "EndOfInputError": ("2", 0, ""),
    "NotFound": ("3", 0, ""),
    "Unfit": ("3", 0, ""),
    "Refused": ("3", 0, "文件…"),
    "InputProblems": ("4", 0, ""),
    "Busy": ("5", 0, ""),
    "ValueProblem": ("problem", 0, ""),
    "Finding": ("problem", 2, ""),
    "refuse": ("problem", 2, ""),
    "warn": ("warning", 2, ""),
}
#: What a name can say.
Texts = dict[str, list[str]]
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Where a sentence divides into what is wrong and what to do.
_TURN = re.compile(
    r"[，；：。](?=(?:请|先|可以|可用|要清掉的|要新建|要修改|要改正|如果|用 partybuild|这里要填|把|转出后|转回来|确有错误|办结之后|支部缺的用|到了那天|不写编号|写错了|内置的有|编号有|以后|数据库请|最近的备份))"
)


@dataclass(frozen=True, order=True, slots=True)
class Sentence:
    """One sentence: its kind (`problem`, `warning` or an exit code), its room, and its text."""

    kind: str
    room: str
    text: str

    @property
    def wrong(self) -> str:
        """What is wrong."""
        return _TURN.split(self.text, maxsplit=1)[0].rstrip("。；，")

    @property
    def remedy(self) -> str:
        """What to do: as the sentence itself says, else as `remedies.toml` says."""
        _, *rest = _TURN.split(self.text, maxsplit=1)
        return rest[0].rstrip("。") + "。" if rest else remedies().get(self.text, "")


@cache
def remedies() -> dict[str, str]:
    """What to do about a sentence that does not say so itself."""
    return tomllib.loads(Path(__file__).with_name("remedies.toml").read_text(encoding="utf8"))


@cache
def collect() -> tuple[Sentence, ...]:
    """Every sentence of the package, in the order of kind, room and text."""
    trees = {path: ast.parse(path.read_text(encoding="utf8")) for path in PACKAGE.rglob("*.py")}
    functions = [
        (path, tree, node)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]
    told: Texts = defaultdict(list)
    for _, _, function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value:
                told[f"{function.name}()"] += _texts(node.value, _assigned(function))
    return tuple(sorted({one for path, tree, function in functions for one in _said(path, tree, function, told)}))


def _said(path: Path, tree: ast.Module, function: ast.FunctionDef, told: Texts) -> Iterator[Sentence]:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    constants = _assigned(*(node for node in tree.body if isinstance(node, ast.Assign)))
    named = told | constants | _assigned(function)
    for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
        kind, place, lead = SAID.get(_name(call.func), ("", 0, ""))
        for text in _texts(call.args[place], named) if kind and len(call.args) > place else ():
            if _CHINESE.search(text.removeprefix("文件")):  # else it hands on what was said elsewhere
                yield Sentence(kind, room, re.sub("…+", "…", lead + text))


def _assigned(*places: ast.stmt) -> Texts:
    """What the names of a function or of a module stand for."""
    found: Texts = defaultdict(list)
    for node in (node for place in places for node in ast.walk(place)):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] += _texts(node.value, {})
    return found


def _texts(node: ast.expr, named: Texts) -> list[str]:
    """The texts that an expression can be, … for what is not known; `quoted(value)` brings its own quotation marks."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.FormattedValue):
        sure = named.get(_name(node.value), []) if isinstance(node.value, ast.Name) else []
        return ["“…”"] if _name(node.value) == "quoted()" else sure if len(sure) == 1 else ["…"]
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body, named), *_texts(node.orelse, named)]
    if isinstance(node, ast.JoinedStr | ast.BinOp):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node.left, node.right]
        return ["".join(one) for one in product(*(_texts(part, named) for part in parts))]
    return named.get(_name(node)) or ["…"]


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return f"{_name(node.func)}()"
    return getattr(node, "id", getattr(node, "attr", ""))
