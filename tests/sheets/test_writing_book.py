"""A written workbook, opened by another library and looked at as an inspector would."""

import hashlib
import os
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import msoffcrypto
import openpyxl
import pytest
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from partybuild_cli.errors import Busy, Unfit
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.sheets.writing import Cell, Field, Page, write_book

CREATED = datetime(2026, 9, 30, 8, 0)
FIELDS = (
    Field("姓名", "center", note="与身份证一致"),
    Field("人员类别", "center", choices=("正式党员", "预备党员")),
    Field("入党日期", "day"),
    Field("学时", "number"),
    Field("党费", "money"),
    Field("备注"),
)
ROWS: tuple[Sequence[Cell], ...] = (
    ("张三", "正式党员", "2006-07", Decimal("4.50"), Decimal("28"), "=1+1"),
    ("李四", "预备党员", "2026-09-30", 3, Decimal("0.205"), "http://example.com"),
)
PAGE = Page(
    name="花名册",
    title="××医院神经内科党支部党员花名册",
    fields=FIELDS,
    rows=ROWS,
    left="填报单位（盖章）：神经内科党支部",
    right="填报日期：2026年9月30日",
    identities=("member:1", "member:2"),
    totals="合计：党员2人。",
    remarks=("说明：党龄自转正之日起算。",),
)


def written(tmp_path: Path, *pages: Page) -> openpyxl.Workbook:
    path = tmp_path / "book.xlsx"
    write_book(path, pages, created=CREATED)
    return openpyxl.load_workbook(path)


def sheet_of(tmp_path: Path, page: Page) -> Worksheet:
    sheet = written(tmp_path, page).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def merged(sheet: Worksheet) -> set[str]:
    return {str(area) for area in sheet.merged_cells.ranges}


def texts(sheet: Worksheet, row: int) -> list[object]:
    return [cell.value for cell in sheet[row]]


def test_ledger_reads_from_title_to_signatures(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, PAGE)
    assert sheet["A1"].value == PAGE.title
    assert sheet["A2"].value == PAGE.left
    assert PAGE.right in texts(sheet, 2)
    assert texts(sheet, 3) == ["序号", *(field.heading for field in FIELDS), "系统标识（勿改）"]
    assert texts(sheet, 4) == [1, "张三", "正式党员", "2006-07", 4.5, 28, "=1+1", "member:1"]
    assert sheet["A6"].value == "合计：党员2人。"
    assert sheet["A7"].value == "说明：党龄自转正之日起算。"
    assert re.split(" {4,}", str(sheet["A8"].value)) == list(PAGE.footer)


@pytest.mark.parametrize(
    ("columns", "width", "shown"),
    [
        (8, 12.0, [(8, "A", "甲签字："), (8, "D", "乙签字："), (8, "G", "日期：")]),
        (2, 20.0, [(8, "A", "甲签字：      乙签字：      日期：")]),
        (1, 12.0, [(8, "A", "甲签字："), (9, "A", "乙签字："), (10, "A", "日期：")]),
    ],
)
def test_signatures_stand_side_by_side_where_there_is_room(
    tmp_path: Path, columns: int, width: float, shown: list[tuple[int, str, str]]
) -> None:
    fields = [Field("列", width=width)] * columns
    page = Page("p", "t", fields, [(None,) * columns] * 5, footer=("甲签字：", "乙签字：", "日期："))
    sheet = sheet_of(tmp_path, page)
    cells = [cell for row in sheet.iter_rows(min_row=8) for cell in row if cell.value]
    assert [(cell.row, cell.column_letter, cell.value) for cell in cells] == shown


