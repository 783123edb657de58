"""A TOML file of the unit's own (方案文件、节假日文件): read into a model, or refused in one sentence that names the fault.

TOML holds data only and cannot run anything. What a key may hold is said by the types below, for every model alike.
"""

import re
import tomllib
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, PlainValidator, Tag, ValidationError
from pydantic_core import ErrorDetails

from partybuild_cli.errors import NotFound, Unfit, why

Raw = dict[str, Any]
#: What an entry of a list of sections is called, by the list and the entry; None calls it by its place.
Named = Callable[[str, Raw], str | None]

#: How many faults of one file are said at once.
_AT_ONCE = 5
UNKNOWN = "是不认识的键，可能写错了字，也可能写错了地方"
SECTION = "应当是一节或写在花括号里"
_PAIR = "的每一项应当是两个数字，如 [95, 5]"
#: What is said of each kind of fault, with the bound that pydantic names.
_COMPLAINTS = {
    "missing": "没有填写",
    "extra_forbidden": UNKNOWN,
    "model_type": SECTION,
    "dict_type": SECTION,
    "tuple_type": "应当是一组值，写在方括号里",
    "too_long": _PAIR,
    "bool_type": "只能是 true 或 false",
    "int_type": "应当是整数",
    "date_type": "应当是日期，如 2026-01-01，不加引号",
    "decimal_type": "应当是数字",
    "decimal_parsing": "应当是数字",
    "decimal_max_places": "的小数不能超过四位",
    "finite_number": "应当是数字",
    "greater_than": "应当大于 {gt}",
    "greater_than_equal": "应当不小于 {ge}",
    "less_than_equal": "应当不大于 {le}",
    "literal_error": "只能是 {expected}",
    "string_pattern_mismatch": "应当像 2026Q1",
    "value_error": "应当是一行文字，写在引号里",
}


def _line(value: object) -> str:
    """One line of text that a person can read."""
    if not (isinstance(value, str) and value.strip() and value.isprintable()):
        raise ValueError
    return value.strip()


Flag = Annotated[bool, Field(strict=True)]
Day = Annotated[date, Field(strict=True)]
Text = Annotated[str, PlainValidator(_line)]
Words = tuple[Text, ...]
Whole = Annotated[int, Field(strict=True, ge=1, le=10000)]
#: At most four places and of sane size: more is a slip, and would make exact sums unbounded.
Number = Annotated[Decimal, Field(ge=0, le=10000, decimal_places=4, allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0)]
Percent = Annotated[Number, Field(le=100)]
Share = Annotated[Number, Field(le=1)]
Pair = tuple[Number, Number]
Numbers = dict[Text, Positive]
Ranges = dict[Text, Pair]
Option = bool | str | tuple[str, ...] | Decimal
_TAGS: dict[type, str] = {bool: "#bool", str: "#str", list: "#list", tuple: "#list"}
AnyOption = Annotated[
    Annotated[bool, Tag("#bool")]
    | Annotated[Text, Tag("#str")]
    | Annotated[Words, Tag("#list")]
    | Annotated[Number, Tag("#number")],
    Discriminator(lambda value: _TAGS.get(type(value), "#number")),
]
Options = dict[Text, AnyOption]


class Section(BaseModel):
    """A section of a file: every key is known, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=Section)


def read_text(path: Path) -> str:
    """The text of a file, which must be UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as fault:
        raise NotFound(f"找不到文件“{path}”，请检查路径。") from fault
    except UnicodeDecodeError as fault:
        raise Unfit(f"“{path}”不是 UTF-8 文本，请用 UTF-8 编码另存后再试。") from fault
    except OSError as fault:
        raise Unfit(f"“{path}”读不出来（{why(fault)}），请检查它是不是文件、有没有读取权限。") from fault


def parse_toml(text: str, file: str) -> Raw:
    """The top table of a TOML text; floats are read as decimals. `file` is only named in complaints."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except RecursionError as fault:
        raise Unfit(f"“{file}”的括号套得太深，不像是方案或节假日文件。") from fault
    except (ValueError, ArithmeticError) as fault:
        at = re.search(r"at line (\d+), column (\d+)", str(fault))
        place = f"第 {at[1]} 行第 {at[2]} 列" if at else "某处（可能在文件末尾）"
        raise Unfit(f"“{file}”{place}不合 TOML 写法，请检查引号、方括号、等号和重复的键。") from fault


def validated(model: type[Model], raw: Raw, file: str, named: Named = lambda title, entry: None) -> Model:
    """The table of a file as its model. Unfit where a key is missing, unknown or holds what it cannot."""
    try:
        return model.model_validate(raw)
    except ValidationError as fault:
        problems = sorted(fault.errors(include_url=False), key=lambda one: one["type"] == "missing")
        raise key_faults(file, [_complaint(one, raw, named) for one in problems]) from fault


def _complaint(problem: ErrorDetails, raw: Raw, named: Named) -> tuple[str, str, str]:
    """What pydantic found, in words: the section, the key, and what is wrong with it."""
    context = {
        key: str(value).replace("'", "").replace(" or ", "、").replace(", ", "、")
        for key, value in problem.get("ctx", {}).items()
    }
    complaint = _COMPLAINTS.get(problem["type"], "写法不对").format(**context)
    path = [key for key in problem["loc"] if not str(key).startswith("#")]
    if path[-1] == "[key]":
        path, complaint = path[:-2], "里有空的或带控制字符的键"
    if isinstance(path[-1], int):  # an entry of a list of sections, of words, or one of the pairs of `steps`
        places = [path.pop() for _ in range(1 + isinstance(path[-2], int))]
        section = f"（[[{path[-1]}]]）" if problem["type"] == "model_type" else ""
        complaint = _PAIR if complaint in (_PAIR, "没有填写") else f"的第 {int(places[-1]) + 1} 项{complaint}"
        complaint = complaint.replace(SECTION, f"应当是一节{section}")
    name = str(path.pop())
    if path and path[-1] in ("each", "ranges", "target_by_post"):
        name = f"{path.pop()}.{name}"
    return _place(path, raw, named), name, complaint


def _place(path: Sequence[int | str], raw: Any, named: Named) -> str:
    """The section that a path leads to, as the clerk finds it in the file."""
    said: list[str] = []
    for key in path:
        raw = raw[key]
        if isinstance(key, str):
            said.append(f"{key} ")
        else:
            title = said.pop().strip()
            said.append(named(title, raw) or f"{title} 第 {key + 1} 项")
    return "的 ".join(said)


def key_fault(file: str, place: str, key: str, complaint: str) -> Unfit:
    """What is wrong with one key; `place` says in which section of the file it stands."""
    return key_faults(file, [(place, key, complaint)])


def key_faults(file: str, faults: Sequence[tuple[str, str, str]]) -> Unfit:
    """What is wrong with some keys, each by its section, its name and the complaint."""
    said = [f"{place}{'的' if place else ''}“{key}”{complaint}" for place, key, complaint in faults[:_AT_ONCE]]
    more = f"；共 {len(faults)} 处" if len(faults) > _AT_ONCE else ""
    shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in "；".join(said))
    return Unfit(f"“{file}”：{shown}{more}。请改正后再试。")
