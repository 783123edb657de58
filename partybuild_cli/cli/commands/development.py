"""`development promote` and `development steps`: into the roster, and the 25 steps with their days (发展党员)."""

from typing import TYPE_CHECKING, Any

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import ChineseCommand
from partybuild_cli.cli.options import argument, flag, option
from partybuild_cli.cli.session import reading, writing

if TYPE_CHECKING:
    from partybuild_cli.rules.development import StepResult


def commands() -> list[ChineseCommand]:
    """The commands that the development ledger has besides the five verbs."""
    from partybuild_cli.cli.verbs import made

    target = "编号，用 partybuild development list 查看"
    promote = [argument("number", "编号", target), option("staff-no", "工号", "登记到花名册时的工号")]
    steps = [
        argument("number", "编号", target),
        option("edition", "版本", "按 2014 或 2026 版细则看，不写则按各步的日期"),
        flag("local", "连同贵州省规程的补充时限一起看"),
        flag("json", "以 JSON 输出"),
    ]
    return [
        made("promote", "按接收或转正的记录登记到花名册，不用再输一遍", _promote, promote),
        made("steps", "逐步看程序和时限：最早、最迟哪天，依据哪一条", _steps, steps),
    ]


def _promote(context: Any, number: str, staff_no: str | None) -> None:
    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.development import Development
    from partybuild_cli.rules.promotion import promote

    with writing(context) as (connection, change):
        sentence = promote(connection, change, number_of(connection, Development, number), staff_no)
    screen.say(sentence)


def _steps(context: Any, number: str, edition: str | None, local: bool, json: bool) -> None:
    from datetime import date

    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.development import Development
    from partybuild_cli.rules.development import assess_all
    from partybuild_cli.rules.facts import load_facts
    from partybuild_cli.values.period import period_of, quarter_of

    today = date.today()
    with reading(context) as connection:
        case = number_of(connection, Development, number)
        known = load_facts(connection, period_of(quarter_of(today)), today).candidates
    wanted = [one for one in known if one.number == case]
    results = assess_all(wanted, today, edition=edition, local=local)[case]
    if json:
        screen.document([_json(one) for one in results])
        return
    headings = ["步", "环节", "状态", "最早", "最迟", "依据", "说明"]
    screen.rows(headings, (_cells(one) for one in results), right=("步",))


def _cells(one: "StepResult") -> list[str]:
    days = [str(day) if day else "" for day in (one.earliest, one.latest)]
    return [str(one.number), one.name, one.state, *days, one.article, one.sentence]


def _json(one: "StepResult") -> dict[str, Any]:
    return {
        "step": one.number,
        "stage": one.stage,
        "name": one.name,
        "field": one.field or None,
        "state": one.state,
        "earliest": str(one.earliest) if one.earliest else None,
        "latest": str(one.latest) if one.latest else None,
        "article": one.article,
        "sentence": one.sentence,
    }
