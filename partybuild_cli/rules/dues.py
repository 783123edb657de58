"""Party dues (党费, D5): what is due on a base, what a branch owes, the six-month flag, and a month before it is collected.

中组发〔2008〕3号 gives the rates; 组电明字〔2017〕5号 adds that a month is normally no more than 1000 yuan (`records/dues.toml`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, Integer, and_, case, func, or_, select, type_coerce

from partybuild_cli.errors import InputProblems, UsageFault, ValueProblem
from partybuild_cli.records import dues as ledger
from partybuild_cli.records.base.editing import scope_of
from partybuild_cli.records.base.kinds import MONTH
from partybuild_cli.records.base.plan import Parser, carry_out, make_plan
from partybuild_cli.records.base.roster import Membership
from partybuild_cli.records.base.row import PlannedRow
from partybuild_cli.records.dues import MONEY, Dues, DuesState, Payer, dues_state, payer_of
from partybuild_cli.rules.facts import Facts, PartyBranch, Row, load_facts, table_of
from partybuild_cli.rules.item import Result, check, judged, not_applicable
from partybuild_cli.store.asof import added_after
from partybuild_cli.store.history import Change
from partybuild_cli.values.day import add_months, first_date, last_date
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.period import months, period_of


def six_months_unpaid(unpaid: set[str], on: date) -> bool:
    """The flag of 第十三条, of months (YYYY-MM) known to be unpaid: 2026-01 to 2026-06 raise it on 2026-07-01."""
    return unpaid >= set(_last_months(on))


def _last_months(on: date) -> list[str]:
    return [f"{add_months(on.replace(day=1), -back):%Y-%m}" for back in range(1, _count() + 1)]


def _count() -> int:
    """Six months: so many unpaid are 自行脱党 (第十三条), and no more are normally paid up (第十二条)."""
    return int(ledger.rates()["expelled"]["months"])


class Owed(NamedTuple):
    """A month that a member owes: how it stands, whether it was paid late (`stale`: by more than six months), a wrong 应缴."""

    member: int
    month: str
    state: str
    late: bool
    stale: bool
    wrong: ledger.WrongDue | None
    record: Reference

    @property
    def told(self) -> str:
        return f"{self.record.title} {self.month}"


@dataclass(slots=True)
class Paid:
    """How the dues of a branch stand: every month owed, who is six months behind, and of whom six months are not known."""

    months: list[Owed] = field(default_factory=list)
    behind: list[int] = field(default_factory=list)
    unseen: list[int] = field(default_factory=list)

    @property
    def unpaid(self) -> list[Owed]:
        return [owed for owed in self.months if owed.state in (ledger.UNPAID, ledger.SHORT)]

    @property
    def unknown(self) -> list[Owed]:
        return [owed for owed in self.months if owed.state == ledger.UNKNOWN]


def _dues(facts: Facts, first: str) -> list[Row]:
    """The dues from a month on, in the ledger's whole numbers; who paid after today had not paid by then, which is known."""
    table = table_of("dues").c
    columns = [table[key] for key in ("id", "member_id", "month", "payer", "state", "reduction", "paid_on")]
    columns += [type_coerce(table[key], Integer).label(key) for key in ("base", "due")]
    paid = case((table.paid_on > str(facts.today), 0), else_=type_coerce(table.paid, Integer)).label("paid")
    then = (table.month >= first, table.month <= f"{facts.as_of:%Y-%m}")
    return facts.rows(select(*columns, paid).where(*then))


