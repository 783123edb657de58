"""Schemes as files and as the book keeps them (方案文件、在用方案): which ship, which is asked for, which scores whom.

A file that says `extends = "默认方案"` writes only what differs from that scheme:

    a key that is not written        is as in the scheme extended
    a list of sections [[parts]]     takes the place of the other list; a section that says `like = "A1"` takes from the
                                     one of that id (or name) what it does not write itself
    sections by id [indicators.A1]   change those of the list and leave the others

A branch is scored by the scheme that is asked for, else by the one in use, else by ours. Every scheme by which a round was
computed is kept whole in the book: an old quarter keeps its version.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, LargeBinary, cast, insert, select

from partybuild_cli.errors import InputProblems, NotFound, PartybuildError, Unfit
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import ROUNDS, SCHEMES, KeptScheme
from partybuild_cli.index.scheme import Raw, Scheme, called, complaints, key_faults, parse_toml, read_text, validated
from partybuild_cli.index.scheme_check import check_scheme

DEFAULT = "默认方案"
#: What may differ by 岗位类别.
_CHANGEABLE = ("points", "target", "target_by_post", "each", "steps", "per", "kinds", "options", "applies")
#: Lists of sections, and by what a section is called.
_CALLED_BY = {"dimensions": "id", "indicators": "id", "parts": "id", "bands": "name", "items": "name"}


def load_scheme(path: Path) -> Scheme:
    """The scheme in a file of the user's."""
    return parse_scheme(read_text(path), str(path))


def parse_scheme(text: str, file: str, *, kept: bool = False) -> Scheme:
    """The scheme in a text, of a file or as a book has `kept` it; `file` is only named in complaints."""
    written_out = kept and text.startswith("{")
    raw = json.loads(text, parse_float=Decimal) if written_out else parse_toml(text, file)
    whole = _with_profiles(_extended(raw, file), file)
    validated(Scheme, whole | {"profiles": []}, file)  # what is wrong with an indicator is said once
    return validated(Scheme, whole, file)


def _extended(own: Raw, file: str) -> Raw:
    """The table of a file, laid over that of the scheme which it extends."""
    if "extends" not in own:
        return own
    wanted, editions = own["extends"], _editions()
    if not isinstance(wanted, str) or wanted not in editions:
        raise key_faults(file, ("", "extends", f"只能是内置方案的名称：{'、'.join(editions)}"))
    rest = {key: value for key, value in own.items() if key != "extends"}
    return _laid_over(_extended(editions[wanted][1], wanted), rest, file)


def _laid_over(base: Raw, own: Raw, file: str, place: str = "") -> Raw:
    """What a section says, in place of what another says; see above for lists of sections."""
    merged = base | own
    for key in own.keys() & base.keys():
        known, value = base[key], own[key]
        if key in _CALLED_BY and isinstance(known, list):
            by_name = {section[_CALLED_BY[key]]: section for section in known}
            if isinstance(value, dict):
                merged[key] = _changed(by_name, value, file, f"{place}{key} ")
            elif isinstance(value, list):
                merged[key] = [_like(by_name, own, file, f"{place}{key} 第 {at} 项") for at, own in enumerate(value, 1)]
        elif isinstance(value, dict) and isinstance(known, dict):
            merged[key] = _laid_over(known, value, file, f"{key} 的 ")
    return merged


def _changed(known: Mapping[str, Raw], changes: Raw, file: str, place: str, may: Collection[str] = ()) -> list[Raw]:
    """A list of sections, some of which are changed by what they are called, in the keys that `may` be changed."""
    for name, change in changes.items():
        if name not in known:
            raise key_faults(file, (place, name, complaints()["extra_forbidden"]))
        if not isinstance(change, dict):
            raise key_faults(file, (place, name, complaints()["model_type"]))
        for key in change if may else ():
            if key not in may:
                raise key_faults(file, (place, f"{name}.{key}", f"不能按岗位改，能改的只有 {'、'.join(may)}"))
    return [section | changes.get(name, {}) for name, section in known.items()]


