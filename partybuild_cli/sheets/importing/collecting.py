"""Collecting (汇总): branch books, or folders of their exports, come into the committee's book on the road of an import.

One transaction and one entry of the history for all of them; a branch that has a problem is left out whole.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, column, select, table
from sqlmodel import col

from partybuild_cli.errors import InputProblems, NotFound, PartybuildError, Unfit, UsageFault
from partybuild_cli.records.base.collected import Source
from partybuild_cli.records.base.declare import LINKS, Record
from partybuild_cli.records.base.origin import Origin
from partybuild_cli.records.base.plan import carry_out, make_plan
from partybuild_cli.records.base.present import pick, tell_all
from partybuild_cli.records.base.registry import all_records, captions
from partybuild_cli.records.base.registry import record as record_named
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.records.base.row import Context, Finding, Manner, ParsedRow, PlannedRow, Prefer, outcome_counts
from partybuild_cli.records.branch import BranchKindWord
from partybuild_cli.sheets.importing.importer import import_sheet
from partybuild_cli.sheets.importing.jobs import ImportJob, Options, Progress, spoken_sheet
from partybuild_cli.sheets.reading import Sheet, read_book
from partybuild_cli.store import driver, engine, history, replace
from partybuild_cli.store.driver import Key, ring
from partybuild_cli.store.engine import Book
from partybuild_cli.store.history import Change, save, this_command
from partybuild_cli.store.rows import collected_from, note_origins
from partybuild_cli.values.people import without_marks
from partybuild_cli.values.text import tight

_RETIRED = table("retired", column("ledger"), column("uid"))  # what was removed from a book
_HEAD = 3  # the head of a sheet, in which its ledger is named
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".csv")


@dataclass(slots=True)
class Part:
    """What one branch handed in, and what came of it."""

    place: Path
    files: list[Path]
    branch: str = ""
    #: By ledger how many records were read, added, changed, unchanged, or have a problem.
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    #: Ledger, row (of a book: the record's number there), what is said.
    problems: list[tuple[str, int, Finding]] = field(default_factory=list)
    warnings: list[tuple[str, int, Finding]] = field(default_factory=list)
    #: By ledger our records that came from this branch and have not come now; those of them that it has removed itself.
    missing: dict[str, list[int]] = field(default_factory=dict)
    removed: dict[str, list[int]] = field(default_factory=dict)
    refused: str = ""

    @property
    def is_book(self) -> bool:
        return self.files == [self.place] and not _is_workbook(self.place)

    @property
    def failed(self) -> bool:
        return bool(self.refused or self.problems)

    def take(self, ledger: str, drafts: Sequence[PlannedRow]) -> None:
        counts = outcome_counts([draft for draft in drafts if draft.joins is None])
        before = self.counts.get(ledger, {})
        self.counts[ledger] = {name: before.get(name, 0) + count for name, count in counts.items()}
        self.problems += [(ledger, draft.row, finding) for draft in drafts for finding in draft.problems]
        self.warnings += [(ledger, draft.row, finding) for draft in drafts for finding in draft.warnings]

    def document(self) -> dict[str, Any]:
        def listed(findings: list[tuple[str, int, Finding]]) -> list[dict[str, Any]]:
            return [
                {"ledger": ledger, "row": row, **finding._asdict()} for ledger, row, finding in dict.fromkeys(findings)
            ]

        found: dict[str, Any] = {"branch": self.branch, "file": str(self.place), "written": not self.failed}
        found |= {"refused": self.refused} if self.refused else {}
        found |= {"ledgers": self.counts, "problems": listed(self.problems), "warnings": listed(self.warnings)}
        return {**found, "missing": self.missing, "removed": self.removed}


def find_parts(paths: Sequence[Path], book: Path) -> list[Part]:
    """What was handed in: every book, every folder of exports, workbooks of one folder together. NotFound or Unfit for nothing."""
    parts: dict[Path, Part] = {}
    for path in paths:
        if not path.exists():
            raise NotFound(f"没有找到 {path}，没有汇总任何内容。请写支部的数据库文件，或放着它的台账的文件夹。")
        alone = Part(path.parent if _is_workbook(path) else path, [path])
        for part in [*_in_folder(path)] if path.is_dir() else [alone]:
            if any(file.samefile(book) for file in part.files):
                raise Unfit(f"{part.place} 就是党委自己的数据库，没有汇总任何内容。请写支部交来的文件。")
            known = parts.setdefault(part.place.resolve(), part)
            known.files += [file for file in part.files if file not in known.files]
    return list(parts.values())


def _in_folder(folder: Path) -> Iterator[Part]:
    """A folder holds a book, or workbooks, or a folder for each branch."""
    inside = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    files = [path for path in inside if path.is_file() and not path.name.startswith("~")]
    books = [path for path in files if path.suffix in (".db", ".sqlite", ".sqlite3")]
    workbooks = [path for path in files if _is_workbook(path)]
    folders = [path for path in inside if path.is_dir() and not path.name.endswith("-backups")]
    if books:
        yield from (Part(path, [path]) for path in books)
    elif workbooks:
        yield Part(folder, workbooks)
    elif folders:
        for path in folders:
            yield from _in_folder(path)
    else:
        raise NotFound(f"{folder} 里没有支部的数据库，也没有台账，没有汇总任何内容。请核对文件夹。")


def _is_workbook(path: Path) -> bool:
    return path.suffix.lower() in _WORKBOOKS


@dataclass(slots=True)
class Collected:
    """A whole collect: what came of every part, whether anything was written, and the number of the entry."""

    parts: list[Part]
    written: bool = False
    change: int | None = None

    def document(self) -> dict[str, Any]:
        return {"branches": [part.document() for part in self.parts], "written": self.written, "change": self.change}


def collect(
    book: Book,
    paths: Sequence[Path],
    prefer: Prefer = "",
    dry_run: bool = False,
    key: Key | None = None,
    progress: Progress | None = None,
) -> Collected:
    """Bring what the branches handed in into the committee's book; `key` opens encrypted books, else the command's own does."""
    parts = find_parts(paths, book.path)
    for part in [other for other in parts if other.is_book]:
        engine.inspect_file(part.place)
        salt = driver.salt_of(part.place)
        if key is not None and salt is not None:
            ring().open_with(key, salt)
        try:
            driver.lock_of(part.place)  # a key is asked for when nobody waits for the book
        except UsageFault:
            raise UsageFault(
                f"{part.place} 是加密的，没有汇总任何内容。请用 --branch-key 指定支部的密钥文件；密钥与党委的相同，就用 --key-file。"
            ) from None
    done = Collected(parts)
    with book.rehearsing() if dry_run else book.writing() as connection:
        job = ImportJob(connection, Change(this_command()), Options())
        notes: list[tuple[str, str, int, int, str]] = []  # what is to be remembered
        for at, part in enumerate(parts):
            if progress:
                progress(f"汇总 {part.place.name}", at, len(parts))
            source, before = Source(prefer), len(job.change.rows)
            job.source = source
            with connection.begin_nested() as savepoint:  # all of a branch's records, or none
                try:
                    (_from_book if part.is_book else _from_sheets)(job, part, source)
                    _refuse_another_book(job, source)
                    _look_for_missing(job, part, source)
                except PartybuildError as fault:
                    part.refused = fault.sentence
                if part.failed:
                    savepoint.rollback()
                    del job.change.rows[before:]
            job.wrote()
            notes += [] if part.failed else source.notes()
        if not dry_run and (job.change.rows or notes):
            done.change = save(connection, job.change)
            note_origins(connection, done.change, notes)
        done.written = not dry_run and not all(part.failed for part in parts)
    return done


def _from_book(job: ImportJob, part: Part, source: Source) -> None:
    with replace.opened_copy(part.place) as connection:
        if driver.setting(connection, "book") == driver.setting(job.connection, "book"):
            raise Unfit("这是党委自己的数据库，或者它的一份副本，没有汇总。请写支部交来的文件。")
        source.stamps = frozenset(history.stamps(connection).values())
        roster, plain, numbers = load_roster(connection), None, Numbers()
        for record in all_records():
            if not record.command:
                continue
            with engine.faults(part.place):
                drafts = list(_drafts(connection, record, roster, numbers, plain))
            manner = Manner(columns=frozenset(key for key, column in record.columns.items() if not column.private))
            planned = make_plan(job.connection, record, drafts, job.scope(None, {}), manner, source=source)
            carry_out(job.connection, job.change, record, planned)
            part.take(record.ledger, planned)
            job.wrote(record.ledger)
            if part.problems and record.ledger in ("branch", "member"):
                return  # whatever names them would have a problem too
            numbers[f"{record.ledger}_id"] = {other.row: other.number for other in planned if other.number is not None}
            if record.ledger == "branch":
                _settle_branch(job, part, source)
                if not source.branch:
                    raise InputProblems("这个数据库里还没有党支部，没有写入。请核对是不是拿错了文件。")
            if record.ledger == "member":
                spoken = {row: job.roster.shown(number) for row, number in numbers["member_id"].items()}
                if any(without_marks(name) != roster.name(row) for row, name in spoken.items()):
                    plain = roster  # somebody is called otherwise here, or was forgotten
                roster = load_roster(connection)
                roster.spoken = spoken


#: Our numbers of the branches and members of another book, by the ones that they have there.
Numbers = dict[str, dict[int, int]]


def _drafts(
    connection: Connection, record: type[Record], roster: Roster, numbers: Numbers, plain: Roster | None
) -> Iterator[ParsedRow]:
    """The records of a branch's book as rows; what is private stays there (谈话内容). `plain`: its roster in its own words."""
    stamps = history.stamps_of(connection, record.ledger)
    columns = [column for column in record.columns.values() if not column.private]
    kinds = {column.key: column.kind for column in columns if not column.computed or column.key in record.carried}
    tables = [child for child in record.shape.children if child.table != LINKS.table]
    stored = pick(connection, record)
    own = iter(tell_all(record, stored, Context(plain, date.today()))) if plain else None

    def ours(column: str, cell: Any) -> Any:  # our number in place of theirs
        return numbers[column][cell] if column in numbers and cell is not None else cell

    for view in tell_all(record, stored, Context(roster, date.today())):
        known = ((key, value) for key, value in view.values.items() if key in kinds and value is not None)
        values = {key: kinds[key].retyped(value) for key, value in known}
        below = stored[view.number]
        rows = {
            shape.table: [tuple(map(ours, shape.columns, row)) for row in below.get(shape.table, ())]
            for shape in tables
        }
        came = Origin(view.uid, stamps.get(view.number, ""), frozenset())
        worded = next(own).values if own else {}
        yield ParsedRow(view.number, values, dict(view.extras), origin=came, rows=rows, worded=worded)