def paid_dues(facts: Facts) -> dict[int, Paid]:
    """The dues of each branch that have fallen due; a member owes the month on whose last day he belongs to it. What
    was paid behind the period is late, and had not been paid when it ended; nor was it in a book that was kept by then.
    """
    on = min(facts.today, facts.period.last + timedelta(days=1))
    recent, every = _last_months(on), months(facts.period)
    found = _dues(facts, min(recent[-1], every[0]))
    if facts.known is not None:  # what was paid since says nothing of what the book knew then
        since = added_after(facts.connection, "dues", facts.known)
        unpaid = {"paid": None, "paid_on": None}
        behind = {row["id"] for row in found if (row["paid_on"] or "") >= str(on)}
        found = [{**row, **unpaid} if row["id"] in behind else row for row in found if row["id"] not in behind & since]
    rows = {(row["member_id"], row["month"]): row for row in found}
    by_then = {key: row if (row["paid_on"] or "") < str(on) else {**row, "paid": 0} for key, row in rows.items()}
    states = {key: dues_state(row) for key, row in by_then.items()}
    result: dict[int, Paid] = {}
    for branch in facts.branches:
        paid = result[branch.number] = Paid()
        for month in every:
            if ledger.overdue_since(month, quarterly=branch.dues_quarterly) <= on:
                for membership in facts.members(branch, last_date(month)):
                    owed = _owed(facts, branch, membership, month, rows.get((membership.member, month)))
                    paid.months += [owed] if owed.state != DuesState.EXEMPT else []
        there = [{who.member for who in facts.members(branch, last_date(month))} for month in recent]
        for membership in facts.members(branch):
            said = {month: states.get((membership.member, month), ledger.UNKNOWN) for month in recent}
            if six_months_unpaid({month for month, state in said.items() if state == ledger.UNPAID}, on):
                paid.behind.append(membership.member)
            elif {*said.values()} <= {ledger.UNPAID, ledger.UNKNOWN} and all(membership.member in who for who in there):
                paid.unseen.append(membership.member)
    return result


def _owed(facts: Facts, branch: PartyBranch, who: Membership, month: str, row: Row | None) -> Owed:
    state = dues_state(row) if row else ledger.UNKNOWN
    wrong = ledger.wrong_due(row, who.staff_kind) if row else None
    late, note, stale = False, "没有记录" if row is None else state, False
    paid_on = (
        first_date(row["paid_on"]) if row and row["paid_on"] else date.min
    )  # a month alone is not held against him
    if row and paid_on >= ledger.overdue_since(month, quarterly=branch.dues_quarterly):
        note, late = f"{row['paid_on']}缴，逾期", state not in (ledger.UNKNOWN, ledger.UNPAID, ledger.SHORT)
        stale = late and paid_on > add_months(last_date(month), _count())
    note = "；".join(filter(None, (note, wrong.sentence if wrong else "")))
    record = Reference("dues", row["id"] if row else None, month, facts.roster.shown(who.member), note)
    return Owed(who.member, month, state, late, stale, wrong, record)


@check("D5")
def collected(facts: Facts, branch: PartyBranch) -> Result:
    """Every month that has fallen due is paid in full and in time (第十二条); six months unpaid are flagged (第十三条)."""
    paid = facts.once(paid_dues)[branch.number]
    if not paid.months:
        return not_applicable("没有应缴的月份")
    unpaid, unknown, late = paid.unpaid, paid.unknown, [owed for owed in paid.months if owed.late]
    full = len(paid.months) - len(unpaid) - len(unknown)
    figure = f"应缴{len(paid.months)}人月，缴足{full}人月，按期{full - len(late)}人月"
    figure += f"，未缴足{len(unpaid)}人月" if unpaid else ""
    figure += f"，无记录{len(unknown)}人月" if unknown else ""
    wrong = [f"{owed.told} 应缴{owed.wrong.typed}元，应为{owed.wrong.right}元" for owed in paid.months if owed.wrong]
    lists = (
        ("：", [owed.told for owed in (*unpaid, *unknown)]),
        ("；逾期缴纳：", [owed.told for owed in late]),
        ("；补交超过六个月：", [owed.told for owed in late if owed.stale]),
        ("；应缴与标准不符：", wrong),
        ("；连续六个月未缴：", facts.shown(paid.behind)),
        ("；连续六个月不知道缴没缴：", facts.shown(paid.unseen)),
    )
    state = judged(len(unpaid) + len(late) + len(wrong) + len(paid.behind), len(unknown))
    return Result(state, figure, lists, [owed.record for owed in paid.months])


