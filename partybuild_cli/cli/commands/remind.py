"""`remind`: what is due this month, as one text (月度提醒)."""

from datetime import date

from typer import Context

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, OfBranch
from partybuild_cli.cli.session import reading

app = Commands()


@app.command(example="partybuild remind")
def remind(context: Context, branch: OfBranch = None, json: AsJson = False) -> None:
    """本月要办的事，一段文字，可以直接发到群里或邮件里：会议、党费、任务、谈心谈话、换届、发展党员、外出和失联。"""
    from partybuild_cli.reports.remind import remind as look

    with reading(context) as connection:
        found = look(connection, date.today(), branch)
    if json:
        screen.document(found.document())
        return
    for line in found.lines():
        screen.say(line)
