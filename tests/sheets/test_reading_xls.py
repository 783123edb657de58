"""Legacy workbooks and encrypted ones."""

import io
import struct
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile
from xlwt.CompoundDoc import XlsDoc

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.reading import Merge, read_book
from partybuild_cli.values.kind import DateCell, ErrorCell, NumberCell


def write_xls(path: Path) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("党费")
    looks = {code: xlwt.easyxf(num_format_str=code) for code in ("00000", "0.00", "0%", "yyyy-mm-dd", 'yyyy"年"m"月"')}
    sheet.write_merge(0, 0, 0, 3, "党费收缴登记表")
    for column, (value, code) in enumerate([(42, "00000"), (12.5, "0.00"), (13.5, "0.00"), (0.85, "0%")]):
        sheet.write(2, column, value, looks[code])
    sheet.write(3, 0, datetime(2026, 3, 5), looks["yyyy-mm-dd"])
    sheet.write(3, 1, datetime(2026, 3, 5), looks['yyyy"年"m"月"'])
    sheet.write(3, 2, True)
    sheet.write(3, 3, 7)
    sheet.write(4, 3, "末")
    sheet.row(3).hidden = True
    book.add_sheet("藏").visibility = 1
    book.save(str(path))
    return path


def check(path: Path, password: str | None = None) -> None:
    sheet, other = read_book(path, password).sheets
    assert sheet.rows == [
        ["党费收缴登记表"],
        [],
        [NumberCell(42, "00042"), NumberCell(12.5, "12.50"), NumberCell(13.5, "13.50"), NumberCell(0.85, "85%")],
        [DateCell(datetime(2026, 3, 5), "day"), DateCell(datetime(2026, 3, 5), "month"), True, 7],
        [None, None, None, "末"],
    ]
    assert sheet.merges == [Merge(1, 1, 1, 4)]
    assert sheet.hidden_rows == {4}
    assert (sheet.hidden, other.hidden, other.name) == (False, True, "藏")


@pytest.mark.parametrize("name", ["b.xls", "b.et", "b.xlsx"])
def test_a_legacy_workbook_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = write_xls(tmp_path / name)
    check(path)
    assert len(read_book(path).notes) == (1 if name == "b.xlsx" else 0)


