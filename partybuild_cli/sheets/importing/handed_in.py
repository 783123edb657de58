"""What branches handed in (支部交来的): books, or folders of their exports, and what came of each."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from partybuild_cli.errors import NotFound, Unfit
from partybuild_cli.records.base.draft import Draft, Finding
from partybuild_cli.records.base.rows import outcome_counts

_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".csv")


@dataclass(slots=True)
class Part:
    """What one branch handed in, and what came of it.

    Attributes:
        counts: by ledger how many records were read, added, changed, unchanged, or have a problem.
        problems, warnings: ledger, row (of a book: the record's number there), what is said.
        missing: by ledger the numbers of our records that came from this branch and have not come now; `removed`: those of
            them that the branch has removed itself.
    """

    place: Path
    files: list[Path]
    branch: str = ""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[tuple[str, int, Finding]] = field(default_factory=list)
    warnings: list[tuple[str, int, Finding]] = field(default_factory=list)
    missing: dict[str, list[int]] = field(default_factory=dict)
    removed: dict[str, list[int]] = field(default_factory=dict)
    refused: str = ""

    @property
    def is_book(self) -> bool:
        """Whether it is a branch's book itself."""
        return self.files == [self.place] and not _is_workbook(self.place)

    @property
    def failed(self) -> bool:
        """Whether nothing of it was written."""
        return bool(self.refused or self.problems)

    def take(self, ledger: str, drafts: Sequence[Draft]) -> None:
        """Note what came of rows."""
        counts = Counter(self.counts.get(ledger, {}))
        counts.update(outcome_counts([draft for draft in drafts if draft.joins is None]))
        self.counts[ledger] = dict(counts)
        self.problems += [(ledger, draft.row, one) for draft in drafts for one in draft.problems]
        self.warnings += [(ledger, draft.row, one) for draft in drafts for one in draft.warnings]

    def document(self) -> dict[str, Any]:
        """The part as JSON."""
        found: dict[str, Any] = {"branch": self.branch, "file": str(self.place), "written": not self.failed}
        told = {"problems": self.problems, "warnings": self.warnings}
        return {
            **found,
            **({"refused": self.refused} if self.refused else {}),
            "ledgers": self.counts,
            **{
                name: [
                    {"ledger": ledger, "row": row, "column": one.column, "value": one.value, "message": one.message}
                    for ledger, row, one in dict.fromkeys(some)
                ]
                for name, some in told.items()
            },
            "missing": self.missing,
            "removed": self.removed,
        }


def find_parts(paths: Sequence[Path], book: Path) -> list[Part]:
    """What was handed in: every book, every folder of exports, workbooks of one folder together. NotFound or Unfit for nothing."""
    parts: dict[Path, Part] = {}
    for path in paths:
        if not path.exists():
            raise NotFound(f"没有找到 {path}，没有汇总任何内容。请写支部的数据库文件，或放着它的台账的文件夹。")
        for part in [*_in_folder(path)] if path.is_dir() else [_of_file(path)]:
            if any(file.samefile(book) for file in part.files):
                raise Unfit(f"{part.place} 就是党委自己的数据库，没有汇总任何内容。请写支部交来的文件。")
            known = parts.setdefault(part.place.resolve(), part)
            known.files += [file for file in part.files if file not in known.files]
    return list(parts.values())


def _of_file(path: Path) -> Part:
    return Part(path.parent, [path]) if _is_workbook(path) else Part(path, [path])


def _in_folder(folder: Path) -> Iterator[Part]:
    """A folder holds a book, or workbooks, or a folder for each branch."""
    files = [one for one in sorted(folder.iterdir()) if one.is_file() and not one.name.startswith((".", "~"))]
    books = [one for one in files if one.suffix in (".db", ".sqlite", ".sqlite3")]
    workbooks = [one for one in files if _is_workbook(one)]
    below = [one for one in sorted(folder.iterdir()) if one.is_dir() and not one.name.endswith("-backups")]
    if books:
        yield from (Part(one, [one]) for one in books)
    elif workbooks:
        yield Part(folder, workbooks)
    else:
        found = [part for one in below if not one.name.startswith(".") for part in _in_folder(one)]
        if not found and folder not in [one.parent for one in below]:
            raise NotFound(f"{folder} 里没有支部的数据库，也没有台账，没有汇总任何内容。请核对文件夹。")
        yield from found


def _is_workbook(path: Path) -> bool:
    return path.suffix.lower() in _WORKBOOKS


@dataclass(slots=True)
class Collected:
    """A whole collect: what came of every part, whether anything was written, and the number of the entry."""

    parts: list[Part]
    written: bool = False
    change: int | None = None

    def document(self) -> dict[str, Any]:
        """The collect as JSON."""
        return {"branches": [part.document() for part in self.parts], "written": self.written, "change": self.change}
