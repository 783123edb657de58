"""From the development ledger into the roster (转入花名册): nothing is typed twice.

接收 makes a 预备党员 of the person, 转正 a 正式党员; the days come from the votes of 支部大会.
"""

from datetime import date

from sqlalchemy import Connection

from partybuild_cli.errors import InputProblems
from partybuild_cli.records.base.column import Values
from partybuild_cli.records.base.editing import add_record, edit_record, read_one
from partybuild_cli.records.base.present import pick
from partybuild_cli.records.base.roster import load_roster
from partybuild_cli.records.development import Development, Stage, stage_of
from partybuild_cli.records.member import Member
from partybuild_cli.rules.belonging import candidates, days_kept, is_ahead
from partybuild_cli.rules.development import probation
from partybuild_cli.rules.facts import load_facts
from partybuild_cli.rules.votes import STEPS, votes_on
from partybuild_cli.store.history import Change
from partybuild_cli.values.people import birth_day, sex
from partybuild_cli.values.period import period_of

#: What both ledgers hold under one name.
_SHARED = ("branch", "name", "id_number", "gender", "ethnicity", "born_on", "department", "staff_kind")


def promote(connection: Connection, change: Change, number: int, staff_no: str | None = None) -> str:
    """Enter a person of the development ledger into the roster, or the 转正 there; a sentence of what was done."""
    stored = read_one(connection, Development, number).values
    ahead = [key for key in days_kept() if is_ahead(stored.get(key), date.today())]
    case = {key: value for key, value in stored.items() if key not in ahead}
    stage = stage_of(case)
    if ahead and stage is not stage_of(stored):
        text = "、".join(f"{Development.columns[key].heading}（{stored[key]}）" for key in ahead)
        raise InputProblems(f"{case['name']}的{text}还没有到，不能当作已经办理。到了那天再登记花名册。")
    if stage not in (Stage.PROBATIONARY, Stage.FULL):
        raise InputProblems(
            f"{case['name']}现在是{stage or '未递交申请'}，还不能进花名册：要有支部大会接收时间和上级党委审批时间。"
            f"补记用 partybuild development edit {number}。"
        )
    _refuse_without_vote(connection, number, stage, case["full_voted_on" if stage is Stage.FULL else "voted_on"])
    cells = {key: case[key] for key in _SHARED if key in case} | {"category": str(stage), "joined_on": case["voted_on"]}
    if "id_number" in case:  # birth and sex stand in it where the ledger has no column of them
        cells = {"born_on": birth_day(case["id_number"]), "gender": sex(case["id_number"]), **cells}
    if stage is Stage.FULL:  # membership counts from the day behind the probation
        served = probation(case["voted_on"], int(case.get("extension_months") or 0))
        cells["full_on"] = str(served.full_on) if served else case["full_voted_on"]
    if staff_no:
        cells["staff_no"] = staff_no
    member = _found(connection, case, staff_no)
    if member is None:
        draft = add_record(connection, change, Member, cells)
        return f"已登记到党员花名册，编号 {draft.number}：{case['name']}，{stage}。"
    said = read_one(connection, Member, member).values  # what the roster says otherwise stays
    new = {key: value for key, value in cells.items() if key not in said or key in ("category", "full_on")}
    if not edit_record(connection, change, Member, member, new).changes:
        raise InputProblems(f"花名册中{case['name']}（编号 {member}）已经是{stage}，没有可改的内容。")
    return f"已更新党员花名册编号 {member}：{case['name']}，{stage}。"


def _refuse_without_vote(connection: Connection, number: int, stage: Stage, day: str) -> None:
    """The vote of the step that makes him what he is to be: without one that passed nobody is entered (票决)."""
    step = "full_voted_on" if stage is Stage.FULL else "voted_on"
    kind, typed = STEPS[step]
    facts = load_facts(connection, period_of(day[:7]), date.today())
    case = next(case for case in facts.once(candidates) if case.number == number)
    found = votes_on(facts, case, step)
    if not found:
        flag = typed.replace("_", "-")
        raise InputProblems(
            f"没有{case.name}{kind}的表决记录，不能登记为{stage}。请用 partybuild meeting vote 会议编号 --vote-kind {kind}"
            f" --vote-on {case.name} 记下票数，或用 partybuild development edit {number} --{flag} '应到20 实到15 赞成11'。"
        )
    for vote in found:
        if vote.passed is not True:
            raise InputProblems(
                f"{case.name}{kind}的表决不足为据，没有登记为{stage}：{vote.sentence}{vote.article}。请核对票数，未通过的不能登记。"
            )


def _found(connection: Connection, case: Values, staff_no: str | None) -> int | None:
    """The member that the person is already: by ID number, by 工号, or by name and the day of 接收 in the branch."""
    home = load_roster(connection).branches.get(case.get("branch", ""))
    by_name = {"name": case["name"], "joined_on": case["voted_on"], "branch_id": home}
    rows = pick(connection, Member).items()
    for way in ({"id_number": case.get("id_number")}, {"staff_no": staff_no}, by_name):
        found = (number for number, row in rows if all(row[key] == said for key, said in way.items()))
        if all(way.values()) and (number := next(found, None)) is not None:
            return number
    return None
