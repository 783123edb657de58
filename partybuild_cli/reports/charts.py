"""Which figures are drawn (图表): those that stand beside each other as parts of one question."""

from collections.abc import Sequence

from partybuild_cli.reports.figures import Figure
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


def charts(figures: Sequence[Figure]) -> list[Chart]:
    """The charts of a group of figures; one bar alone is no chart."""
    found = [Chart(title, unit, _bars(figures, prefix)) for title, unit, prefix in _FAMILIES]
    found.append(Chart("先锋指数均分", "分", _bars(figures, _INDEX), line=True))
    return [chart for chart in found if len(chart.bars) > 1]


def _bars(figures: Sequence[Figure], prefix: str) -> list[Bar]:
    mine = (one for one in figures if one.id.startswith(prefix) and one.number)
    return [Bar(one.id.removeprefix(prefix), one.number, one.text) for one in mine]
