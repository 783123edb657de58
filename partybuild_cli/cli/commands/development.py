"""`development promote` and `development steps`: into the roster, and the 25 steps with their days (发展党员)."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson
from partybuild_cli.cli.session import number_of, reading, writing
from partybuild_cli.values.period import period_of, quarter_of

if TYPE_CHECKING:
    from partybuild_cli.rules.development import StepResult

app = Commands()
_STEP = {
    "step": "步", "name": "环节", "state": "状态", "earliest": "最早", "latest": "最迟", "article": "依据", "sentence": "说明",
}  # fmt: skip
_Number = Annotated[str, Argument(metavar="编号", help="编号，用 partybuild development list 查看")]


@app.command(example="partybuild development promote 1 --staff-no 2026018")
def promote(
    number: _Number, staff_no: Annotated[str | None, Option(metavar="工号", help="登记到花名册时的工号")] = None
) -> None:
    """按接收或转正的记录登记到花名册，不用再输一遍"""
    from partybuild_cli.rules.promotion import promote as enter

    with writing() as (connection, change):
        sentence = enter(connection, change, number_of(connection, "development", number), staff_no)
    screen.say(sentence)


@app.command(example="partybuild development steps 1")
def steps(
    number: _Number,
    edition: Annotated[str | None, Option(metavar="版本", help="按 2014 或 2026 版细则看，不写则按各步的日期")] = None,
    local: Annotated[bool, Option("--local", help="连同贵州省规程的补充时限一起看")] = False,
    json: AsJson = False,
) -> None:
    """逐步看程序和时限：最早、最迟哪天，依据哪一条"""
    from partybuild_cli.rules.candidates import candidates
    from partybuild_cli.rules.development import assess_all
    from partybuild_cli.rules.facts import load_facts

    today = date.today()
    with reading() as connection:
        case = number_of(connection, "development", number)
        known = candidates(load_facts(connection, period_of(quarter_of(today)), today))
    wanted = [one for one in known if one.number == case]
    results = assess_all(wanted, today, edition=edition, local=local)[case]
    screen.listing(map(_document, results), _STEP, json, right=("步",))


def _document(one: "StepResult") -> dict[str, object]:
    earliest, latest = (str(day) if day else None for day in (one.earliest, one.latest))
    return {
        "step": one.number, "stage": one.stage, "name": one.name, "field": one.field or None, "state": one.state,
        "earliest": earliest, "latest": latest, "article": one.article, "sentence": one.sentence,
    }  # fmt: skip
