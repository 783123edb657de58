"""Posting, objections, revising and locking (公示、异议、修订、锁定), each branch by itself.

What was posted stays readable for ever: a revision is a new row beside it, with its reason.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update
from sqlmodel import col

from partybuild_cli.errors import InputProblems, NotFound
from partybuild_cli.index.accounts import Account, AccountLine, frozen_accounts, live_accounts, told_apart
from partybuild_cli.index.calendar import Calendar
from partybuild_cli.index.compute import Computed, Rated, compute_branches, compute_quarter, save
from partybuild_cli.index.participants import Roll
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import OBJECTIONS, ROUNDS, Round, remove_round, revisions_of, rounds_of, sealed
from partybuild_cli.records.member import Member
from partybuild_cli.records.rating import Rating
from partybuild_cli.store import forget as raters


class Posted(NamedTuple):
    """One branch's posting: the days it hangs, and whether it hung already (a reprint)."""

    branch: int
    name: str
    revision: int
    first: str
    last: str
    again: bool = False
    problems: Sequence[str] = ()


def publish(roll: Roll, start: date, calendar: Calendar) -> list[Posted]:
    """Freeze and post the branches that are not posted yet; of the others, say when they were. NotFound, InputProblems."""
    label, first = roll.quarter.label, roll.quarter.first
    if start < first:
        raise InputProblems(f"{label} 从 {first} 才开始，不能从 {start} 起公示。请核对季度和 --on 的日期。")
    done = [
        Posted(number, roll.names[number], hung.revision, hung.posted_from or "", hung.posted_until or "", again=True)
        for number, hung in roll.posted().items()
    ]
    for computed, posted in _post(compute_quarter(roll, keep=False), start, calendar):
        done.append(posted)
        # from now on nothing joins raters and ratings (互评结束)
        rated = Rated(roll, computed.scheme.peer)
        people = (listed.participant for listed in computed.branches[posted.branch])
        counted = {rating: by_peer for who in people for rating, by_peer in rated.by_peers(who).items()}
        rounds = rounds_of(roll.connection, roll.quarter)
        branches = roll.connection.execute(select(col(Member.branch_id)).distinct()).scalars()
        last = all(branch in rounds and not rounds[branch].open for branch in branches)
        raters.close(roll.connection, Rating.shape, label, counted, last)
    if not done:
        raise NotFound(f"{label} 没有在册党员，没有可公示的内容。请核对季度和党支部。")
    return sorted(done)


def revise(roll: Roll, reason: str, start: date, calendar: Calendar) -> list[Posted]:
    """A new revision of what was posted, from the records as they are now, by the same scheme. InputProblems."""
    posted = _posted(roll)
    for number, before in posted.items():
        name, label = roll.names[number], roll.quarter.label
        if str(start) < (before.posted_from or ""):
            raise InputProblems(f"{name}已从 {before.posted_from} 起公示，修订不能早于这一天。请核对 --on 的日期。")
        if not any(who.branch == number for who in roll.participants):
            raise NotFound(f"{name}在 {label} 已没有在册党员，没有修订。请核对党员的转入、转出日期。")
    found = _post(compute_branches(roll, posted), start, calendar, posted, reason)
    return sorted(revision for _, revision in found)


def _post(
    found: Iterable[Computed], start: date, calendar: Calendar, was: Mapping[int, Round] = {}, reason: str | None = None
) -> Iterator[tuple[Computed, Posted]]:
    """Freeze each branch and note the days of its posting; of a revision also say whose score did not move."""
    for computed in found:
        for branch, accounts in live_accounts(computed, records=True).items():
            before = was.get(branch)
            roll, revision = computed.roll, before.revision + 1 if before else 1
            days = calendar.working_days_from(start, computed.scheme.posting_days)
            posted = Posted(branch, roll.names[branch], revision, str(start), str(days.last))
            posting = {"posted_from": posted.first, "posted_until": posted.last, "posted_days": len(days.days)}
            state = {"state": "revised" if before else "posted", "reason": reason}
            save(computed, branch, revision, **state, **posting, **sealed([account.document() for account in accounts]))
            problems = [*computed.problems, *_unrated(computed, branch)]
            if start <= roll.quarter.last:
                label, last = roll.quarter.label, roll.quarter.last
                late = f"此后的记录不在这次公示里；到时请用 partybuild index revise {label} --reason 理由 修订"
                problems.insert(0, f"{label} 到 {last} 才结束，{late}。")
            if before is not None:
                problems += _unmoved(frozen_accounts(roll.connection, before), accounts)
            problems += [days.warning] if days.warning else []
            yield computed, posted._replace(problems=problems)


