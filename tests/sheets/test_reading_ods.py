"""OpenDocument spreadsheets."""

import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.reading import Merge, Sheet, read_book
from partybuild_cli.values.kind import DateCell, ErrorCell, NumberCell
from tests.measured import reading

SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
MIME = "application/vnd.oasis.opendocument.spreadsheet"


def write(path: Path, tables: str, styles: str = "", **more: str) -> Path:
    content = f"<office:document-content {SPACES} {CALC}><office:automatic-styles>{styles}</office:automatic-styles>"
    content += f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in {"mimetype": MIME, "content.xml": content, **more}.items():
            package.writestr(name, text)
    return path


def read_cells(tmp_path: Path, cells: str) -> Sheet:
    rows = f"<table:table-row>{cells}</table:table-row>"
    return read_book(write(tmp_path / "b.ods", f'<table:table table:name="表">{rows}</table:table>')).sheets[0]


def number(value: str, text: str, kind: str = "float") -> str:
    return f'<table:table-cell office:value-type="{kind}" office:value="{value}"><text:p>{text}</text:p></table:table-cell>'


def day(value: str, text: str) -> str:
    return (
        f'<table:table-cell office:value-type="date" office:date-value="{value}">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def test_values_and_their_looks(tmp_path: Path) -> None:
    cells = (
        number("42", "00042")
        + number("12.5", "12.50")
        + number("0.85", "85%", "percentage")
        + number("7", "7")
        + number("1", "TRUE")
    )
    cells += day("2026-03-05", "2026-03-05") + day("2026-03-05", "2026年3月") + day("2026-03-05", "2026")
    cells += day("2026-09-05T14:30:00", "2026/9/5 14:30") + day("2026-03-05", "3月5日")
    moment = datetime(2026, 3, 5)
    assert read_cells(tmp_path, cells).rows == [
        [
            *(NumberCell(42, "00042"), NumberCell(12.5, "12.50"), NumberCell(0.85, "85%"), 7, True),
            *(DateCell(moment, "day"), DateCell(moment, "month"), DateCell(moment, "year")),
            *(DateCell(datetime(2026, 9, 5, 14, 30), "day"), DateCell(moment, "day")),
        ]
    ]


def test_texts_booleans_errors_and_formulas(tmp_path: Path) -> None:
    cells = '<table:table-cell office:value-type="string"><office:annotation><text:p>批注</text:p></office:annotation>'
    cells += "<text:p>张<text:s text:c='2'/>三<text:line-break/>下</text:p><text:p><text:span>末</text:span></text:p>"
    cells += '</table:table-cell><table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
    cells += '<table:table-cell table:formula="of:=1/0" office:value-type="string" calcext:value-type="error">'
    cells += '<text:p>#DIV/0!</text:p></table:table-cell><table:table-cell table:formula="of:=1+1"/>'
    assert read_cells(tmp_path, cells).rows == [["张  三\n下\n末", True, ErrorCell("#DIV/0!"), ErrorCell("无缓存值")]]


def test_repeats_merges_and_hidden_things(tmp_path: Path) -> None:
    styles = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    table = '<table:table table:name="表"><table:table-row table:number-rows-repeated="2">'
    table += '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    table += '<table:table-row table:visibility="collapse"><table:table-cell table:number-columns-repeated="2" '
    table += 'office:value-type="string"><text:p>同</text:p></table:table-cell><table:table-cell '
    table += 'table:number-columns-spanned="2" table:number-rows-spanned="3"><text:p>并</text:p></table:table-cell>'
    table += '<table:covered-table-cell/></table:table-row><table:table-row table:number-rows-repeated="1048573">'
    table += '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
    hidden = '<table:table table:name="藏" table:style-name="ta2"><table:table-row/></table:table>'
    shown, other = read_book(write(tmp_path / "b.ods", table + hidden, styles)).sheets
    assert shown.rows == [[], [], ["同", "同", "并"]]
    assert shown.merges == [Merge(3, 3, 5, 4)]
    assert shown.hidden_rows == {3}
    assert (shown.hidden, other.hidden, other.name) == (False, True, "藏")


@pytest.mark.parametrize(("rows", "columns"), [(1_048_576, 16_384), (1, 99_999), (-1, 1)])
def test_absurd_repeats_are_refused(tmp_path: Path, rows: int, columns: int) -> None:
    table = f'<table:table table:name="表"><table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
    table += f'table:number-columns-repeated="{columns}"><text:p>x</text:p></table:table-cell></table:table-row>'
    with pytest.raises(Unfit):
        read_book(write(tmp_path / "b.ods", f"{table}</table:table>"))


def test_a_document_of_another_library(tmp_path: Path) -> None:
    document = OpenDocumentSpreadsheet()
    table = Table(name="花名册")
    row = TableRow()
    for text in ("姓名", "学时"):
        cell = TableCell(valuetype="string")
        cell.addElement(P(text=text))
        row.addElement(cell)
    table.addElement(row)
    document.spreadsheet.addElement(table)
    document.save(str(tmp_path / "b.ods"))
    found = read_book(tmp_path / "b.ods")
    assert (found.format, found.notes) == ("ods", [])
    assert (found.sheets[0].name, found.sheets[0].rows) == ("花名册", [["姓名", "学时"]])


def test_encryption_macros_and_other_documents(tmp_path: Path) -> None:
    table = '<table:table table:name="表"/>'
    locked = {"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"}
    with pytest.raises(Unfit, match="密码"):
        read_book(write(tmp_path / "a.ods", table, **locked))
    with pytest.raises(Unfit, match="别的文档"):
        read_book(write(tmp_path / "b.ods", table, mimetype="application/vnd.oasis.opendocument.text"))
    found = read_book(write(tmp_path / "c.ods", table, **{"Basic/Standard/Module1.xml": "<x/>"}))
    assert [note[:5] for note in found.notes] == ["文件里有宏"]


def test_groups_of_rows_nested_tables_and_drawings(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p>{}</table:table-cell>'
    inner = f"<table:table><table:table-row>{cell.format('内', '')}</table:table-row></table:table>"
    box = "<draw:frame xmlns:draw='urn:oasis:names:tc:opendocument:xmlns:drawing:1.0'><text:p>图</text:p></draw:frame>"
    rows = f"<table:table-header-rows><table:table-row>{cell.format('姓名', inner)}</table:table-row></table:table-header-rows>"
    rows += f"<table:table-row-group><table:table-row>{cell.format('张<text:tab/><text:span>三</text:span>末', box)}"
    rows += "</table:table-row></table:table-row-group>"
    sheet = read_book(write(tmp_path / "b.ods", f'<table:table table:name="表">{rows}</table:table>')).sheets
    assert [one.rows for one in sheet] == [[["姓名"], ["张\t三末"]]]


FILLED = '<table:table-cell office:value-type="string"><text:p>同</text:p></table:table-cell>'
SPACES_SIGN = '<text:s text:c="99999"/>'
HOSTILE = {
    "elements in a row": (f"<table:table-row>{'<table:table-cell/>' * 400_000}</table:table-row>", "损坏"),
    "elements in a cell": (
        f"<table:table-row><table:table-cell>{'<text:p/>' * 800_000}</table:table-cell></table:table-row>",
        "损坏",
    ),
    "empty rows": ("<table:table-row/>" * 400_000, [0]),
    "other elements": ("<table:x/>" * 600_000, [0]),
    "spaces": (
        f"<table:table-row><table:table-cell><text:p>{SPACES_SIGN * 100_000}</text:p></table:table-cell></table:table-row>",
        [1],
    ),
    "filled cells in a row": (f"<table:table-row>{FILLED * 20_000}</table:table-row>", "损坏"),
    "equal rows": (f'<table:table-row table:number-rows-repeated="200000">{FILLED * 12}</table:table-row>', [200_000]),
    "too many equal rows": (
        f'<table:table-row table:number-rows-repeated="300000">{FILLED * 12}</table:table-row>',
        "300 万",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_small_files_that_ask_for_much_are_bounded(tmp_path: Path, kind: str) -> None:
    rows, answer = HOSTILE[kind]
    spent = reading(write(tmp_path / "b.ods", f'<table:table table:name="表">{rows}</table:table>'))
    assert spent.answer == answer if isinstance(answer, list) else answer in spent.answer
    assert spent.seconds < 15
    assert spent.mib < 150


def test_a_hundred_thousand_sheets_are_refused(tmp_path: Path) -> None:
    spent = reading(write(tmp_path / "b.ods", '<table:table table:name="表"/>' * 100_000))
    assert "工作表超过 1000 张" in spent.answer
    assert spent.mib < 200
