"""Every check of a book and of what its rooms keep (体检的各项), for `doctor` and for a command that breaks down."""

from pathlib import Path

from sqlalchemy import Connection

from partybuild_cli.index.archive import archive_damage
from partybuild_cli.records.base.present import damage_of
from partybuild_cli.records.base.registry import called, shapes
from partybuild_cli.reports.folder import MANIFEST
from partybuild_cli.reports.runs import read
from partybuild_cli.store.doctor import Finding, examine
from partybuild_cli.store.witness import archives, backups, contradiction

#: Checks that say of the content, not of the machine, that something is wrong with it.
_CONTENT = ("open", "integrity", "types", "numbers", "values", "archive", "history", "references", "orphans", "records")


def examine_all(book: Path, key_file: Path | None = None) -> list[Finding]:
    """Every check. NotFound, Unfit or Busy where there is no database at all."""
    folders = [Path(one["folder"]) / MANIFEST for one in read(book).good.values()]

    def rewritten(connection: Connection) -> str | None:
        return contradiction(connection, [*backups(connection), *archives(folders)])

    others = {
        "values": ("内容可读", damage_of),
        "archive": ("公示存档和评分方案", archive_damage),
        "witness": ("日志与备份、归档一致", rewritten),
    }
    return examine(book, shapes(), key_file, others, called)


def damage(book: Path) -> str | None:
    """What is wrong with the content of a book, in words; None where it is sound, or there is none."""
    if not book.is_file():
        return None
    return next((f"{one.name}：{one.wrong}" for one in examine_all(book) if one.wrong and one.id in _CONTENT), None)
