"""The rules that are data (规则数据): the TOML tables beside this module, read once."""

import tomllib
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The table `data/<name>.toml`; its fractions are Decimals, never binary floats."""
    text = files("partybuild_cli.rules").joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)
