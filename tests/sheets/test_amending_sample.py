"""The sample of a workbook: its layout stays, and nothing of whoever and whatever stands in it."""

import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment

from partybuild_cli.sheets.amending.sample import write_sample

ID = "119900198001011239"
WORDS = ("骨外二科", "魏长青", "苗若兰", "邱海涛", "滨江", ID, "15400001111", "15400002222")
NUMBERS = ("2013", "2014", "73015", "6222000011112222", "87.65")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Any, Path]:
    """A workbook with people in every corner, and its sample."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "骨外二科魏长青"
    book.properties.creator = book.properties.lastModifiedBy = "苗若兰"
    book.properties.title = book.properties.subject = book.properties.keywords = "骨外二科"
    page["A1"] = "骨外二科党支部2026年志愿服务登记表（填表人：苗若兰 15400001111）"
    page.merge_cells("A1:J1")
    page.append(["序号", "姓名", "工号", "身份证号", "手机", "银行卡", "活动主题", "时间", "时长（小时）", "您的评分"])
    page.append(
        [1, "魏长青", "2013", ID, "15400001111", "6222000011112222", "滨江义诊，魏长青带队", date(2026, 3, 5), 2, 87.65]
    )
    page.append([2, "苗若兰", 2014, ID, 15400002222, None, "魏长青、苗若兰（手术）", "2026.3.6", "3小时", 73015])
    page["H3"].number_format = "yyyy/m/d"
    page["C4"].number_format = "0000"
    page["B3"].comment = Comment("魏长青是组长", "苗若兰")
    ticks = book.create_sheet("签到")
    for row in (
        ["骨外二科党支部签到表"],
        ["会议日期", "会议类型", "魏长青", "苗若兰", "邱海涛15400001111"],
        [date(2026, 3, 5), "党员大会", "√", "√", "○"],
        [date(2026, 4, 5), "党课", "√", "○", "√"],
    ):
        ticks.append(row)
    source, target = tmp_path / "源.xlsx", tmp_path / "样.xlsx"
    book.save(source)
    assert write_sample(source, target, None, datetime(2026, 9, 1)) == 2
    return openpyxl.load_workbook(target), target


def test_nobody_and_no_number_is_left_anywhere_in_the_file(pair: tuple[Any, Path]) -> None:
    with zipfile.ZipFile(pair[1]) as package:
        text = "\n".join(re.sub(r"<[^>]*>", "|", package.read(name).decode()) for name in package.namelist())
        names = "\n".join(re.findall(r'name="([^"]*)"', package.read("xl/workbook.xml").decode()))
    assert [word for word in WORDS if word in text + names] == []
    cells = [str(cell.value) for page in pair[0] for row in page.iter_rows() for cell in row if cell.value is not None]
    assert [said for said in NUMBERS if said in cells] == []


def test_a_staff_number_never_becomes_itself_nor_that_of_another(tmp_path: Path) -> None:
    """Numbers that look like years have few others to become: drawn at random, one in twenty was itself."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    numbers = [str(number) for number in range(2000, 2018)]
    for row in (
        ["姓名", "工号", "所在党支部"],
        *([f"魏长{place}", said, "骨科"] for place, said in enumerate(numbers)),
    ):
        page.append(row)
    book.save(tmp_path / "源.xlsx")
    write_sample(tmp_path / "源.xlsx", tmp_path / "样.xlsx", None, datetime(2026, 9, 1))
    shown = [
        str(row[1].value) for row in openpyxl.load_workbook(tmp_path / "样.xlsx").worksheets[0].iter_rows(min_row=2)
    ]
    assert len(shown) == len(numbers)
    assert not set(shown) & set(numbers)


def test_headings_merges_formats_and_shapes_stay(pair: tuple[Any, Path]) -> None:
    page, ticks = pair[0].worksheets
    assert [str(merge) for merge in page.merged_cells.ranges] == ["A1:J1"]
    headings = ["序号", "姓名", "工号", "身份证号", "手机", "银行卡", "活动主题", "时间", "时长（小时）", "您的评分"]
    assert [cell.value for cell in page[2]] == headings
    assert "党支部2026年志愿服务登记" in page["A1"].value
    first, second = ([cell.value for cell in page[number]] for number in (3, 4))
    assert (first[0], len(first[1]), type(first[2]), len(first[2])) == (1, 3, str, 4)
    assert (type(second[2]), len(str(second[2]))) == (int, 4)
    assert first[3] == second[3]
    assert first[3].startswith("119900")
    assert str(second[4]).startswith("1540")
    assert isinstance(second[4], int)
    assert (first[7].year, page["H3"].number_format.startswith("yyyy")) == (2026, True)
    assert re.fullmatch(r"2026\.\d{1,2}\.\d{1,2}", second[7])
    assert second[8] == "3小时"
    assert first[1] in second[6]
    assert second[6].endswith("（手术）")
    assert [cell.value for cell in ticks[3]][1:] == ["党员大会", "√", "√", "○"]
    assert ticks["C2"].value == first[1]
