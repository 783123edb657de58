"""Every sentence with which the program refuses something (提示语), collected from its source.

A sentence is the text given to a fault, to `refuse` or to `warn`; where that is a variable or a call, the texts that it
can be are followed. One that cannot be followed ends the collection, so the tables of the manual cannot miss any.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "partybuild_cli"
REMEDIES = Path(__file__).with_name("remedies.toml")

#: What raises a sentence, and which argument it is.
FAULTS = {"UsageFault": 2, "NotFound": 3, "Unfit": 3, "Refused": 3, "InputProblems": 4, "Busy": 5}
#: What is put before the sentence of a fault where another one hands it on.
LEADS = {"Refused": "文件…"}
PROBLEMS = {"ValueProblem": 0, "Finding": 2}
METHODS = {"refuse": "problem", "warn": "warning"}
#: What stands for a value in a sentence.
_VARIES = "…"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Where a sentence divides into what is wrong and what to do.
_TURN = re.compile(r"[，；：。](?=(?:请|先|可以|可用|要新建|如果|用 partybuild|这里要填|请用|把))")


@dataclass(frozen=True, order=True, slots=True)
class Sentence:
    """One sentence: what it is (`problem`, `warning` or an exit code), its room, and the text with … for what varies."""

    kind: str
    room: str
    text: str

    @property
    def wrong(self) -> str:
        """What is wrong."""
        return self._parts[0].rstrip("。；，")

    @property
    def remedy(self) -> str:
        """What to do: as the sentence itself says, else as `remedies.toml` says."""
        return self._parts[1] or remedies().get(self.text, "")

    @property
    def _parts(self) -> tuple[str, str]:
        found = _TURN.search(self.text)
        if found is None:
            return self.text, ""
        return self.text[: found.start()], self.text[found.end() :].rstrip("。") + "。"


@cache
def remedies() -> dict[str, str]:
    """What to do about a sentence that does not say so itself."""
    found: dict[str, str] = tomllib.loads(REMEDIES.read_text(encoding="utf8"))
    return found


@cache
def collect() -> tuple[Sentence, ...]:
    """Every sentence of the package, in the order of kind, room and text."""
    found: set[Sentence] = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        found |= set(_Reader(path).sentences())
    return tuple(sorted(found))


def without_remedy() -> list[Sentence]:
    """Sentences that neither say what to do nor have an entry in `remedies.toml`."""
    return [one for one in collect() if not one.remedy]


def stale_remedies() -> list[str]:
    """Entries of `remedies.toml` whose sentence the program no longer says."""
    said = {one.text for one in collect()}
    return sorted(set(remedies()) - said)


class _Reader:
    """Reads one module."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        self.tree = ast.parse(path.read_text(encoding="utf8"))
        self.home = {
            child: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef) for child in ast.walk(node)
        }

    def sentences(self) -> Iterator[Sentence]:
        for call in ast.walk(self.tree):
            if not isinstance(call, ast.Call):
                continue
            kind, argument = _sentence_of(call)
            if argument is None:
                continue
            for text in self._texts(argument, self.home.get(call)):
                text = LEADS.get(_name(call), "") + text
                if _CHINESE.search(text) and text.removesuffix(_VARIES) not in LEADS.values():
                    yield Sentence(kind, self.room, text)

    def _texts(self, node: ast.expr, function: ast.FunctionDef | None) -> Iterator[str]:
        """What an expression can say."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            for parts in product(*(self._pieces(value, function) for value in node.values)):
                yield "".join(parts)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            for left in self._texts(node.left, function):
                for right in self._texts(node.right, function):
                    yield left + right
        elif isinstance(node, ast.IfExp):
            yield from self._texts(node.body, function)
            yield from self._texts(node.orelse, function)
        elif isinstance(node, ast.Name) and function is not None:
            for value in self._assigned(node.id, function):
                yield from self._texts(value, function)
        elif isinstance(node, ast.Call):
            yield from _returned(node)
        elif not isinstance(node, ast.Attribute):  # an attribute hands on what was said elsewhere
            raise ValueError(f"{self.path}:{node.lineno}: cannot tell what is said here")

    def _pieces(self, value: ast.expr, function: ast.FunctionDef | None) -> list[str]:
        """A piece of a text; a phrase that was put together beforehand stands in full."""
        inner = value.value if isinstance(value, ast.FormattedValue) else value
        if isinstance(inner, ast.Name) and function is not None:
            made = [
                node for node in self._assigned(inner.id, function) if isinstance(node, ast.Constant | ast.JoinedStr)
            ]
            return list(filter(_CHINESE.search, map(_flat, made))) or [_VARIES]
        return [_flat(value)]

    def _assigned(self, name: str, function: ast.FunctionDef) -> Iterator[ast.expr]:
        for node in ast.walk(function):
            targets = node.targets if isinstance(node, ast.Assign) else []
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                yield node.value


def _flat(node: ast.expr) -> str:
    """A text with … where a value stands; `quoted(value)` brings its own quotation marks."""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_flat, node.values))
    if isinstance(node, ast.Constant):
        return str(node.value)
    inner = node.value if isinstance(node, ast.FormattedValue) else node
    return f"“{_VARIES}”" if isinstance(inner, ast.Call) and getattr(inner.func, "id", "") == "quoted" else _VARIES


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _sentence_of(call: ast.Call) -> tuple[str, ast.expr | None]:
    name = _name(call)
    if name in FAULTS and call.args:
        return str(FAULTS[name]), call.args[0]
    if name in PROBLEMS and len(call.args) == PROBLEMS[name] + 1:
        return "problem", call.args[-1]
    if name in METHODS and len(call.args) == 3 and isinstance(call.func, ast.Attribute):
        return METHODS[name], call.args[2]
    return "", None


@cache
def _functions() -> dict[str, tuple[_Reader, ast.FunctionDef]]:
    """Every function of the package that says it returns text, by name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        reader = _Reader(path)
        for node in ast.walk(reader.tree):
            if isinstance(node, ast.FunctionDef) and isinstance(node.returns, ast.Name) and node.returns.id == "str":
                found[node.name] = (reader, node)
    return found


def _returned(call: ast.Call) -> Iterator[str]:
    name = _name(call)
    if name not in _functions():
        return
    reader, function = _functions()[name]
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from reader._texts(node.value, function)