@pytest.mark.parametrize(
    ("left", "right", "shown", "areas"),
    [
        ("左", "右", ["左", None, None, None, None, None, "右"], {"A2:F2"}),
        ("左", "", ["左", *[None] * 6], {"A2:G2"}),
        ("", "右" * 10, [*[None] * 6, "右" * 10], {"A2:F2"}),
        ("左" * 30, "右" * 10, ["左" * 30 + "    " + "右" * 10, *[None] * 6], {"A2:G2"}),
        ("左", "右" * 60, ["左    " + "右" * 60, *[None] * 6], {"A2:G2"}),
    ],
)
def test_unit_and_period_share_a_row(
    tmp_path: Path, left: str, right: str, shown: list[object], areas: set[str]
) -> None:
    sheet = sheet_of(tmp_path, PAGE._replace(left=left, right=right))
    assert texts(sheet, 2)[:7] == shown
    assert {area for area in merged(sheet) if area.startswith("A2")} == areas


def test_titles_and_sentences_span_the_visible_columns_only(tmp_path: Path) -> None:
    assert {"A1:G1", "A6:G6", "A7:G7"} <= merged(sheet_of(tmp_path, PAGE))


def test_page_is_set_up_for_printing(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, PAGE)
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9
    assert sheet.sheet_properties.pageSetUpPr == PageSetupProperties(fitToPage=True)
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.freeze_panes == "A4"
    assert sheet.oddFooter is not None
    assert sheet.oddFooter.center.text == "第&P页 共&N页"


def test_dress_is_bordered_chinese_and_wrapped(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, PAGE)
    title, heading, cell = sheet["A1"], sheet["B3"], sheet["G4"]
    assert (title.font.sz, title.font.b, title.alignment.horizontal) == (18, True, "center")
    assert heading.font.b
    assert heading.fill.fill_type == "solid"
    assert (cell.font.name, cell.font.sz, cell.font.scheme) == ("宋体", 10.5, None)
    assert {cell.border.left.style, cell.border.bottom.style, heading.border.top.style} == {"thin"}
    assert cell.alignment.wrap_text