def _settle_branch(job: ImportJob, part: Part, source: Source) -> None:
    """Whose book it is: the first branch in it, if there is one."""
    known = [row for row in source.rows.get("branch", ()) if row.number is not None]
    known.sort(key=lambda row: row.values.get("kind") not in (BranchKindWord.BRANCH, None))
    if known and not source.branch:
        source.branch = known[0].number or 0
        part.branch = job.roster.branch_names.get(source.branch, known[0].parsed.alias)


def _from_sheets(job: ImportJob, part: Part, source: Source) -> None:
    order = {caption: at for at, caption in enumerate(captions().values())}
    sheets = [(_rank(path, sheet, order), path, sheet) for path in part.files for sheet in read_book(path).sheets]
    unread = []
    for rank, path, sheet in sorted(sheets, key=itemgetter(0)):
        if rank:
            _settle_branch(job, part, source)
        if rank and not source.branch:
            # No ledger of branches came: the branch that title and cells name most.
            branches = job.roster.branches
            cells = Counter(tight(cell) for row in sheet.rows for cell in row if isinstance(cell, str))
            titles = [(0, name) for name in branches for cell in cells if cell.startswith(name)]
            named = [(cells[name], name) for name in branches if cells[name]] or titles
            if not named:
                raise InputProblems(f"{part.place} 看不出是哪个支部交来的，没有写入。请连同“党组织”台账一起汇总。")
            part.branch = max(named, key=lambda item: (item[0], len(item[1])))[1]
            source.branch = branches[part.branch]
        for report in import_sheet(job, sheet):
            if report.record is None:
                unread.append(f"{path.name} {spoken_sheet(report.sheet)}：{report.reason}")
                continue
            part.take(report.record.ledger, report.drafts)
            part.problems += [(report.record.ledger, row, finding) for row, finding in report.problems]
    if not part.counts:
        raise Unfit(f"{part.place} 里没有找到台账：{'；'.join(unread[:5]) or '没有工作簿'}。")
    _settle_branch(job, part, source)


