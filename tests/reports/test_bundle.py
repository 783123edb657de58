"""The zip for an inspection: every file of the period, and an index that leads to each item's line and ledger."""

import stat
import zipfile

import openpyxl


def test_the_index_leads_to_the_line_and_to_the_ledger(year, tmp_path):
    target = tmp_path / "迎检.zip"
    done = year("bundle", "2026Q3", "--out", target)
    assert (done.code, "先打开其中的 00目录.xlsx" in done.out) == (0, True)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path / "out")
    sheet = openpyxl.load_workbook(tmp_path / "out" / "00目录.xlsx").worksheets[0]
    links = [cell.hyperlink for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert links
    for link in links:
        book = openpyxl.load_workbook(tmp_path / "out" / link.target)
        place, _, cell = link.location.partition("!")
        row = book[place.strip("'")][cell.removeprefix("A")]
        assert row
    first = next(row for row in sheet.iter_rows() if row[3].value == "Z2 支部党员大会每季度召开")
    checked = openpyxl.load_workbook(tmp_path / "out" / first[5].hyperlink.target).worksheets[0]
    line = [cell.value for cell in checked[int(first[5].hyperlink.location.partition("!A")[2])]]
    assert (line[3], line[5]) == ("Z2", "达标")
    behind = openpyxl.load_workbook(tmp_path / "out" / first[6].hyperlink.target).worksheets[0]
    row = [cell.value for cell in behind[int(first[6].hyperlink.location.partition("!A")[2])]]
    assert "第三季度党员大会" in row


def test_same_records_same_bytes_and_a_folder_is_refused(year, tmp_path):
    for name in ("a.zip", "b.zip"):
        year("bundle", "2026Q3", "--out", tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    refused = year("bundle", "2026Q3", "--out", tmp_path)
    assert (refused.code, "是文件夹" in refused.err) == (3, True)
    assert year("bundle").code == 2
