"""Files that prove a record (佐证文件): added, and taken off again."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from partybuild_cli.errors import InputProblems, NotFound, ValueProblem, why
from partybuild_cli.outputs import alike, file_name
from partybuild_cli.records.base.declare import EVIDENCE, File, Record
from partybuild_cli.store import evidence, rows
from partybuild_cli.store.evidence import Attached
from partybuild_cli.store.history import Change
from partybuild_cli.values.picture import MAX_FILE, has_position, kind_of, without_position

#: One record has no more files than a person looks through.
MOST = 100


def add_files(
    connection: Connection, change: Change, record: type[Record], number: int, paths: Sequence[Path], strip: bool
) -> tuple[list[File], list[str]]:
    """Keep files with a record, all or none: those that are new, and the photographs that say where they were taken."""
    had = [File(one.name, one.sha256, one.kind, one.size) for one in evidence.kept(connection, record.ledger, number)]
    new: dict[File, bytes] = {}
    wrong = []
    for path in paths:
        try:
            data, kind = _content(path)
            data = without_position(data) if strip else data
        except ValueProblem as problem:
            wrong.append(f"{path.name}：{problem.sentence}")
            continue
        one = File(file_name(path.name), evidence.digest(data), kind, len(data))
        if any(other.sha256 == one.sha256 for other in (*had, *new)):
            continue
        if any(alike(other.name) == alike(one.name) for other in (*had, *new)):
            wrong.append(f"{path.name}：这条记录已有同名而内容不同的文件，请改名再添加")
        else:
            new[one] = data
    if len(had) + len(new) > MOST:
        wrong.append(f"一条记录最多附 {MOST} 个文件，现有 {len(had)} 个，请挑选后再添加")
    if wrong:
        raise InputProblems(f"{'；'.join(wrong)}。没有写入任何内容。")
    for one, data in new.items():
        evidence.put(connection, data, one.kind)
    _set(connection, change, record, number, had, [*had, *new])
    return [*new], [one.name for one, data in new.items() if has_position(data)]


def _content(path: Path) -> tuple[bytes, str]:
    """The bytes of a file, and their kind. ValueProblem where it cannot be taken."""
    try:
        if not path.exists():
            raise ValueProblem("没有这个文件，请核对文件名和所在的文件夹")
        if not path.is_file():
            raise ValueProblem("不是文件，请写明里面的一个文件")
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as fault:
        raise ValueProblem(f"读不出来（{why(fault)}），请关上正在用它的程序再试") from None
    if not data:
        raise ValueProblem("是空文件，请换一个")
    if len(data) > MAX_FILE:
        raise ValueProblem(f"超过 {MAX_FILE >> 20} MB，请压缩后再添加")
    return data, kind_of(path.name, data)


def remove_file(connection: Connection, change: Change, record: type[Record], number: int, name: str) -> Attached:
    """Take a file off a record; it stays in the folder, so that an undo finds it. NotFound where there is none."""
    had = evidence.kept(connection, record.ledger, number)
    found = next((one for one in had if one.name == name or one.sha256.startswith(name.lower())), None)
    if found is None:
        there = "、".join(one.name for one in had) or "（没有）"
        raise NotFound(f"{record.caption}编号 {number} 没有叫“{name}”的佐证文件，现有：{there}。请照这里的名称写。")
    before = [File(one.name, one.sha256, one.kind, one.size) for one in had]
    _set(connection, change, record, number, before, [one for one in before if one.name != found.name])
    return found


def _set(
    connection: Connection, change: Change, record: type[Record], number: int, before: list[File], after: list[File]
) -> None:
    if before != after:
        was, now = ({EVIDENCE.table: sorted(some)} for some in (before, after))
        rows.edit(connection, change, record.shape(), [rows.Edit(number, was, now)])
