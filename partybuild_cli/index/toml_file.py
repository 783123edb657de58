"""A TOML file of the unit's own (方案文件、节假日文件): read, or refused in one sentence that names the place at fault.

TOML holds data only and cannot run anything.
"""

import re
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from partybuild_cli.errors import NotFound, Unfit, why

#: How many faults of one file are said at once.
_AT_ONCE = 5
MISSING = "没有填写"
UNKNOWN = "是不认识的键，可能写错了字，也可能写错了地方"


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


def parse_toml(text: str, file: str) -> dict[str, object]:
    """The top table of a TOML text; floats are read as decimals. `file` is only named in complaints."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except RecursionError as fault:
        raise Unfit(f"“{file}”的括号套得太深，不像是方案或节假日文件。") from fault
    except (ValueError, ArithmeticError) as fault:
        at = re.search(r"at line (\d+), column (\d+)", str(fault))
        place = f"第 {at[1]} 行第 {at[2]} 列" if at else "某处（可能在文件末尾）"
        raise Unfit(f"“{file}”{place}不合 TOML 写法，请检查引号、方括号、等号和重复的键。") from fault


def key_fault(file: str, place: str, key: str, complaint: str) -> Unfit:
    """What is wrong with one key; `place` says in which section of the file it stands."""
    return key_faults(file, [(place, key, complaint)])


def key_faults(file: str, faults: Sequence[tuple[str, str, str]]) -> Unfit:
    """What is wrong with some keys, each by its section, its name and the complaint."""
    said = [f"{place}{'的' if place else ''}“{key}”{complaint}" for place, key, complaint in faults[:_AT_ONCE]]
    more = f"；共 {len(faults)} 处" if len(faults) > _AT_ONCE else ""
    return Unfit(f"“{file}”：{printable('；'.join(said))}{more}。请改正后再试。")


def printable(text: str) -> str:
    """A text of the file as a message may show it; what would move the cursor stands as an escape."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def is_line(value: object) -> bool:
    """Whether a value is one line of text that a person can read."""
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()
