"""Terminals of 80 and of 60 columns: nothing that belongs together is broken."""

import re
import sys

import pytest
from rich.cells import cell_len

from partybuild_cli.cli import screen
from partybuild_cli.values.text import display_width

HEADINGS = ["名次", "姓名", "党支部", "指数", "档次", "A", "B", "C", "D", "E", "走势", "无数据"]
LINE = ["1", "施雨桐", "药学部党支部", "89.9", "良", "17.0", "25.0", "18.3", "14.0", "6.0", "▁▇", ""]
MEETING = ["22", "2026-09-03", "支部党员大会", "第三季度工作小结", "呼吸内科党支部", "16", "14"]


@pytest.fixture
def printed(monkeypatch, capsys):
    """What a table looks like on a terminal of so many columns."""

    def call(width, headings, line):
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        assert screen.rows(headings, [line, line], "标题", right=("名次", "指数")) == 2
        return re.sub("\x1b\\[[0-9;]*m", "", capsys.readouterr().out)

    return call


@pytest.mark.parametrize(
    ("width", "headings", "line"), [(80, HEADINGS, LINE), (60, HEADINGS, LINE), (60, ["甲"] * 7, MEETING)]
)
def test_short_cells_stay_whole(printed, width, headings, line):
    page = printed(width, headings, line)
    assert all(cell in page for cell in line if display_width(cell) <= 10)
    lines = page.splitlines()
    assert max(map(cell_len, lines)) <= width or "名次：1　姓名：施雨桐" in page


def test_what_does_not_fit_beside_each_other_is_written_one_after_another(printed):
    assert "名次：1　姓名：施雨桐　党支部：药学部党支部　指数：89.9" in printed(60, HEADINGS, LINE)
    assert "名次：1" not in printed(80, HEADINGS, LINE)


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("words", [("import",), ("meeting", "add"), ("index", "object"), ("log",)])
def test_help_is_not_cut_off(cli, monkeypatch, width, words):
    monkeypatch.setenv("COLUMNS", str(width))
    page = cli(*words, "--help").out.partition("\n例\n")[0]  # a line to be pasted is not broken
    assert "…\n" not in page.replace("命令 …\n", "").replace("文件…\n", "")
    assert max(map(display_width, page.splitlines()[1:])) <= width
    if words == ("import",):
        assert "改好后可直接导入" in "".join(page.split())
