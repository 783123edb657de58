"""Reading a scheme's file (方案文件): TOML in, `Scheme` out, or one sentence that names the key at fault.

Whether the numbers make sense together is the business of `scheme_check`; here only the form is judged.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path

from partybuild_cli.errors import NotFound
from partybuild_cli.index.scheme import (
    Adjustment,
    Adjustments,
    AnnualSettings,
    Band,
    Dimension,
    Indicator,
    Option,
    Part,
    PeerSettings,
    Profile,
    Scheme,
)
from partybuild_cli.index.toml_table import Table, parse_toml, read_text

CHANGEABLE = ("points", "target", "target_by_post", "each", "steps", "per", "kinds", "options")


def load_scheme(path: Path) -> Scheme:
    """The scheme in a file of the user's."""
    return parse_scheme(read_text(path), str(path))


@cache
def built_in_schemes() -> tuple[Scheme, ...]:
    """The schemes that ship with the package, the default one first."""
    found = [parse_scheme(text, name) for name, text in _shipped()]
    return tuple(sorted(found, key=lambda scheme: (scheme.id != "默认方案", scheme.id)))


def built_in_text(scheme_id: str) -> str:
    """The file of a shipped scheme as it is, for a unit to begin its own from."""
    for name, text in _shipped():
        if parse_scheme(text, name).id == scheme_id:
            return text
    known = "、".join(scheme.id for scheme in built_in_schemes())
    raise NotFound(f"没有叫“{scheme_id}”的内置方案，可用的有：{known}。")


def parse_scheme(text: str, file: str) -> Scheme:
    """The scheme in a text; `file` is only named in complaints."""
    top = parse_toml(text, file)
    raw_indicators = [table.rest() for table in top.tables("indicators")]
    scheme = Scheme(
        id=top.text("id"),
        version=top.whole("version"),
        title=top.text("title"),
        from_quarter=top.text("from_quarter"),
        missing=top.text("missing"),
        org_gap=top.number("org_gap"),
        posting_days=top.whole("posting_days"),
        dimensions=tuple(table.read(_dimension) for table in top.tables("dimensions")),
        indicators=tuple(Table(raw, file, _called(raw)).read(_indicator) for raw in raw_indicators),
        profile_dimensions=top.words("profile_dimensions"),
        profiles=tuple(_profile(table, raw_indicators, file) for table in top.tables("profiles")),
        bonus=top.table("bonus").read(_adjustments),
        deduction=top.table("deduction").read(_adjustments),
        veto=top.words("veto"),
        parts=tuple(table.read(_part) for table in top.tables("parts")),
        peer=top.table("peer").read(_peer),
        bands=tuple(table.read(_band) for table in top.tables("bands")),
        annual=top.table("annual").read(_annual),
    )
    top.end()
    return scheme


def _shipped() -> list[tuple[str, str]]:
    folder = files("partybuild_cli.index") / "schemes"
    found = [(entry.name, entry) for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return [(name, entry.read_text(encoding="utf-8")) for name, entry in sorted(found)]


def _called(raw: dict[str, object]) -> str:
    return f"指标 {raw['id']} " if isinstance(raw.get("id"), str) else "未写 id 的指标"


def _dimension(table: Table) -> Dimension:
    return Dimension(table.text("id"), table.text("name"), table.number("points"))


def _indicator(table: Table) -> Indicator:
    return Indicator(
        id=table.text("id"),
        name=table.text("name"),
        dimension=table.text("dimension"),
        points=table.number("points"),
        measure=table.text("measure"),
        rule=table.text("rule"),
        target=table.optional_number("target"),
        target_by_post=table.numbers("target_by_post"),
        each=table.numbers("each"),
        steps=table.pairs("steps"),
        per=table.optional_number("per"),
        kinds=table.words("kinds"),
        options=_options(table),
    )


def _options(table: Table) -> dict[str, Option]:
    inner = Table(table.mapping("options"), table.file, f"{table.where}的 options ")
    return {key: _option(inner, key) for key in inner.left}


def _option(table: Table, key: str) -> Option:
    value = table.peek(key)
    if isinstance(value, bool):
        return table.flag(key)
    if isinstance(value, str):
        return table.text(key)
    if isinstance(value, list):
        return table.words(key)
    return table.number(key)


def _profile(table: Table, raw_indicators: list[dict[str, object]], file: str) -> Profile:
    """A profile repeats only what differs; the rest of an indicator is as in the scheme."""
    staff_kinds = table.words("staff_kinds")
    where = f"岗位类别 {'、'.join(staff_kinds)} "
    changes = Table(table.mapping("indicators"), file, where)
    table.end()
    wanted = changes.left
    merged = []
    for raw in raw_indicators:
        change = changes.mapping(str(raw.get("id")).strip())
        for key in change.keys() - set(CHANGEABLE):
            raise changes.fault(f"{raw.get('id')}.{key}", f"不能按岗位改，能改的只有 {'、'.join(CHANGEABLE)}")
        merged.append(Table(raw | change, file, f"{where}的{_called(raw)}").read(_indicator))
    changes.end()
    return Profile(staff_kinds, tuple(merged), wanted)


def _adjustments(table: Table) -> Adjustments:
    return Adjustments(table.number("cap"), tuple(item.read(_adjustment) for item in table.tables("items")))


def _adjustment(table: Table) -> Adjustment:
    return Adjustment(
        name=table.text("name"),
        measure=table.text("measure"),
        each=table.numbers("each"),
        ranges=table.ranges("ranges"),
        kinds=table.words("kinds"),
        cap=table.optional_number("cap"),
        enabled=table.flag("enabled") if table.has("enabled") else True,
    )


def _part(table: Table) -> Part:
    return Part(table.text("id"), table.text("name"), table.number("weight"))


def _peer(table: Table) -> PeerSettings:
    return PeerSettings(table.whole("trim_from"), table.number("minimum_share"), table.text("scope"))


def _band(table: Table) -> Band:
    return Band(table.text("name"), table.number("from"))


def _annual(table: Table) -> AnnualSettings:
    return AnnualSettings(
        least_quarters=table.whole("least_quarters"),
        excellent_one_in=table.whole("excellent_one_in"),
        quarter_floor=table.number("quarter_floor"),
        full_coefficient_at=table.number("full_coefficient_at"),
        pay_share=table.number("pay_share"),
    )