def _rank(path: Path, sheet: Sheet, order: dict[str, int]) -> int:
    """Branches come before members, and members before what names them: by the ledger that file, sheet or title is called."""
    head = (str(cell) for row in sheet.rows[:_HEAD] for cell in row if isinstance(cell, str))
    texts = ([caption for caption in order if caption in text] for text in (sheet.name, path.stem, *head))
    named = next(filter(None, texts), None)
    return order[max(named, key=len)] if named else len(order)


def _refuse_another_book(job: ImportJob, source: Source) -> None:
    """InputProblems where two books call their branch the same and have nobody in common: they may be two branches."""
    branches = source.rows.get("branch", ())
    own = {row.parsed.origin.uid for row in branches if row.number == source.branch and row.parsed.origin}
    known = {
        record.uid for record in collected_from(job.connection, "branch", 0).values() if record.number == source.branch
    }
    before = collected_from(job.connection, "member", source.branch)
    now, numbers = source.met("member"), {record.number for record in before.values()}
    members = source.rows.get("member", ())
    shared = now & before.keys() or any(row.parsed.said and row.number in numbers for row in members)
    if own and known and not own & known and now and before and not shared and source.prefer != "branch":
        name = job.roster.branch_names[source.branch]
        raise InputProblems(
            f"“{name}”以前由另一本账报来过，两本账没有一个共同的党员，没有写入。是两个支部同名的，请其中一个先改名"
            f"（partybuild branch edit {name} --name 新名称）；确实是同一个支部重新建的账，加 --prefer branch 再汇总。"
        )


def _look_for_missing(job: ImportJob, part: Part, source: Source) -> None:
    """Our records that came from this branch's book before, and are not in it now."""
    gone = set[object]()  # ledger and identity of what the branch has removed itself
    if part.is_book:
        with replace.opened_copy(part.place) as there:
            gone.update(there.execute(select(_RETIRED.c.ledger, _RETIRED.c.uid)))
    for ledger in source.rows:
        met = source.met(ledger)
        if ledger == "branch" or not (part.is_book or met):
            continue
        before = collected_from(job.connection, ledger, source.branch)
        lost = {record.number: uid for uid, record in before.items() if uid not in met}
        stored = job.connection.execute(select(col(record_named(ledger).id))).scalars() if lost else ()
        for number in sorted(lost.keys() & {*stored}):
            where = part.removed if (ledger, lost[number]) in gone else part.missing
            where.setdefault(ledger, []).append(number)
