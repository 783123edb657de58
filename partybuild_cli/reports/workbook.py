"""The report as a workbook (数据报告工作簿): figures with their definitions, and charts that a spreadsheet can edit."""

from datetime import datetime, time
from pathlib import Path

from partybuild_cli.reports.charts import charts
from partybuild_cli.reports.report import Report
from partybuild_cli.sheets.writing import Field, Page
from partybuild_cli.sheets.writing.charts import write_charted
from partybuild_cli.values.period import running, spoken

_FIELDS = (
    Field("类别"),
    Field("数据"),
    Field("数值", "center"),
    Field("统计口径", width=48),
    Field("依据记录", "number"),
    Field("标识"),
)


def write_workbook(report: Report, path: Path) -> None:
    """Write the report; the same figures give the same bytes."""
    rows = [
        (group, one.name, one.text, one.definition, one.records, one.id)
        for group, found in report.groups.items()
        for one in found
    ]
    page = Page(
        "数据",
        f"{report.unit}{spoken(report.period)}数据报告",
        _FIELDS,
        rows,
        left=f"单位：{report.unit}",
        right=f"截至：{report.as_of}{running(report.period, report.as_of)}",
        remarks=("占比写明分子和分母；“余、约、>”是原记录的写法，合计照样注明。",),
    )
    write_charted(path, [page], charts(report), created=datetime.combine(report.as_of, time()))
