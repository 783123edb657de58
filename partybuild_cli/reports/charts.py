"""Which figures are drawn (图表): those that stand beside each other as parts of one question."""

from partybuild_cli.reports.figures import Figure
from partybuild_cli.reports.report import Report
from partybuild_cli.sheets.writing.charts import Bar, Chart

#: Title, unit, and how the ids of the bars begin.
_FAMILIES = (
    ("党员学位", "人", "members.degree."),
    ("党员岗位", "人", "members.staff."),
    ("会议次数", "次", "meeting.count."),
    ("志愿服务次数", "次", "service.count."),
    ("服务人次", "人次", "service.people_served."),
    ("任务", "项", "task.area."),
    ("荣誉", "项", "honor.count."),
    ("结对帮带", "对", "pairing.count."),
)
_INDEX = "index."


def charts(report: Report) -> list[Chart]:
    """The charts of a report; one bar alone is no chart."""
    found = [Chart(title, unit, _bars(report, prefix)) for title, unit, prefix in _FAMILIES]
    found.append(Chart("先锋指数均分", "分", _bars(report, _INDEX), line=True))
    return [chart for chart in found if len(chart.bars) > 1]


def _bars(report: Report, prefix: str) -> list[Bar]:
    return [
        Bar(_label(figure, prefix), figure.number, figure.text)
        for figure in report.figures
        if figure.id.startswith(prefix) and figure.number
    ]


def _label(figure: Figure, prefix: str) -> str:
    return figure.id.removeprefix(prefix)
