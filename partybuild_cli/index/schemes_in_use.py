"""Which scheme scores which branch in a quarter (方案的选用): the one that is asked for, else the one in use, else ours.

The text of every scheme that a round was computed by is kept in the book: an old quarter keeps its version.
"""

from collections.abc import Collection
from pathlib import Path

from sqlalchemy import Connection

from partybuild_cli.errors import InputProblems, NotFound, PartybuildError, Unfit
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.scheme import Scheme
from partybuild_cli.index.scheme_check import check_scheme
from partybuild_cli.index.scheme_file import (
    built_in,
    built_in_schemes,
    built_in_text,
    kept_text,
    names_of_built_in,
    parse_kept,
    parse_scheme,
)
from partybuild_cli.index.toml_file import read_text

DEFAULT = "默认方案"


def schemes_for(
    connection: Connection, quarter: Quarter, branches: Collection[int], wanted: str | None
) -> dict[int, Scheme]:
    """The scheme of each branch. `wanted` is the id of a scheme, or a file.

    Without it the branch's own round of this quarter decides, else its last one before, else 默认方案. Unfit where the
    scheme does not hold for the quarter yet.
    """
    if wanted is not None:
        scheme = find_scheme(connection, wanted)
        _must_hold(scheme, quarter)
        return dict.fromkeys(branches, scheme)
    used = _in_use(connection, quarter)
    default = find_scheme(connection, DEFAULT)
    return {branch: used.get(branch, default) for branch in branches}


def _in_use(connection: Connection, quarter: Quarter) -> dict[int, Scheme]:
    rows = connection.exec_driver_sql(
        "SELECT branch_id, scheme_id, scheme_version FROM index_round WHERE quarter <= ? ORDER BY quarter, revision",
        (quarter.label,),
    )
    last = {branch: (name, version) for branch, name, version in rows}
    read = {key: kept_scheme(connection, *key) for key in set(last.values())}
    return {branch: read[key] for branch, key in last.items()}


def find_scheme(connection: Connection, wanted: str) -> Scheme:
    """A scheme by id (the newest version that is known), by id and version (默认方案@1), or by file.

    A faulty one is refused with all that is wrong.
    """
    if wanted.endswith(".toml") or Path(wanted).is_file():
        return sound(parse_scheme(read_text(Path(wanted)), wanted))
    name, _, version = wanted.partition("@")
    kept = connection.exec_driver_sql(
        "SELECT max(version) FROM index_scheme WHERE id = ? AND ? IN ('', CAST(version AS TEXT))", (name, version)
    ).scalar()
    found = built_in(wanted)
    if kept is not None and (found is None or kept >= found.version):
        return kept_scheme(connection, name, kept)
    if found is None:
        raise NotFound(
            f"没有叫“{wanted}”的方案，也没有这个文件。内置的有：{names_of_built_in()}；自己的方案请写文件路径（….toml）。"
        )
    return found


def faults_of(scheme: Scheme) -> list[str]:
    """All that is wrong with a scheme; a unit's own never goes by the name of one of ours (方案名称), or a posting would lie."""
    ours = [one for one in built_in_schemes() if one.id == scheme.id]
    borrowed = f"id“{scheme.id}”是内置方案的名称，而内容不同，请改成本单位的名称。"
    return [*([] if not ours or scheme in ours else [borrowed]), *check_scheme(scheme)]


def sound(scheme: Scheme) -> Scheme:
    """The scheme, if nothing is wrong with it."""
    if faults := faults_of(scheme):
        raise InputProblems(f"方案 {scheme.key} 有 {len(faults)} 处问题：{' '.join(faults)}")
    return scheme


def kept_scheme(connection: Connection, name: str, version: int) -> Scheme:
    """A scheme as it was when a round was computed by it. Unfit where its text was damaged since."""
    body = connection.exec_driver_sql(
        "SELECT CAST(body AS BLOB) FROM index_scheme WHERE id = ? AND version = ?", (name, version)
    ).scalar()
    try:
        return parse_kept((body or b"").decode("utf8"), f"{name}@{version}")
    except (PartybuildError, ValueError, TypeError, LookupError, AttributeError):
        raise Unfit(
            f"数据库里存的方案 {name}@{version} 已损坏，读不出来。请用 partybuild restore 从备份恢复。"
        ) from None


def keep_scheme(connection: Connection, scheme: Scheme, wanted: str | None) -> None:
    """Keep a scheme's text under its version. Unfit when another text bears that version already."""
    known = connection.exec_driver_sql(
        "SELECT 1 FROM index_scheme WHERE id = ? AND version = ?", (scheme.id, scheme.version)
    ).scalar()
    if known is None:
        body = kept_text(_text(scheme, wanted), scheme.key)
        connection.exec_driver_sql(
            "INSERT INTO index_scheme (id, version, body) VALUES (?, ?, ?)", (scheme.id, scheme.version, body)
        )
    elif kept_scheme(connection, scheme.id, scheme.version) != scheme:
        raise Unfit(
            f"方案 {scheme.key} 已用于计算，而现在的内容不同。请把文件中的 version 加 1 再用，以前的季度仍按原来的版本。"
        )


def _text(scheme: Scheme, wanted: str | None) -> str:
    if wanted is not None and (wanted.endswith(".toml") or Path(wanted).is_file()):
        return read_text(Path(wanted))
    return built_in_text(scheme.key)


def _must_hold(scheme: Scheme, quarter: Quarter) -> None:
    if quarter.label < scheme.from_quarter:
        raise Unfit(
            f"方案 {scheme.key} 自 {scheme.from_quarter} 起施行，不能用于 {quarter.label}。请换方案，或修改 from_quarter。"
        )
