"""The generated tables that stand inside pages written by hand, each by the name in its `generated` comment."""

from collections.abc import Callable, Iterable

from generator import documents
from generator.sentences import Sentence, collect
from generator.text import table
from partybuild_cli.index.diff import typical_members, typical_score
from partybuild_cli.index.measures import MEASURES, RULES_OF_SHAPE
from partybuild_cli.index.schemes import built_in_schemes

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
    "documents": documents.section,
    **{f"faults-{code}": faults(code) for code in ("2", "3", "4", "5")},
}