@dataclass(slots=True)
class Payment:
    """What was entered; whose base is unknown, what to confirm, who was left as he is: paid already, exempt, short."""

    added: int = 0
    total: Decimal = Decimal(0)
    unknown: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    exempt: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)


def prepare_month(connection: Connection, change: Change, month: str, branch: str | None = None) -> Payment:
    """Enter the 应缴 of a month for members who have no record of it, on the last base that is known. UsageFault."""
    entry = _Entry(connection, month, branch)
    there = [who.member for home in entry.here.branches for who in entry.here.members(home, last_date(month))]
    entry.made.added = len(_enter_all(connection, change, entry.owed(there).values()))
    return entry.made


def _enter_all(connection: Connection, change: Change, rows: Iterable[Mapping[str, str]]) -> list[PlannedRow]:
    """Records of the dues ledger from cells. InputProblems, and nothing entered, where one of them cannot be."""
    parser = Parser(Dues)
    parsed = [parser.parse(at, cells) for at, cells in enumerate(rows, start=1)]
    planned = make_plan(connection, Dues, parsed, scope_of(connection))
    if problems := [f"{row.values.get('member', '')} {f.column}：{f.message}" for row in planned for f in row.problems]:
        raise InputProblems("；".join(problems) + "。没有写入任何内容。")
    carry_out(connection, change, Dues, planned)
    return planned


class _Entry:
    """A month that is being entered: the amounts recorded of it, and what comes about."""

    def __init__(self, connection: Connection, month: str, branch: str | None = None) -> None:
        self.month, self.made = month, Payment()
        self.here = load_facts(connection, period_of(month), date.today(), branch)
        table = table_of("dues")
        self.kept = {row["member_id"]: row for row in self.here.rows(select(table).where(table.c.month == month))}

    def payer(self, member: int, typed: str | None) -> Payer:
        """Who pays, for the table of rates."""
        return payer_of(typed, self.here.registered[member]["staff_kind"])

    def due(self, base: Decimal | None, payer: Payer, coin: str | None = None) -> ledger.Due | None:
        """What the month asks on a base; None before the rule, or where the base is not known."""
        edition = ledger.edition_on(last_date(self.month))
        known = payer is Payer.STUDENT or (base is not None and base > 0)
        if edition is None or not known:
            return None
        return ledger.due_amount(base, payer, edition, coin or self.here.settings.dues_rounding)

    def owed(self, members: Iterable[int]) -> dict[int, dict[str, str]]:
        """The cells of what members without a record owe, on their last bases; who has none is noted as unknown."""
        if ledger.edition_on(last_date(self.month)) is None:
            raise UsageFault(f"{self.month} 早于 2008 年 4 月，没有可用的党费标准。请核对月份。")
        # the last record of each before the month that says on what he pays
        table = table_of("dues")
        says = or_(table.c.base.is_not(None), table.c.payer.is_not(None), table.c.reduction.is_not(None))
        before = select(table.c.member_id, func.max(table.c.month).label("month")).where(
            says, table.c.month < self.month
        )
        of_each = before.group_by(table.c.member_id).subquery("latest")
        same = and_(table.c.member_id == of_each.c.member_id, table.c.month == of_each.c.month)
        last = {row["member_id"]: row for row in self.here.rows(select(table).join(of_each, same).where(says))}
        found = {}
        for member in (member for member in members if member not in self.kept and member in self.here.registered):
            name, row = self.here.roster.shown(member), last.get(member, {})
            base, reduction = row.get("base"), row.get("reduction")
            said = {"payer": row.get("payer"), "base": plain_decimal(base) if base else None, "reduction": reduction}
            cells = {"member": name, "month": self.month} | {key: word for key, word in said.items() if word}
            if reduction and row["due"] is not None:  # an approved reduction goes on
                found[member] = {**cells, "due": str(row["due"])}
            elif due := self.due(base, self.payer(member, row.get("payer"))):
                self.made.prompts += [f"{name}：{due.prompt}"] if due.prompt else []
                found[member] = {**cells, "due": str(due.amount)}
            else:
                self.made.unknown.append(name)
        return found