def _unrated(computed: Computed, branch: int) -> Iterator[str]:
    """Who lacks which rating (缺评议), by name, for every part of the scheme that members or the committee give."""
    scored = [(listed.participant, listed.score) for listed in computed.branches[branch] if listed.score]
    for part in computed.scheme.parts:
        if lacking := [who for who, score in scored if not score.rated(part.id)]:
            whose = "全部党员" if len(lacking) == len(scored) > 1 else "、".join(told_apart(lacking))
            instead = "取记录得分" if part.id == "org" else "权重加给其余各部分"
            yield f"没有{part.name}的：{whose}，{instead}。"


def _unmoved(before: Sequence[Account], after: Sequence[Account]) -> Iterator[str]:
    """Whose records changed and whose score did not move, and why (得分没有变的原因)."""

    def grounds(account: Account) -> list[object]:
        lines: list[AccountLine] = [*account.indicators, *account.adjustments]
        return [(line.points, [*line.records]) for line in lines]

    was = {account.member: account for account in before}
    for new, name in zip(after, told_apart(after), strict=True):
        old = was.get(new.member)
        if old is not None and new.score is not None and old.score == new.score and grounds(old) != grounds(new):
            yield f"{name}的季度指数没有变，仍是 {new.score}：{_why_unmoved(old, new)}。"


def _why_unmoved(old: Account, new: Account) -> str:
    given = new.parts.get("org")
    if new.vetoes:
        return "一票否决仍在"
    if old.obj == new.obj:
        return "变动的记录所在的项已到上限，或这些记录不计分"
    if given is None or given == new.obj:
        return f"记录得分 {old.obj} → {new.obj}，不足以改变季度指数的一位小数"
    gap = f"与新的记录得分相差 {abs(Decimal(given) - Decimal(new.obj or 0)).normalize():f} 分；要变请重新作组织评定"
    return f"记录得分 {old.obj} → {new.obj}，而组织评定 {given} 分是直接给的，不随记录变，{gap}"


def lock(roll: Roll, today: date) -> list[str]:
    """Lock what was posted; the names of the branches. InputProblems while it hangs or an objection has no answer."""
    left = {roll.names[number]: hung for number, hung in _posted(roll).items() if hung.state != "locked"}
    unanswered = [raised["branch"] for raised in objections(roll) if raised["answer"] is None]
    for name, hung in left.items():
        if str(today) <= (hung.posted_until or ""):
            raise InputProblems(f"{name}的公示到 {hung.posted_until} 为止，还没有结束，没有锁定。")
        if waiting := unanswered.count(name):
            answer = f"请用 partybuild index object {roll.quarter.label} --number 编号 --answer 答复 补上"
            raise InputProblems(f"{name}还有 {waiting} 件异议没有答复，没有锁定。{answer}。")
    numbers = [hung.id for hung in left.values()]
    roll.connection.execute(update(ROUNDS).where(ROUNDS.c.id.in_(numbers)).values(state="locked"))
    return list(left)


def drafts(roll: Roll) -> dict[str, Round]:
    """What was computed of a quarter and is not posted, by the branch's name. NotFound where there is nothing."""
    found = {roll.names[number]: draft for number, draft in roll.rounds().items() if draft.open}
    if not found:
        label = roll.quarter.label
        raise NotFound(f"{label} 没有草稿。请用 partybuild index list {label} 查看算到了哪里。")
    return found


def discard_drafts(roll: Roll) -> list[str]:
    """Forget what was computed of a quarter and not posted; the names of the branches. Records and ratings stay."""
    found = drafts(roll)
    for draft in found.values():
        remove_round(roll.connection, draft.id)
    return list(found)


