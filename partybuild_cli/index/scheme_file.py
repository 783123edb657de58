"""Reading a scheme's file (方案文件): TOML in, `Scheme` out, or one sentence that names the key at fault.

A file that says `extends = "默认方案"` writes only what differs from that scheme:

    a key that is not written        is as in the scheme extended
    a list of sections [[parts]]     takes the place of the other list; a section that says `like = "A1"` takes from the
                                     one of that id (or name) what it does not write itself
    sections by id [indicators.A1]   change those of the list and leave the others
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from partybuild_cli.errors import NotFound
from partybuild_cli.index.scheme import Scheme, is_section
from partybuild_cli.index.toml_file import MISSING, UNKNOWN, key_fault, key_faults, parse_toml, read_text

Raw = dict[str, Any]

#: What may differ by 岗位类别.
CHANGEABLE = ("points", "target", "target_by_post", "each", "steps", "per", "kinds", "options", "applies")
#: Lists of sections, and by what a section is called.
_CALLED_BY = {"dimensions": "id", "indicators": "id", "parts": "id", "bands": "name", "items": "name"}


def load_scheme(path: Path) -> Scheme:
    """The scheme in a file of the user's."""
    return parse_scheme(read_text(path), str(path))


def parse_scheme(text: str, file: str) -> Scheme:
    """The scheme in a file's text; `file` is only named in complaints."""
    return _scheme(_whole_table(text, file), file)


def parse_kept(text: str, key: str) -> Scheme:
    """The scheme in a text that a book keeps."""
    return _scheme(json.loads(text, parse_float=Decimal), key) if text.startswith("{") else parse_scheme(text, key)


def _scheme(raw: Raw, file: str) -> Scheme:
    try:
        return Scheme.model_validate(_with_profiles(raw, file))
    except ValidationError as fault:
        problems = sorted(fault.errors(include_url=False), key=lambda one: one["type"] == "missing")
        raise key_faults(file, [_complaint(one, raw) for one in problems]) from fault


def kept_text(text: str, file: str) -> str:
    """A scheme's text as a book keeps it: what it extends is written out, so that it never changes any more."""
    if "extends" not in parse_toml(text, file):
        return text
    return json.dumps(_whole_table(text, file), ensure_ascii=False, default=str)


@cache
def built_in_schemes() -> tuple[Scheme, ...]:
    """The schemes that ship with the package, the default one first, of each the newest edition before the older."""
    found = [parse_scheme(text, name) for name, text in _shipped().items()]
    return tuple(sorted(found, key=lambda scheme: (scheme.id != "默认方案", scheme.id, -scheme.version)))


def built_in(wanted: str) -> Scheme | None:
    """A shipped scheme by its name, which means its newest edition, or with its edition: 默认方案@1."""
    return next((one for one in built_in_schemes() if wanted in (one.id, one.key)), None)


def built_in_text(wanted: str) -> str:
    """The file of a shipped scheme as it is, for a unit to begin its own from."""
    found = built_in(wanted)
    if found is None:
        raise NotFound(f"没有叫“{wanted}”的内置方案，可用的有：{names_of_built_in()}。")
    return _editions()[found.key][0]


def names_of_built_in() -> str:
    """What may be written for a shipped scheme."""
    return "、".join(dict.fromkeys(name for one in built_in_schemes() for name in (one.id, one.key)))


@cache
def _shipped() -> dict[str, str]:
    folder = files("partybuild_cli.index") / "schemes"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return {entry.name: entry.read_text(encoding="utf-8") for entry in sorted(found, key=lambda entry: entry.name)}


def _whole_table(text: str, file: str) -> Raw:
    """The table of a text, laid over that of the scheme which it extends."""
    own: Raw = parse_toml(text, file)
    if "extends" not in own:
        return own
    wanted = own.pop("extends")
    editions = _editions()
    if not isinstance(wanted, str) or wanted not in editions:
        raise key_fault(file, "", "extends", f"只能是内置方案的名称：{'、'.join(editions)}")
    return _laid_over(_whole_table(*editions[wanted]), own, file)


@cache
def _editions() -> dict[str, tuple[str, str]]:
    """The text and file name of every shipped edition (默认方案@1); the bare name is the newest."""
    read = [(parse_toml(text, name), text, name) for name, text in _shipped().items()]
    found = {}
    for raw, text, name in sorted(read, key=lambda one: (one[0]["id"], one[0]["version"])):
        found[str(raw["id"])] = found[f"{raw['id']}@{raw['version']}"] = (text, name)
    return found


def _laid_over(base: Raw, own: Raw, file: str, place: str = "") -> Raw:
    """What a section says, in place of what another says; see above for lists of sections."""
    merged = dict(base)
    for key, value in own.items():
        known = base.get(key)
        if key in _CALLED_BY and isinstance(known, list):
            by_name = {one[_CALLED_BY[key]]: one for one in known}
            if isinstance(value, dict):
                merged[key] = _changed(by_name, value, file, f"{place}{key} ")
            elif isinstance(value, list):
                merged[key] = [_like(by_name, one, file, f"{place}{key} 第 {at} 项") for at, one in enumerate(value, 1)]
            else:
                merged[key] = value
        elif isinstance(value, dict) and isinstance(known, dict):
            merged[key] = _laid_over(known, value, file, f"{key} 的 ")
        else:
            merged[key] = value
    return merged


