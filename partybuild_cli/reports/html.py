"""The report as one page for a browser (网页报告): everything inside the file, nothing fetched, prints on A4."""

from html import escape
from pathlib import Path

from partybuild_cli.outputs import BLANK_SEAL, put
from partybuild_cli.reports.charts import charts
from partybuild_cli.reports.figures import Figure
from partybuild_cli.reports.report import Report
from partybuild_cli.reports.svg import draw
from partybuild_cli.values.period import running, spoken

_STYLE = """
@page { size: A4; margin: 16mm 14mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 960px; padding: 24px; color: #222; background: #fff;
  font: 15px/1.6 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimSun", sans-serif; }
h1 { font-size: 24px; margin: 0; border-bottom: 3px solid #b22222; padding-bottom: 8px; }
h2 { font-size: 18px; margin: 28px 0 8px; break-after: avoid; }
.about { color: #666; margin: 6px 0 0; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { border: 1px solid #bbb; padding: 4px 8px; text-align: left; vertical-align: top; }
th { background: #f3e9e9; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
td.value { white-space: nowrap; font-weight: 600; }
td.records { text-align: right; color: #666; }
tr, figure { break-inside: avoid; }
thead { display: table-header-group; }
figure { margin: 14px 0; }
svg { max-width: 100%; height: auto; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
footer { margin-top: 28px; color: #666; font-size: 13px; border-top: 1px solid #ccc; padding-top: 8px; }
@media print { body { padding: 0; max-width: none; font-size: 11pt; } table { font-size: 9.5pt; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page_of(report: Report) -> str:
    """The whole page as text; the same figures give the same page."""
    title = f"{report.unit}{spoken(report.period)}数据报告"
    drawn = "".join(f"<figure>{draw(chart)}</figure>\n" for chart in charts(report))
    groups = "".join(_group(name, figures) for name, figures in report.groups.items())
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1>{escape(title)}</h1>\n<p class="about">统计期间 {report.period.first} 至 {report.period.last}，'
        f"截至 {report.as_of} 的记录{running(report.period, report.as_of)}。</p>\n{groups}"
        + (f"<h2>图表</h2>\n{drawn}" if drawn else "")
        + "<footer>占比写明分子和分母；“余、约、>”是原记录的写法，合计照样注明。</footer>\n</body>\n</html>\n"
        f"<!-- {BLANK_SEAL} -->\n"
    )


def _group(name: str, figures: list[Figure]) -> str:
    rows = "".join(
        f'<tr><td>{escape(one.name)}</td><td class="value">{escape(one.text)}</td>'
        f'<td>{escape(one.definition)}</td><td class="records">{len(one.records)}</td></tr>\n'
        for one in figures
    )
    head = "<thead><tr><th>数据</th><th>数值</th><th>统计口径</th><th>依据记录</th></tr></thead>"
    return f"<h2>{escape(name)}</h2>\n<table>{head}<tbody>\n{rows}</tbody></table>\n"


def write_html(report: Report, path: Path) -> None:
    """Write the page, whole or not at all, readable by its owner. Busy when the disk refuses."""
    put(path, lambda beside: beside.write_bytes(page_of(report).encode()))
