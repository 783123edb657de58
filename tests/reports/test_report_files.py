"""The report as a page for a browser and as a workbook with charts."""

import re
import shutil
import subprocess
from zipfile import ZipFile

import pytest

from partybuild_cli.reports.report import draw
from partybuild_cli.sheets.writing.charts import Bar, Chart
from tests.conftest import do


@pytest.fixture
def filled(branch, prepared):
    """A book with enough for charts, and a name that HTML would take for a tag."""
    services = (("2026-07-01", "义诊", "120"), ("2026-08-01", "科普", ">50000"), ("2026-09-01", "义诊", "80"))
    lines = [
        f"service add --kind {kind} --on {day} --title 服务 --member 张三 --people-served {served}"
        for day, kind, served in services
    ]
    lines += ["task add --area <b>方面& --item 一 --responsible 张三 --due-on 2026-09-01"]
    prepared("filled", lambda: do(branch, lines))
    return branch


def _written(cli, tmp_path, suffix):
    path = tmp_path / f"report.{suffix}"
    done = cli("report", "2026Q3", f"--{suffix}", path)
    assert (done.code, done.out) == (0, "")
    assert path.stat().st_mode & 0o777 == 0o600
    return path


def test_the_page_holds_everything_and_fetches_nothing(filled, tmp_path):
    page = _written(filled, tmp_path, "html").read_text(encoding="utf8")
    assert not re.search(r"(?:src|href)\s*=|@import|url\(|<script|<link|<img", page)
    assert "default-src 'none'" in page
    assert "2026年第三季度数据报告</h1>" in page
    assert "&gt;50000 人次" in page
    assert "&lt;b&gt;方面&amp;" in page
    assert page.count("<figure>") == 2
    service, work = page.index("<h2>志愿服务</h2>"), page.index("<h2>作用发挥</h2>")
    assert page.index("<b>3 次</b>志愿服务") < page.index("<h2>")  # a headline
    assert all(
        service < page.index(f'aria-label="{title}') < page.index("<table", service)
        for title in ("志愿服务次数", "服务人次")
    )
    assert page.index("&lt;b&gt;") > work
    assert "@page { size: A4" in page


def test_each_figure_stands_beside_itself_in_the_periods_before(filled, tmp_path):
    page = _written(filled, tmp_path, "html").read_text(encoding="utf8")
    members = page[page.index("<summary>党员</summary>") :].partition("</tr>")[0]
    assert 'aria-label="2025Q4 3 人，2026Q1 3 人，2026Q2 4 人，2026Q3 4 人"' in members
    assert "<small>上期 4 人</small>" in members
    assert "含预备党员" in members.partition("</details>")[0]  # the definition, behind a click on a phone
    served = page[page.index("<summary>志愿服务</summary>") :].partition("</tr>")[0]
    assert "<svg" not in served  # nothing is known of the periods before


def test_a_place_that_is_not_there_is_told_in_chinese(filled, tmp_path):
    done = filled("report", "2026Q3", "--html", tmp_path / "没有" / "a.html")
    assert (done.code, "没有这个位置" in done.err) == (5, True)


def test_same_figures_same_bytes(filled, tmp_path):
    for suffix in ("html", "xlsx"):
        first = _written(filled, tmp_path, suffix).read_bytes()
        assert _written(filled, tmp_path, suffix).read_bytes() == first


def test_the_workbook_has_charts_that_point_at_its_cells(filled, tmp_path):
    with ZipFile(_written(filled, tmp_path, "xlsx")) as book:
        charts = sorted(name for name in book.namelist() if name.startswith("xl/charts/chart"))
        assert len(charts) == 2
        served = next(book.read(name).decode() for name in charts if "服务人次" in book.read(name).decode())
    (cells,) = set(re.findall(r"<c:val><c:numRef><c:f>(.*?)</c:f>", served))
    assert cells == "图表数据!$C$5:$C$6"


def test_the_chart_s_cells_hold_its_numbers(filled, tmp_path):
    from openpyxl import load_workbook

    sheet = load_workbook(_written(filled, tmp_path, "xlsx"))["图表数据"]
    assert [tuple(cell.value for cell in row) for row in sheet["A5:D6"]] == [
        ("服务人次", "义诊", 200, "200 人次"),
        ("服务人次", "科普", 50000, ">50000 人次"),
    ]


def test_a_folder_that_is_not_there_is_refused_in_a_sentence(filled, tmp_path):
    for suffix in ("html", "xlsx"):
        done = filled("report", "2026Q3", f"--{suffix}", tmp_path / "missing" / f"r.{suffix}")
        assert done.code == 5
        assert "无法写入" in done.err


def test_a_browser_prints_the_page_without_the_network(filled, tmp_path):
    browser = next((found for name in ("chromium", "google-chrome", "chrome") if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip("没有安装 Chromium，不能在浏览器里看这一页")
    page, pdf = _written(filled, tmp_path, "html"), tmp_path / "page.pdf"
    quiet = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command = [browser, *quiet, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf.read_bytes())
    assert box is not None
    assert [round(float(side)) for side in box.groups()] == [595, 842]  # A4 upright, in points


def test_a_line_follows_the_quarters():
    bars = [Bar(f"2026Q{number}", number, f"{number} 分") for number in (1, 2, 3)]
    drawn = draw(Chart("先锋指数均分", "分", bars, line=True))
    assert drawn.count("<circle") == 3
    heights = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', drawn)]
    assert heights == sorted(heights, reverse=True)


def test_a_flat_line_is_drawn_too():
    bars = [Bar(f"2026Q{number}", 80, "80 分") for number in (1, 2)]
    assert draw(Chart("先锋指数均分", "分", bars, line=True)).count("<circle") == 2