def _changed(by_name: Mapping[str, Raw], changes: Raw, file: str, place: str) -> list[Raw]:
    """A list of sections, some of which are changed by their id."""
    for name, change in changes.items():
        if name not in by_name:
            raise key_fault(file, place, name, UNKNOWN)
        if not isinstance(change, dict):
            raise key_fault(file, place, name, "应当是一节或写在花括号里")
    return [one | changes.get(name, {}) for name, one in by_name.items()]


def _like(by_name: Mapping[str, Raw], one: object, file: str, place: str) -> object:
    """A section of an own list; with `like` it takes what it does not write itself from another."""
    if not isinstance(one, dict) or "like" not in one:
        return one
    rest = {key: value for key, value in one.items() if key != "like"}
    wanted = one["like"]
    if not isinstance(wanted, str) or wanted not in by_name:
        raise key_fault(file, place, "like", f"写的“{wanted}”在内置方案里没有，可用的有：{'、'.join(by_name)}")
    return by_name[wanted] | rest


def _with_profiles(raw: Raw, file: str) -> Raw:
    """The table with all indicators of each profile; a profile's section repeats only what differs."""
    indicators, profiles = raw.get("indicators"), raw.get("profiles", [])
    if not isinstance(indicators, list) or not all(isinstance(one, dict) for one in indicators):
        return {key: value for key, value in raw.items() if key != "profiles"}
    if not isinstance(profiles, list):
        raise key_fault(file, "", "profiles", "应当是一组值，写在方括号里")
    return raw | {"profiles": [_profile(one, indicators, file, at) for at, one in enumerate(profiles, 1)]}


def _profile(raw: object, indicators: list[Raw], file: str, at: int) -> Raw:
    if not isinstance(raw, dict):
        raise key_fault(file, "", "profiles", f"的第 {at} 项应当是一节（[[profiles]]）")
    changes = raw.get("indicators", {})
    place = _profile_place(raw)
    try:
        is_section(changes)
    except ValueError as fault:
        raise key_fault(file, place, "indicators", str(fault)) from None
    known = [str(one.get("id")).strip() for one in indicators]
    for name, change in changes.items():
        if name not in known:
            raise key_fault(file, place, name, UNKNOWN)
        if not isinstance(change, dict):
            raise key_fault(file, place, name, "应当是一节或写在花括号里")
        for key in change.keys() - set(CHANGEABLE):
            raise key_fault(file, place, f"{name}.{key}", f"不能按岗位改，能改的只有 {'、'.join(CHANGEABLE)}")
    merged = [one | changes.get(name, {}) for name, one in zip(known, indicators, strict=True)]
    return raw | {"indicators": merged, "changed": list(changes)}


def _profile_place(raw: Raw) -> str:
    kinds = raw.get("staff_kinds")
    return f"岗位类别 {'、'.join(map(str, kinds)) if isinstance(kinds, list) else '（没有写）'} "


def _complaint(problem: ErrorDetails, raw: Raw) -> tuple[str, str, str]:
    """What pydantic found, in words: the section, the key, and what is wrong with it."""
    complaints = {
        "missing": MISSING,
        "extra_forbidden": UNKNOWN,
        "model_type": "应当是一节或写在花括号里",
        "value_error": str(problem.get("ctx", {}).get("error")),
    }
    complaint = complaints[problem["type"]]
    path = list(problem["loc"])
    if problem["type"] == "model_type" and isinstance(path[-1], int):
        at = int(path.pop())
        complaint = f"的第 {at + 1} 项应当是一节（[[{path[-1]}]]）"
    if isinstance(path[-1], int):  # one of the pairs of `steps`
        path.pop()
    name = str(path.pop())
    if path and path[-1] in ("each", "ranges", "target_by_post"):
        name = f"{path.pop()}.{name}"
    return _place(path, raw), name, complaint


def _place(path: list[int | str], raw: Raw) -> str:
    """The section that a path leads to, as the clerk finds it in the file."""
    match path:
        case ["indicators", int(at), *rest]:
            place = _indicator_place(raw["indicators"][at])
        case ["profiles", int(at), "indicators", int(inside), *rest]:
            place = f"{_profile_place(raw['profiles'][at])}的{_indicator_place(raw['indicators'][inside])}"
        case ["bonus" | "deduction" as title, "items", int(at), *rest]:
            place = f"{title} 的 items 第 {at + 1} 项"
        case [str(title), int(at), *rest]:
            place = f"{title} 第 {at + 1} 项"
        case [str(title), *rest]:
            place = f"{title} "
        case _:
            return ""
    return f"{place}的 {rest[0]} " if rest else place


def _indicator_place(raw: Raw) -> str:
    return f"指标 {raw['id']} " if isinstance(raw.get("id"), str) else "未写 id 的指标"