def _like(by_name: Mapping[str, Raw], own: object, file: str, place: str) -> object:
    """A section of an own list; with `like` it takes what it does not write itself from another."""
    if not isinstance(own, dict) or "like" not in own:
        return own
    wanted = own["like"]
    if not isinstance(wanted, str) or wanted not in by_name:
        raise key_faults(file, (place, "like", f"写的“{wanted}”在内置方案里没有，可用的有：{'、'.join(by_name)}"))
    return by_name[wanted] | {key: value for key, value in own.items() if key != "like"}


def _with_profiles(raw: Raw, file: str) -> Raw:
    """The table with all indicators of each profile; a profile's section repeats only what differs."""
    indicators, profiles = raw.get("indicators"), raw.get("profiles", [])
    if not isinstance(indicators, list) or not all(isinstance(line, dict) for line in indicators):
        return {key: value for key, value in raw.items() if key != "profiles"}
    if not isinstance(profiles, list):
        return raw
    whole = []
    for profile in profiles:
        if isinstance(profile, dict):
            changes, place = profile.get("indicators", {}), called("profiles", profile) or ""
            if not isinstance(changes, dict):
                raise key_faults(file, (place, "indicators", complaints()["model_type"]))
            by_id = {str(line.get("id")).strip(): line for line in indicators}
            merged = _changed(by_id, changes, file, place, _CHANGEABLE)
            profile = profile | {"indicators": merged, "changed": list(changes)}
        whole.append(profile)
    return raw | {"profiles": whole}