def with_due(connection: Connection, cells: dict[str, str]) -> tuple[dict[str, str], str]:
    """The cells of a new record with the 应缴 that follows from its base, and a sentence; as they are where none does."""
    if cells.keys() & {"due", "state", "reduction"} or not cells.keys() & {"base", "payer"} or "month" not in cells:
        return cells, ""
    try:
        entry = _Entry(connection, MONTH.parse(MONTH.meant(str(cells["month"]), date.today())) or "")
        member = entry.here.roster.member(str(cells.get("member", "")), day=str(last_date(entry.month)))
        payer = entry.payer(member, Dues.columns["payer"].kind.parse(cells.get("payer")))
        due = entry.due(MONEY.parse(cells.get("base")), payer)
    except (ValueProblem, UsageFault, KeyError):
        due = None
    if due is None:
        return cells, ""
    return {**cells, "due": str(due.amount)}, f"应缴按{payer}的标准算得 {due.amount} 元。{due.prompt}"


def pay_month(
    connection: Connection, change: Change, month: str, names: Collection[str], paid_on: str, amount: str | None
) -> Payment:
    """Enter that members paid what a month asks of them, or the amount; who paid already, or too little, is left as he is."""
    entry, rows = _Entry(connection, month), []
    roster, done = entry.here.roster, entry.made
    try:
        members = dict.fromkeys(roster.member(name, day=str(last_date(month))) for name in names)
    except ValueProblem as problem:
        raise InputProblems(f"{problem.sentence}。没有写入任何内容。") from None
    owed = entry.owed(members)
    done.unknown.clear()
    for member in members:
        name, record = roster.shown(member), entry.kept.get(member)
        cells = owed.get(member, {"member": name, "month": month})
        state = dues_state(record) if record else ledger.UNPAID
        due = record["due"] if record else cells.get("due")
        left = {ledger.PAID: done.already, ledger.SHORT: done.short, DuesState.EXEMPT: done.exempt}.get(state)
        if left is not None and not (state == ledger.SHORT and amount):
            left.append(name)
        elif amount is None and due is None:
            done.unknown.append(name)
        else:
            rows.append({**cells, "paid": amount or str(due), "paid_on": paid_on})
    drafts = _enter_all(connection, change, rows)
    done.added, done.total = len(drafts), sum((draft.values["paid"] for draft in drafts), Decimal(0))
    return done


def follow_base(connection: Connection, number: int, base: Decimal) -> tuple[Decimal | None, str]:
    """The 应缴 of a record whose base changes: worked out again where it was the rule's, kept where typed; what to know."""
    table = table_of("dues").c
    query = select(table.month, table.member_id, table.base, table.due, table.payer).where(table.id == number)
    month, member, old_base, old_due, word = connection.execute(query).one()
    entry = _Entry(connection, month)
    payer = entry.payer(member, word)
    new = entry.due(base, payer)
    if base in (0, old_base) or base < 0 or old_due is None or new is None:
        return None, ""
    usual = [entry.due(old_base, payer, coin) for coin in ledger.COINS]
    if old_base and old_due in [due.amount for due in usual if due]:
        return new.amount, new.prompt
    said = f"应缴 {MONEY.text(old_due)} 元不是按原基数算出的，没有跟着改；按新基数每月应缴 {new.amount} 元，要改请加 --due {new.amount}。"
    return None, "" if old_due == new.amount else said
