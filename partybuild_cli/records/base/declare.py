"""The declaration of a record type (台账声明): the one place where a column is written down.

A record type is an SQLModel class whose attributes are `column(...)`, and beside the table `related(...)` and
`computed(...)`. Sheet, template, commands, JSON, history and the manual's page are all made from it; the table is the
migrations', and a test holds that the two agree. The class is loaded where a command needs it, not for help or completion.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, Text, func
from sqlmodel import Field, SQLModel

from partybuild_cli.records.base.column import (
    SPANS,
    Column,
    Span,
    Values,
    column,
    computed,
    earlier,
    qualifier,
    related,
)
from partybuild_cli.records.base.matching import Matcher
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.records.base.row import Below, Context, ParsedRow, Prefer, ResolvedRow, SaidBefore, Scope, View
from partybuild_cli.store.history import Change
from partybuild_cli.store.rows import Edit
from partybuild_cli.store.shape import ChildShape, Shape
from partybuild_cli.values.day import first_date
from partybuild_cli.values.kind import Primitive
from partybuild_cli.values.period import quarter_of

#: What a record type needs for its declaration, in one place.
__all__ = ["Below", "Context", "Record", "ResolvedRow", "Scope", "Values", "View"]
__all__ += ["column", "computed", "qualifier", "related"]


class Record(SQLModel):
    """Base of every record type (台账类型), with what a type may say of itself."""

    ledger: ClassVar[str] = ""  # its name in commands and JSON; the module's name says the same
    caption: ClassVar[str] = ""  # the Chinese name of the ledger, from the first words of the docstring
    columns: ClassVar[dict[str, Column]] = {}
    command: ClassVar[bool] = True  # False where records come in through workbooks only
    children: ClassVar[tuple[ChildShape, ...]] = ()  # tables of its own below it (attendance, participation)
    date: ClassVar[str] = ""  # the column that says when it happened, for periods and `--on`; empty where it has none
    order: ClassVar[str] = ""  # the SQL column by which they are listed; the date where nothing else is said
    brief: ClassVar[tuple[str, ...]] = ()  # the columns that a list shows
    named_by: ClassVar[str] = ""  # the column by which a person names a record

    # How a sheet is known to be of this ledger, and how it is read.
    title_words: ClassVar[tuple[str, ...]] = ()  # words in a title that speak for it where its headings fit another too
    marks: ClassVar[dict[str, float]]  # columns that speak for it and not for every list of persons, with how much
    outranked_by: ClassVar[dict[str, tuple[str, ...]]] = {}  # ledger -> columns; a table that fills them is that ledger
    whom: ClassVar[str] = ""  # the column that a bare 姓名 means, besides those that are headed so
    presence: ClassVar[tuple[str, ...]] = ()  # the columns that say who took part, of which none is ever passed over
    on_forms: ClassVar[bool] = False  # whether one record often stands on a form of its own, labels and values
    branch_from: ClassVar[tuple[str, ...]] = ()  # the columns whose people tell the branch where nothing else does
    #: The list of members that rows of one record, one row a member, are joined into; then what each has his own of.
    gathers: ClassVar[tuple[str, str] | tuple[()]] = ()
    outsiders: ClassVar[str] = ""  # the column whose words may say that a row is of somebody who is no member
    split_by: ClassVar[str] = ""  # a column whose cell may hold several values, one record each (several winners)
    months_of: ClassVar[str] = ""  # the column that twelve headings 1月…12月 hold, one record a month (党费登记表)
    in_full: ClassVar[dict[str, str]] = {}  # word in its stead -> the column whose amount it means (已缴: 应缴)
    sums: ClassVar[dict[str, str]] = {}  # worked-out column -> that whose sum over a member's rows it states (总计学时)
    answer: ClassVar[str] = ""  # the column that a form leaves to be filled in; a row without it is no record
    #: On a form of one person, the heading of the answers that add up to `answer`, and that of the most for each.
    added_up: ClassVar[tuple[str, str] | tuple[()]] = ()

    # How a row meets what is kept.
    matcher: ClassVar[type[Matcher]] = Matcher  # finds the kept record that a row means
    known_by: ClassVar[tuple[str, ...]] = ()  # SQL columns that belong to the identity besides the identity columns
    sought_by: ClassVar[tuple[str, ...]] = ()  # of these a row has at least one in common with a record that it means
    tells_apart: ClassVar[tuple[str, ...]] = ()  # of people: the columns that tell them apart, the name first
    settles_with: ClassVar[tuple[str, ...]] = ()  # with these a row is settled although other cells have problems
    lists_who_was_due: ClassVar[bool] = False  # whether its lists of people are judged by the roster of a day
    carried: ClassVar[tuple[str, ...]] = ()  # what is worked out and yet known to an edit as it is
    #: The columns that a terminal asks for behind what is required, because the index or a check would miss them; behind
    #: a colon, the words of `kind` for which it does.
    completed_by: ClassVar[tuple[str, ...]] = ()

    # How long it holds, and what goes with it.
    begins: ClassVar[str] = (
        ""  # the columns, parted by blanks, whose first filled day a record stands from; empty for none
    )
    #: Column of a day -> those that were not so before it (完成时间: 验收人).
    came_with: ClassVar[dict[str, tuple[str, ...]]] = {}
    lasting: ClassVar[tuple[str, ...]] = ()  # of people: what stays when somebody is forgotten; all others go
    while_in_use: ClassVar[str] = "请先改正或删除那些记录。"  # instead of removing a record of which others speak
    scattered: ClassVar[tuple[str, str] | None] = None  # column, value: of these nothing tells which came together
    #: The column of the one whom a record is about (谈话对象 behind 谈话人, 获得者): of several, each gets a record.
    one_each: ClassVar[Column | None]
    renamed: ClassVar[dict[str, Column]]  # SQL column by which a record is found, and that holds for a time (名称)
    about: ClassVar[Column | None]  # that column, else that of all who took part
    __table__: ClassVar[Table]  # its table, for queries
    shape: ClassVar[Shape]  # how it lies in the database: its table, its columns, the tables below it
    identity: ClassVar[list[Column]]  # the columns that make two rows the same record
    known: ClassVar[list[str]]  # the SQL columns by which a record is found again, with that of its branch
    telling: ClassVar[Sequence[str]]  # the columns by which one record is told from another
    #: The SQL columns that hold a member's number, that of the member whom the record is about first.
    member_columns: ClassVar[Sequence[str]] = ()
    own_day: ClassVar[Column | None]  # the day from which it holds, or on which it happened: `--on` of a command
    #: The columns of `completed_by`, each with the words of `kind` for which it is asked; none where it is for all.
    completing: ClassVar[dict[str, list[str]]]
    happens: ClassVar[bool]  # whether its day says when it happened, and not since when it stands: what stands may end
    model_config = {"ignored_types": (Column,), "defer_build": True}  # a table checks nothing when it is made

    id: int | None = Field(default=None, primary_key=True)
    extras: str | None = Field(default=None, sa_type=Text)
    uid: str | None = Field(default=None, sa_type=Text, unique=True)

    def __init_subclass__(cls, **settings: Any) -> None:
        """Name it by its file and its docstring; SQLModel names the table by `__tablename__`."""
        super().__init_subclass__(**settings)
        cls.ledger = cls.__module__.rpartition(".")[2]
        cls.caption = (cls.__doc__ or "").partition(":")[0].strip()

    @classmethod
    def __pydantic_init_subclass__(cls, **settings: Any) -> None:
        """Collect the columns in the order in which they are written."""
        super().__pydantic_init_subclass__(**settings)
        found = {key: value for key, value in vars(cls).items() if isinstance(value, Column)}
        for key, declared in cls.model_fields.items():
            info = getattr(declared, "sa_column_kwargs", None)
            if isinstance(info, dict) and "info" in info:
                found[key] = info["info"]["column"]
        for attribute, made in found.items():
            made.name(attribute)
        cls.columns = {column.key: column for column in sorted(found.values(), key=lambda column: column.order)}
        shadowed = [key for key in cls.columns if hasattr(Record, key)]
        lacking = {part for column in cls.columns.values() for part in column.parts} - cls.model_fields.keys()
        if shadowed or lacking:
            raise TypeError(f"{cls.__name__}: {shadowed} hide what every record has; no SQL column {sorted(lacking)}")
        columns = cls.columns.values()
        cls.marks = {column.key: column.mark for column in columns if column.mark}
        cls.identity = [column for column in columns if column.identity]
        cls.telling = cls.tells_apart or [column.key for column in cls.identity]
        members = [f"{column.key}_id" for column in columns if column.points_at == "member"]
        cls.member_columns = cls.member_columns or members
        completing = (said.partition(":") for said in cls.completed_by)
        cls.completing = {key: words.split("、") if words else [] for key, _, words in completing}
        ends = {"ended_on", "removed_on", "left_on", "done_on", "applied_on"}
        cls.happens = bool(cls.date) and cls.columns.keys().isdisjoint(ends)
        day = cls.columns.get(cls.date)
        cls.own_day = day if day and (day.identity or day.key in ("started_on", "set_on")) else None
        persons = [column for column in cls.identity if column.kind.names == "member" and not column.kind.many]
        cls.one_each = cls.columns[cls.split_by] if cls.split_by else persons[-1] if persons else None
        cls.about = cls.one_each or next((cls.columns[key] for key in cls.presence[:1]), None)
        below = {
            LINKS: any(column.kind.links for column in columns), ENTRIES: any(column.entry for column in columns),
            SPANS: any(column.dated for column in columns), EVIDENCE: True,
        }  # fmt: skip
        children = (*cls.children, *(child.below(cls.ledger) for child, there in below.items() if there))
        own = [part for column in columns for part in column.parts]
        identity = (*cls.known_by, *(part for column in cls.identity for part in column.parts))
        cls.shape = Shape(cls.ledger, (*own, "extras", "uid"), identity, children, cls.scattered)
        cls.known = [*dict.fromkeys((*identity, *cls.sought_by, *({"branch_id"} & {*own})))]
        cls.renamed = {part: column for column in columns if column.dated for part in column.parts if part in cls.known}

    @classmethod
    def begun(cls) -> ColumnElement[str]:
        """The day from which a record stands, in a query; NULL where none is known."""
        return func.coalesce(*(cls.__table__.c[day] for day in cls.begins.split()), None)

    @classmethod
    def log_tells(cls, row: Values) -> tuple[str, ...] | None:
        """The headings that alone the log tells of a record which confides the rest to the book; None where it tells all."""
        return None

    @classmethod
    def settle(cls, row: ResolvedRow, scope: Scope) -> None:
        """What is particular to a type once names are resolved: rows below it, and figures that must agree."""

    @classmethod
    def compute(cls, row: Values, below: Below, context: Context) -> Values:
        """The values that stand in no column of the table: lists of people, figures that are worked out; here the latest of
        the dated entries by the day.
        """
        entries = [entry for entry in below.of(DatedEntry) if entry.began_by(context.as_of)]
        if not entries:
            return {}
        keys = (key for key, column in cls.columns.items() if column.entry)
        return {key: said for key, said in zip(keys, max(entries), strict=True) if said is not None}

    @classmethod
    def check_new(cls, row: ResolvedRow) -> None:
        """What a row must say to become a record of its own."""

    @classmethod
    def check_edit(cls, row: ResolvedRow, kept: Values, edit: Edit) -> None:
        """What must hold between a kept record and what a row makes of it."""

    @classmethod
    def arranged(cls, connection: Connection, roster: Roster, numbers: list[int]) -> list[int]:
        """The records in the order of their ledger, where that is another than by `order` or the day."""
        return numbers

    @classmethod
    def carry_on(cls, connection: Connection, change: Change, edits: Sequence[Edit]) -> None:
        """What follows in other records of the ledger from edits that were written."""

    @classmethod
    def reconcile(
        cls, row: ParsedRow, kept: Values, scope: Scope, said: SaidBefore, prefer: Prefer
    ) -> tuple[Collection[str], bool]:
        """What the books of several branches say of one record is joined (汇总): which columns that settles, and whether this
        branch speaks for the others. ValueProblem where they contradict each other."""
        return (), True

    @classmethod
    def number_of(cls, name: str, roster: Roster) -> int | None:
        """The number of the record that people call so; None where only its number names it. ValueProblem for none."""
        return None

    @classmethod
    def as_stored(cls, field: str, value: str | None) -> Primitive:
        """A value of a SQL column as the table has it, from the text that a span keeps."""
        whole = any(column.parts.get(field) == "INTEGER" for column in cls.columns.values())
        return int(value) if whole and value is not None else value

    @classmethod
    def held(cls, row: Values, spans: Sequence[Span], day: str) -> Values:
        """The columns as they held on a day (YYYY-MM-DD)."""
        return {**row, **{field: cls.as_stored(field, value) for field, value in earlier(spans, day).items()}}

    @classmethod
    def as_on(cls, row: Values, below: Below, day: str) -> Values:
        """The row as it was on a day (YYYY-MM-DD): what holds for a time as it held, and on a day that is past nothing that came later."""
        if day >= date.today().isoformat():  # what begins after today was dated by a clock that lied
            return row
        spans = below.of(Span)
        row, texts = cls.held(row, spans, day) if spans else row, earlier(spans, day)
        for key, others in cls.came_with.items():
            if row.get(key) and first_date(row[key]).isoformat() > day:
                row = {**row, **{field: None for field in (key, *others) if field not in texts}}
        return row

    @classmethod
    def there_on(
        cls, roster: Roster, day: str, branches: Collection[int] | None, unknown: Collection[int]
    ) -> Collection[int] | None:
        """The records that a sheet of that day holds, where who was there is known otherwise than by `begins`."""
        return None

    @classmethod
    def totals_row(cls, told: Collection[View]) -> str:
        """The totals row of a sheet, as a sentence."""
        return f"合计：{len(told)} 条"

    @classmethod
    def share(cls, view: View, key: str, names: Collection[str]) -> Any:
        """What of a field falls to members, by name, of whom a sum is asked; all of it where a type says nothing else."""
        return view.values.get(key)


class PersonLink(NamedTuple):
    """A member whom a column names; `role` is the column's key."""

    role: str
    member_id: int


class DatedEntry(NamedTuple):
    """What a dated entry says."""

    on_day: str
    content: str | None

    def began_by(self, day: date) -> bool:
        return self.on_day <= (quarter_of(day) if "Q" in self.on_day else str(day))


class File(NamedTuple):
    """A file that proves the record, kept beside the book under its SHA-256."""

    name: str
    sha256: str
    kind: str
    size: int

    def text(self) -> str:
        return self.name


#: Members named in a text column of any record: one row a name.
LINKS = ChildShape("person", "record_id", PersonLink, keyed_by=("role", "member_id"))
#: Dated entries below any record (visits of a pair, quarterly assessment of a post).
ENTRIES = ChildShape("entry", "record_id", DatedEntry, keyed_by=("on_day",), grows=True)
EVIDENCE = ChildShape("attachment", "record_id", File, keyed_by=("name",))  # files that prove any record (佐证文件)