def test_errors_and_cached_formulas_of_a_legacy_workbook(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    sheet.row(0).set_cell_error(1, 0x2A)
    sheet.write(0, 0, "x")
    book.save(str(tmp_path / "b.xls"))
    assert read_book(tmp_path / "b.xls").sheets[0].rows == [["x", ErrorCell("#N/A")]]


def test_a_stray_cell_of_a_legacy_sheet_is_read(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    for number in range(3):
        sheet = book.add_sheet(f"表{number}")
        sheet.write(0, 0, "x")
        sheet.write(65_535, 255, "远")
    book.save(str(tmp_path / "b.xls"))
    assert [sheet.rows[-1][-1] for sheet in read_book(tmp_path / "b.xls").sheets] == ["远"] * 3


def test_long_texts_run_over_the_border_of_a_record(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    texts = [f"{number}党员abc" * (number * 7 % 900) or "空" for number in range(60)]
    for row, text in enumerate(texts):
        sheet.write(row, 0, text)
    book.save(str(tmp_path / "b.xls"))
    assert [row[0] for row in read_book(tmp_path / "b.xls").sheets[0].rows] == texts


@pytest.mark.parametrize("value", [0.01, 1.1, -3, 536_870_911, -536_870_912, 1e100, 123_456_789.01, 12_345.67])
def test_packed_numbers(tmp_path: Path, value: float) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    for column in range(3):
        sheet.write(0, column, value)
    book.save(str(tmp_path / "b.xls"))
    assert read_book(tmp_path / "b.xls").sheets[0].rows == [[value] * 3]


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def formula(column: int, result: bytes) -> bytes:
    return record(0x06, struct.pack("<HHH", 0, column, 0) + result + bytes(8))


def begin(kind: int) -> bytes:
    return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 6))


def write_records(path: Path, cells: bytes, around: bytes = b"") -> Path:
    """A legacy workbook of one sheet, record by record; `around` belongs to the workbook as a whole."""
    end, name = record(0x0A, b""), record(0x85, bytes(6) + b"\1\0s")
    offset = len(begin(5) + around + name + end)
    name = record(0x85, struct.pack("<IBB", offset, 0, 0) + b"\1\0s")
    XlsDoc().save(str(path), begin(5) + around + name + end + begin(0x10) + cells + end)
    return path


def test_cached_results_of_formulas(tmp_path: Path) -> None:
    half = "三".encode("utf-16-le")
    cells = formula(0, b"\0\0\0\0\0\0\xff\xff")
    cells += record(0x207, struct.pack("<HB", 2, 1) + "张".encode("utf-16-le")) + record(0x3C, b"\1" + half)
    cells += formula(1, b"\1\0\1\0\0\0\xff\xff") + formula(2, b"\2\0\7\0\0\0\xff\xff")
    cells += formula(3, b"\3\0\0\0\0\0\xff\xff") + formula(4, struct.pack("<d", 2.5))
    cells += begin(0x20) + formula(0, struct.pack("<d", 9)) + record(0x0A, b"")
    path = write_records(tmp_path / "b.xls", cells)
    assert read_book(path).sheets[0].rows == [["张三", True, ErrorCell("#DIV/0!"), None, 2.5]]


def test_macros_and_links_of_a_legacy_workbook_are_told(tmp_path: Path) -> None:
    around = record(0xD3, b"") + record(0x1AE, struct.pack("<HH", 1, 0x401)) + record(0x1AE, bytes(8))
    notes = read_book(write_records(tmp_path / "b.xls", b"", around)).notes
    assert [note[:5] for note in notes] == ["文件里有宏", "文件引用了"]


def test_two_sheets_that_share_their_cells_are_damage(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="损坏"):
        read_book(write_records(tmp_path / "b.xls", b"", record(0x85, bytes(6) + b"\1\0s") * 2))


def test_a_system_of_1904_and_what_the_file_calls_a_built_in_number(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.dates_1904 = True
    sheet = book.add_sheet("s")
    sheet.write(0, 0, 44_538, xlwt.easyxf(num_format_str="yyyy/m"))
    sheet.write(0, 1, 26 / 24, xlwt.easyxf(num_format_str="[h]:mm"))
    book.save(str(tmp_path / "b.xls"))
    found = read_book(tmp_path / "b.xls").sheets[0]
    assert found.rows == [[DateCell(datetime(2025, 12, 9), "month"), "26:00"]]
    assert found.epoch_1904


@pytest.mark.parametrize("keep", [8, 600, 2000, -3000])
def test_a_truncated_legacy_workbook_is_damage(tmp_path: Path, keep: int) -> None:
    path = write_xls(tmp_path / "b.xls")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(Unfit):
        read_book(path)


def write_locked(path: Path, password: str) -> Path:
    book = openpyxl.Workbook()
    book.active["A1"] = "密"
    plain, locked = io.BytesIO(), io.BytesIO()
    book.save(plain)
    OOXMLFile(plain).encrypt(password, locked)
    path.write_bytes(locked.getvalue())
    return path


def test_an_encrypted_workbook_asks_for_its_password(tmp_path: Path) -> None:
    path = write_locked(tmp_path / "b.xlsx", "正确Pass1")
    with pytest.raises(Unfit, match="--password-file"):
        read_book(path)
    with pytest.raises(Unfit, match="密码不对"):
        read_book(path, "wrong")
    found = read_book(path, "正确Pass1")
    assert found.sheets[0].rows == [["密"]]
    assert found.notes == []


def test_a_workbook_only_protected_against_changes_opens(tmp_path: Path) -> None:
    path = write_locked(tmp_path / "b.xlsx", "VelvetSweatshop")
    assert read_book(path).sheets[0].rows == [["密"]]


def test_an_absurd_number_of_hashing_rounds_is_refused(tmp_path: Path) -> None:
    path = write_locked(tmp_path / "b.xlsx", "p")
    data = path.read_bytes()
    assert b'spinCount="100000"' in data
    path.write_bytes(data.replace(b'spinCount="100000"', b'spinCount="9999999"'[:-1].ljust(17, b"9") + b'"'))
    with pytest.raises(Unfit, match="加密设置"):
        read_book(path, "p")


def test_damage_behind_the_encryption_is_refused(tmp_path: Path) -> None:
    path = write_locked(tmp_path / "b.xlsx", "p")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"encryptedKeyValue", b"encryptedKeyVaxxx"))
    with pytest.raises(Unfit, match="加密方式"):
        read_book(path, "p")