def test_text_never_runs_and_never_links(tmp_path: Path) -> None:
    formulas = ("=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "http://example.com", "internal:A1", "1e5")
    page = Page("p", "=标题", [Field("=列")], [(text,) for text in formulas], left="=左", identities=formulas)
    sheet = sheet_of(tmp_path, page)
    for row, text in enumerate(formulas, 4):
        for cell in (sheet.cell(row, 2), sheet.cell(row, 3)):
            assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        xml = book.read("xl/worksheets/sheet1.xml").decode()
    assert not re.search(r"<f[ >]|<hyperlink", xml)


def test_text_that_looks_like_markup_stays_text(tmp_path: Path) -> None:
    text = '<r><t>甲</t></r><c r="Z9"><f>1+1</f></c><r>&amp;</r>'
    assert sheet_of(tmp_path, Page("p", "t", [Field("列")], [(text,)]))["B3"].value == text


@pytest.mark.parametrize(
    ("style", "value", "kept", "shown"),
    [
        ("number", Decimal("4.50"), 4.5, "0.00"),
        ("number", Decimal("7"), 7, "0"),
        ("number", 12, 12, "0"),
        ("money", Decimal("28"), 28, "0.00"),
        ("money", Decimal("0.205"), 0.205, "0.000"),
        ("number", 119900198503120011, "119900198503120011", "@"),
        ("number", Decimal("1234567890.1234567"), "1234567890.1234567", "@"),
        ("number", "10余次", "10余次", "@"),
    ],
)
def test_numbers_keep_their_places_and_never_lose_a_digit(
    tmp_path: Path, style: str, value: Cell, kept: object, shown: str
) -> None:
    field = Field("数")._replace(style=style)  # type: ignore[arg-type]
    cell = sheet_of(tmp_path, Page("p", "t", [field], [(value,)]))["B3"]
    assert (cell.value, cell.number_format) == (kept, shown)


def test_blank_cells_keep_their_borders(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, Page("p", "t", [Field("甲"), Field("乙")], [(None, "")]))
    assert [cell.value for cell in sheet[3]] == [1, None, None]
    assert {cell.border.right.style for cell in sheet[3]} == {"thin"}


def test_identity_column_is_hidden(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, PAGE)
    assert sheet.column_dimensions["H"].hidden
    assert not sheet.column_dimensions["G"].hidden


def test_rows_without_identity_are_not_dropped_in_silence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shorter"):
        write_book(tmp_path / "b.xlsx", [PAGE._replace(identities=("member:1",))], created=CREATED)


def test_drop_downs_stand_on_the_rows_and_notes_on_the_heading(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, PAGE)
    [rule] = sheet.data_validations.dataValidation
    assert (str(rule.sqref), rule.type, rule.formula1) == ("C4:C5", "list", '"正式党员,预备党员"')
    assert sheet["B3"].comment is not None
    assert sheet["B3"].comment.text == "与身份证一致"


def test_every_ledgers_choices_fit_into_a_rule() -> None:
    for record in all_records():
        for column in record.columns.values():
            assert len(",".join(column.kind.words).encode("utf-16-le")) // 2 <= 255
            assert not any(set(',"').intersection(word) for word in column.kind.words)


def test_totals_stand_under_their_fields(tmp_path: Path) -> None:
    page = PAGE._replace(totals=(None, "2人", None, Decimal("7.50"), Decimal("28.20"), None))
    sheet = sheet_of(tmp_path, page)
    assert [cell.value for cell in sheet[6]][:7] == ["合计", None, "2人", None, 7.5, 28.2, None]
    assert sheet["E6"].font.b


def test_plain_page_has_neither_serial_numbers_nor_signatures(tmp_path: Path) -> None:
    page = Page("索引", "索引", [Field("项目"), Field("数", "number")], [("甲", 1)], serial=False, footer=())
    rows = [tuple(cell.value for cell in row) for row in sheet_of(tmp_path, page).iter_rows()]
    assert rows == [("索引", None), ("项目", "数"), ("甲", 1)]


def test_empty_ledger_and_ledger_of_one_column_are_whole(tmp_path: Path) -> None:
    narrow = Page("q", "题", [Field("列")], serial=False, footer=())
    book = written(tmp_path, PAGE._replace(rows=(), identities=()), narrow)
    assert not book["花名册"].data_validations.dataValidation
    assert book["花名册"]["A4"].value == "合计：党员2人。"
    assert book["q"].max_column == 1


def test_long_text_gets_a_row_high_enough(tmp_path: Path) -> None:
    fields = [Field("短", width=10), Field("长", width=20.7)]
    rows = [("甲", "字" * 10), ("甲", "字" * 11), ("甲", "一\n二\n三"), ("甲", "字" * 10_000)]
    sheet = sheet_of(tmp_path, Page("p", "t", fields, rows))
    heights = [sheet.row_dimensions[row].height for row in range(3, 7)]
    assert heights == [21, 36, 51, 408.75]


def test_sheet_names_are_made_legal_and_unique(tmp_path: Path) -> None:
    names = ["指标[1]:*?/\\", "a" * 40, "A" * 40, "'引'", "", "history"]
    book = written(tmp_path, *(Page(name, "t", [Field("列")]) for name in names))
    assert book.sheetnames == ["指标-1------", "a" * 31, "A" * 28 + "（2）", "引", "台账", "history-"]


SCRIPT = """
import sys
sys.path[:0] = sys.argv[1:3]
from pathlib import Path
from test_writing_book import CREATED, PAGE, write_book
write_book(Path(sys.argv[3]), [PAGE, PAGE], created=CREATED)
"""


def test_same_pages_give_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    here, root = Path(__file__).parent, Path(__file__).parents[2]
    digests = set()
    for name, seed in (("a.xlsx", "1"), ("b.xlsx", "2")):
        command = [sys.executable, "-c", SCRIPT, str(here), str(root), str(tmp_path / name)]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": seed})
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


@pytest.mark.parametrize("moment", [CREATED, datetime(2026, 9, 30, 16, 0, tzinfo=timezone(timedelta(hours=8)))])
def test_the_moment_of_making_is_the_callers(tmp_path: Path, moment: datetime) -> None:
    write_book(tmp_path / "b.xlsx", [PAGE], created=moment)
    properties = openpyxl.load_workbook(tmp_path / "b.xlsx").properties
    assert properties.created == properties.modified == CREATED


def test_password_locks_the_book_and_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "locked.xlsx"
    write_book(path, [PAGE], created=CREATED, password="暗号1")
    assert not zipfile.is_zipfile(path)
    opened = BytesIO()
    with path.open("rb") as locked:
        office = msoffcrypto.OfficeFile(locked)
        office.load_key(password="暗号1")
        office.decrypt(opened)
    assert openpyxl.load_workbook(opened)["花名册"]["B4"].value == "张三"


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
@pytest.mark.parametrize("password", [None, "x"])
def test_file_is_its_owners_alone(tmp_path: Path, password: str | None) -> None:
    path = tmp_path / "b.xlsx"
    write_book(path, [PAGE], created=CREATED, password=password)
    path.chmod(0o644)
    write_book(path, [PAGE], created=CREATED, password=password)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def failing_rows() -> Iterator[Sequence[Cell]]:
    for number in range(500):
        yield (*ROWS[0][:-1], f"第{number}行")
    raise RuntimeError("the source broke")


@pytest.mark.parametrize("password", [None, "x"])
def test_failure_leaves_the_target_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str | None
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    path = tmp_path / "b.xlsx"
    write_book(path, [PAGE], created=CREATED, password=password)
    old = path.read_bytes()
    page = PAGE._replace(rows=failing_rows(), identities=None)
    with pytest.raises(RuntimeError, match="the source broke"):
        write_book(path, [page], created=CREATED, password=password)
    assert path.read_bytes() == old
    assert {entry.name for entry in tmp_path.iterdir()} == {"b.xlsx", "scratch"}
    assert list(scratch.iterdir()) == []


def test_nothing_is_left_beside_a_finished_book(tmp_path: Path) -> None:
    written(tmp_path, PAGE)
    assert [entry.name for entry in tmp_path.iterdir()] == ["book.xlsx"]


@pytest.mark.parametrize(("target", "said"), [("nowhere/b.xlsx", "无法写入"), ("folder", "是文件夹，没有覆盖它")])
def test_a_place_that_cannot_be_written_is_said_in_chinese(tmp_path: Path, target: str, said: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises((Busy, Unfit), match=said):
        write_book(tmp_path / target, [PAGE], created=CREATED)
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_text_too_long_for_a_cell_is_refused_and_not_cut(tmp_path: Path) -> None:
    fits = Page("p", "t", [Field("列")], [("𠮷" * 16_383,)])
    assert sheet_of(tmp_path, fits)["B3"].value == "𠮷" * 16_383
    with pytest.raises(Unfit, match="第3行有一格文字超过 32767 个字符"):
        write_book(tmp_path / "b.xlsx", [fits._replace(rows=[("𠮷" * 16_384,)])], created=CREATED)


def test_a_second_workbook_of_one_process_has_the_same_bytes(tmp_path: Path) -> None:
    page = Page(name="表", title="台账", fields=[Field("姓名")], rows=[["张三"]])
    for name in ("a.xlsx", "b.xlsx"):
        write_book(tmp_path / name, [page], created=datetime(2026, 9, 30))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_an_upright_page_fits_one_sheet_of_paper_and_opens_with_its_sentence(tmp_path: Path) -> None:
    page = PAGE._replace(opening="现予以公示，如有异议请向支部反映。", upright=True, identities=None)
    sheet = sheet_of(tmp_path, page)
    assert sheet.page_setup.orientation == "portrait"
    assert sheet.page_setup.fitToHeight in (None, 1), "one page, which is what a workbook means that does not say"
    assert [sheet.cell(row, 1).value for row in (1, 3, 4)] == [PAGE.title, page.opening, "序号"]
    many = sheet_of(tmp_path, page._replace(rows=ROWS * 40))
    assert many.page_setup.fitToHeight == 0, "eighty rows on one page cannot be read"


def test_a_ledger_filters_with_its_identities_and_keeps_the_name_in_view(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, PAGE._replace(still=1))
    assert sheet.freeze_panes == "C4", "the serial number and the name"
    assert sheet.auto_filter.ref == "A3:H5", "the hidden column is sorted with its row; the totals row stays below"
    assert sheet_of(tmp_path, PAGE).auto_filter.ref is None