@cache
def _editions() -> dict[str, tuple[str, Raw, str]]:
    """The key, the table and the text of every shipped edition, by its key (默认方案@1); the bare name is the newest."""
    folder = files("partybuild_cli.index") / "schemes"
    texts = [entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")]
    found: dict[str, tuple[str, Raw, str]] = {}
    for raw, text in sorted(((parse_toml(text, ""), text) for text in texts), key=lambda both: both[0]["version"]):
        key = f"{raw['id']}@{raw['version']}"
        found[raw["id"]] = found[key] = (key, raw, text)
    return dict(sorted(found.items()))


@cache
def _shipped(key: str) -> Scheme:
    return parse_scheme(_editions()[key][2], key)


def built_in(wanted: str) -> Scheme | None:
    """A shipped scheme by its name, which means its newest edition, or with its edition: 默认方案@1."""
    return _shipped(_editions()[wanted][0]) if wanted in _editions() else None


def built_in_schemes() -> tuple[Scheme, ...]:
    """The schemes that ship with the package, the default one first, of each the newest edition before the older."""
    found = (_shipped(key) for key in _editions() if "@" in key)
    return tuple(sorted(found, key=lambda scheme: (scheme.id != "默认方案", scheme.id, -scheme.version)))


def built_in_text(wanted: str) -> str:
    """The file of a shipped scheme as it is, for a unit to begin its own from."""
    if wanted not in _editions():
        raise NotFound(f"没有叫“{wanted}”的内置方案，可用的有：{_names_of_built_in()}。")
    return _editions()[wanted][2]


def _names_of_built_in() -> str:
    return "、".join(dict.fromkeys(name for scheme in built_in_schemes() for name in (scheme.id, scheme.key)))


def scheme_named(wanted: str) -> Scheme:
    """A shipped scheme, or the one in a file."""
    if wanted.endswith(".toml") or Path(wanted).is_file():
        return load_scheme(Path(wanted))
    found = built_in(wanted)
    if found is None:
        ours = f"内置的有：{_names_of_built_in()}；自己的方案请写文件路径（….toml）"
        raise NotFound(f"没有叫“{wanted}”的方案，也没有这个文件。{ours}。")
    return found


def sound_scheme(wanted: str, check: Callable[[Scheme], list[str]] = check_scheme) -> Scheme:
    """A shipped scheme, or the one in a file, by which somebody may be scored to see what comes out."""
    scheme = scheme_named(wanted)
    if faults := check(scheme):
        see = "请改正后再试，逐条检查用 partybuild index scheme check 文件"
        raise InputProblems(f"方案 {scheme.key} 有 {len(faults)} 处问题：{' '.join(faults)}{see}。")
    return scheme


def find_scheme(connection: Connection, wanted: str) -> Scheme:
    """A sound scheme by id (the newest version that is known), by id and version (默认方案@1), or by file."""
    name, _, version = wanted.partition("@")
    versions = connection.execute(select(SCHEMES.c.version).where(SCHEMES.c.id == name)).scalars()
    kept, ours = max((kept for kept in versions if version in ("", str(kept))), default=None), built_in(wanted)
    if kept is not None and (ours is None or kept >= ours.version):
        return kept_scheme(connection, name, kept)
    return sound_scheme(wanted, faults_of)


def faults_of(scheme: Scheme) -> list[str]:
    """All that is wrong with a scheme; a unit's own never goes by the name of one of ours (方案名称), or a posting would lie."""
    ours = [built_in(key) for key in _editions() if key.startswith(f"{scheme.id}@")]
    borrowed = f"id“{scheme.id}”是内置方案的名称，而内容不同，请改成本单位的名称。"
    return [*([] if not ours or scheme in ours else [borrowed]), *check_scheme(scheme)]


def schemes_for(
    connection: Connection, quarter: Quarter, branches: Iterable[int], wanted: str | None = None
) -> dict[int, Scheme]:
    """The scheme of each branch: `wanted` (id or file), else that of its last round by the quarter, else 默认方案."""
    if wanted is not None:
        scheme = find_scheme(connection, wanted)
        if quarter.label < scheme.from_quarter:
            held = f"方案 {scheme.key} 自 {scheme.from_quarter} 起施行，不能用于 {quarter.label}"
            raise Unfit(f"{held}。请换方案，或修改 from_quarter。")
        return dict.fromkeys(branches, scheme)
    rounds = select(*ROUNDS.c["branch_id", "scheme_id", "scheme_version"]).where(ROUNDS.c.quarter <= quarter.label)
    rows = connection.execute(rounds.order_by(ROUNDS.c.quarter, ROUNDS.c.revision))
    last = {branch: (name, version) for branch, name, version in rows}
    read = {key: kept_scheme(connection, *key) for key in set(last.values())}
    default = find_scheme(connection, DEFAULT)
    return {branch: read[last[branch]] if branch in last else default for branch in branches}


def kept_scheme(connection: Connection, name: str, version: int) -> Scheme:
    """A scheme as it was when a round was computed by it. Unfit where its text was damaged since."""
    body = connection.execute(
        select(cast(SCHEMES.c.body, LargeBinary)).where(SCHEMES.c.id == name, SCHEMES.c.version == version)
    ).scalar()
    try:
        return parse_scheme((body or b"").decode("utf8"), f"{name}@{version}", kept=True)
    except (PartybuildError, ValueError, TypeError, LookupError, AttributeError):
        raise Unfit(
            f"数据库里存的方案 {name}@{version} 已损坏，读不出来。请用 partybuild restore 从备份恢复。"
        ) from None


def keep_scheme(connection: Connection, scheme: Scheme) -> None:
    """Keep a scheme under its version, written out. Unfit when another one bears that version already."""
    known = select(SCHEMES.c.id).where(SCHEMES.c.id == scheme.id, SCHEMES.c.version == scheme.version)
    if connection.execute(known).first() is None:
        kept = KeptScheme(scheme.id, scheme.version, written_out(scheme))
        connection.execute(insert(SCHEMES).values(kept))
    elif kept_scheme(connection, scheme.id, scheme.version) != scheme:
        raise Unfit(
            f"方案 {scheme.key} 已用于计算，而现在的内容不同。请把文件中的 version 加 1 再用，以前的季度仍按原来的版本。"
        )


def written_out(scheme: Scheme) -> str:
    """A scheme as a book keeps it: whole, whatever it extends, so that it never changes any more."""
    raw = scheme.model_dump(by_alias=True, exclude_none=True)
    for profile in raw["profiles"]:
        changed = profile.pop("changed")
        lines = [line for line in profile["indicators"] if line["id"] in changed]
        profile["indicators"] = {line["id"]: {key: line[key] for key in _CHANGEABLE if key in line} for line in lines}
    return json.dumps(raw, ensure_ascii=False, default=as_number)


def as_number(number: Decimal) -> int | float:
    """A number of a scheme as JSON has it; at most four places, which a float holds to the digit."""
    return int(number) if number == int(number) else float(number)