def _posted(roll: Roll) -> dict[int, Round]:
    rounds, label = roll.posted(), roll.quarter.label
    if not rounds:
        raise NotFound(f"{label} 还没有公示。请先运行 partybuild index publish {label}。")
    return rounds


#: What a command says of an objection, by the columns of its table.
Said = Mapping[str, str | int | None]


def raise_objection(roll: Roll, branch: int, said: Said) -> int:
    """Note an objection to what a branch has posted; its number. NotFound when nothing is posted."""
    label, connection = roll.quarter.label, roll.connection
    posted = [revision for revision in revisions_of(connection, roll.quarter, branch) if not revision.open]
    if not posted:
        text = f"{roll.names.get(branch, '')} {label}".strip()
        raise NotFound(f"{text} 还没有公示，不能登记异议。请先运行 partybuild index publish {label}。")
    if posted[-1].state == "locked":
        wrong = f"确有错误请用 partybuild index revise {label} --reason 理由 修订"
        raise InputProblems(f"{label} 已锁定，不再受理异议；{wrong}。")
    if str(said["raised_on"]) < (posted[0].posted_from or ""):
        text = f"{label} 从 {posted[0].posted_from} 起公示，异议不能在这以前（{said['raised_on']}）提出"
        raise InputProblems(f"{text}。请核对 --on 的日期。")
    _in_order(said)
    return connection.execute(insert(OBJECTIONS).values(round_id=posted[-1].id, **said)).lastrowid


def _in_order(said: Said) -> None:
    """InputProblems where an objection would be answered before it was raised."""
    raised, answered = said["raised_on"], said.get("answered_on")
    if answered and str(answered) < str(raised):
        text = f"异议是 {raised} 提出的，不能在这以前（{answered}）答复"
        raise InputProblems(f"{text}。请核对 --answered-on；登记以前提出的异议，提出日期写在 --on 后面。")


def answer_objection(connection: Connection, quarter: Quarter, number: int, said: Said) -> None:
    """Add who handled an objection of a quarter, the finding, the answer and its day. NotFound, InputProblems."""
    asked = select(OBJECTIONS, *ROUNDS.c["quarter", "branch_id"]).join(ROUNDS, ROUNDS.c.id == OBJECTIONS.c.round_id)
    kept = connection.execute(asked.where(OBJECTIONS.c.id == number)).first()
    if kept is None or kept.quarter != quarter.label:
        other = f"，编号 {number} 是 {kept.quarter} 的" if kept else ""
        see = f"请用 partybuild index objections {quarter.label} 查看编号"
        raise NotFound(f"{quarter.label} 没有编号 {number} 的异议{other}。{see}。")
    after = {key: value for key, value in said.items() if value is not None and value != getattr(kept, key)}
    if not after:
        return
    if rounds_of(connection, quarter, kept.branch_id)[kept.branch_id].state == "locked":
        wrong = f"确有错误，请用 partybuild index revise {quarter.label} --reason 理由 修订"
        raise InputProblems(f"{quarter.label} 已锁定，编号 {number} 的异议不能再改。{wrong}。")
    _in_order({**kept._mapping, **after})
    connection.execute(update(OBJECTIONS).where(OBJECTIONS.c.id == number).values(after))


def objections(roll: Roll) -> list[dict[str, object]]:
    """Every objection of a quarter, in the order in which they came."""
    branch, said = ROUNDS.c.branch_id.label("branch"), list(OBJECTIONS.c)[3:]
    found = (
        select(OBJECTIONS.c.id, branch, ROUNDS.c.revision, col(Member.name).label("member"), *said)
        .join(ROUNDS, ROUNDS.c.id == OBJECTIONS.c.round_id)
        .join(Member, col(Member.id) == OBJECTIONS.c.member_id, isouter=True)
        .where(ROUNDS.c.quarter == roll.quarter.label)
        .order_by(OBJECTIONS.c.id)
    )
    rows = roll.connection.execute(found).mappings()
    asked = roll.rounds()
    return [{**row, "branch": roll.names[row["branch"]]} for row in rows if row["branch"] in asked]
