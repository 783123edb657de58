"""OOXML packages that are unusual, damaged or meant to harm: read, or refused with one sentence, in bounds."""

import struct
import zlib
from pathlib import Path

import pytest
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils import get_column_letter

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.reading import Merge, Sheet, read_book
from partybuild_cli.values.kind import DateCell, ErrorCell, NumberCell
from tests.measured import Spent, reading
from tests.sheets.packages import HEAD, MAIN, SHEET, STRINGS, pack, parts_of, with_sheet


def read_data(tmp_path: Path, data: str, number_format: str = "General") -> Sheet:
    return read_book(with_sheet(tmp_path / "b.xlsx", data, number_format)).sheets[0]


def cost(path: Path, *, seconds: float = 15, mib: float = 600) -> Spent:
    """What reading the file costs, which is within bounds."""
    spent = reading(path)
    assert spent.seconds < seconds
    assert spent.mib < mib
    return spent


DIALECTS = {
    "common": '<sheetData><row r="2" hidden="1"><c r="B2" s="1"><v>2.5</v></c>'
    '<c r="C2" t="e"><v>#N/A</v></c><c r="D2"><f>1+1</f></c><c r="E2" t="str"><f>X</f><v></v></c></row></sheetData>'
    '<mergeCells count="1"><mergeCell ref="B2:C4"/></mergeCells>',
    "prefixed": f'<x:sheetData xmlns:x="{MAIN}"><x:row r="2" hidden="true"><x:c r="B2" s="1"><x:v>2.5</x:v></x:c>'
    '<x:c r="C2" t="e"><x:v>#N/A</x:v></x:c><x:c r="D2"><x:f>1+1</x:f></x:c></x:row></x:sheetData>'
    f'<x:mergeCells xmlns:x="{MAIN}"><x:mergeCell ref="B2:C4"/></x:mergeCells>',
    "no references": '<sheetData><row/><row hidden="1"><c/><c s="1"><v>2.5</v></c><c t="e"><v>#N/A</v></c>'
    '<c><f>1+1</f><v/></c></row></sheetData><mergeCells><mergeCell ref="B2:C4"/></mergeCells>',
    "other order": "<sheetData>\n<row hidden='1' r='2'><c s='1' r='B2'><v>2.5</v></c>"
    "<c t='e' r='C2'><v>#N/A</v></c><!-- - --><c r='D2'><f>1+1</f></c></row></sheetData>"
    "<mergeCells><mergeCell ref='B2:C4'/></mergeCells>",
    "blanks around": '<sheetData><row r="1"><c r="A1" s="1"/><c r="ZZ1" s="1"/></row><row r="2" hidden="1">'
    '<c r="A2" s="1" /><c r="B2" t="n" s="1"><v>2.5</v></c><c r="C2" s="1" t="e"><v>#N/A</v></c>'
    '<c r="D2"><f>1+1</f><v /></c><c r="F2" s="1"/></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    '</sheetData><mergeCells><mergeCell ref="B2:C4"/></mergeCells>',
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_way_to_write_a_sheet_gives_the_same(tmp_path: Path, dialect: str) -> None:
    sheet = read_data(tmp_path, DIALECTS[dialect], "0.00")
    assert sheet.rows == [[], [None, NumberCell(2.5, "2.50"), ErrorCell("#N/A"), ErrorCell("无缓存值")]]
    assert sheet.hidden_rows == {2}
    assert sheet.merges == [Merge(2, 2, 4, 3)]


def test_a_sheet_in_utf_16_is_read(tmp_path: Path) -> None:
    data = f'<?xml version="1.0" encoding="UTF-16"?><worksheet xmlns="{MAIN}"><sheetData><row r="1">'
    data += '<c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row></sheetData></worksheet>'
    path = pack(tmp_path / "b.xlsx", parts_of() | {SHEET: data.encode("utf-16")})
    assert read_book(path).sheets[0].rows == [["姓名"]]


def test_rich_text_loses_its_phonetic_readings_and_escapes(tmp_path: Path) -> None:
    texts = f'<sst xmlns="{MAIN}"><si><r><t>张</t></r><r><t>三</t></r><rPh><t>zhang</t></rPh></si>'
    texts += "<si><t>上_x000D_\n下</t></si></sst>"
    cells = '<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>'
    for number, far in enumerate(("", '<row r="9999"><c r="XFD9999"><v>1</v></c></row>')):
        data = f'<sheetData><row r="1">{cells}</row>{far}</sheetData>'
        path = with_sheet(tmp_path / f"{number}.xlsx", data, **{STRINGS: texts.encode()})
        assert read_book(path).sheets[0].rows[0] == ["张三", "上\n下"]


def test_one_stray_cell_in_the_last_corner_is_read_and_bounded(tmp_path: Path) -> None:
    data = '<sheetData><row r="1"><c r="A1"><v>7</v></c></row>'
    data += '<row r="1048576"><c r="XFD1048576" s="1"><v>46000</v></c></row></sheetData>'
    sheet = read_data(tmp_path, data, "yyyy/m")
    assert sheet.rows[0] == [7]
    assert len(sheet.rows) == 1_048_576
    last = sheet.rows[-1]
    assert isinstance(last[16_383], DateCell)
    assert last[16_383].shown == "month"
    assert cost(tmp_path / "b.xlsx").answer == [1_048_576]


def test_a_cell_that_stands_in_another_row_than_it_names_is_read_where_it_says(tmp_path: Path) -> None:
    data = '<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="XFD9999"><v>2</v></c><c r="B1"><v>3</v></c></row></sheetData>'
    rows = read_data(tmp_path, data).rows
    assert rows[-1][-1] == 2
    assert rows[0] == [1, 3]


def test_rows_that_come_twice_and_cells_in_no_order_are_put_together(tmp_path: Path) -> None:
    data = '<sheetData><row r="2"><c r="C2"><v>3</v></c><c r="A2"><v>1</v></c></row><row r="1"><c r="B1"><v>9</v></c></row>'
    data += '<row r="2"><c r="B2"><v>2</v></c><c r="C2"/></row></sheetData>'
    assert read_data(tmp_path, data).rows == [[None, 9], [1, 2, 3]]


def test_far_cells_in_many_rows_are_refused_with_their_place(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>' for row in range(1, 2000))
    assert "第 16384 列" in cost(with_sheet(tmp_path / "b.xlsx", f"<sheetData>{rows}</sheetData>")).answer


def test_one_row_given_again_and_again_is_refused_in_bounds(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>' * 20_000
    assert "相隔极远" in cost(with_sheet(tmp_path / "b.xlsx", f"<sheetData>{rows}</sheetData>")).answer


@pytest.mark.parametrize("blank", ["<c/>", '<c r="A1" s="0"/>', "<row/>", '<c r="A1"><is><r><t/></r></is></c>'])
def test_a_million_empty_elements_take_no_memory(tmp_path: Path, blank: str) -> None:
    noise = "".join(f"<!--{zlib.crc32(str(n).encode())}{zlib.crc32(str(-n).encode())}-->" for n in range(6_000))
    data = f"<sheetData><row>{noise}{blank * (8_000_000 // len(blank))}</row></sheetData>"
    cost(with_sheet(tmp_path / "b.xlsx", data), mib=100)


def test_a_wrong_dimension_is_not_believed(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in (1, 2, 3))
    data = f'<dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData>'
    assert cost(with_sheet(tmp_path / "b.xlsx", data), seconds=5, mib=100).answer == [3]


def test_a_cell_outside_of_any_sheet_is_damage(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="损坏"):
        read_data(tmp_path, '<sheetData><row r="9999999"><c r="A9999999"><v>1</v></c></row></sheetData>')


def test_macros_and_external_links_are_remarked_on_and_left_alone(tmp_path: Path) -> None:
    extra = {"xl/vbaProject.bin": b"\0", "xl/externalLinks/externalLink1.xml": b"<externalLink/>"}
    found = read_book(pack(tmp_path / "b.xlsm", parts_of() | extra))
    assert found.format == "xlsm"
    assert found.sheets[0].rows == [[1]]
    assert [note[:5] for note in found.notes] == ["文件里有宏", "文件引用了"]


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", STRINGS])
def test_entity_bombs_are_refused(tmp_path: Path, part: str) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]><x>&l9;</x>'
    for encoding in ("utf-8", "utf-16"):
        path = pack(tmp_path / "b.xlsx", parts_of() | {part: bomb.encode(encoding)})
        assert "损坏" in cost(path, seconds=5, mib=100).answer


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    assert "过大" in cost(pack(tmp_path / "b.xlsx", parts_of() | {SHEET: b" " * (80 << 20)}), mib=100).answer


def test_a_zip_that_lies_about_its_sizes_is_damage(tmp_path: Path) -> None:
    path = pack(tmp_path / "b.xlsx", parts_of() | {SHEET: b" " * (8 << 20)})
    honest, false = struct.pack("<I", 8 << 20), struct.pack("<I", 100)
    path.write_bytes(path.read_bytes().replace(honest, false))
    assert "损坏" in cost(path, seconds=5, mib=100).answer


def test_overlapping_parts_are_damage(tmp_path: Path) -> None:
    path = pack(tmp_path / "b.xlsx", parts_of())
    data = bytearray(path.read_bytes())
    second = data.find(b"PK\1\2", data.find(b"PK\1\2") + 1)
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    path.write_bytes(data)
    with pytest.raises(Unfit, match="损坏"):
        read_book(path)


def test_twenty_megabytes_of_shared_strings_are_bounded(tmp_path: Path) -> None:
    pieces = [f"<si><t>{zlib.crc32(str(n).encode()):010d}{n:032d}</t></si>" for n in range(425_000)]
    texts = f'<sst xmlns="{MAIN}">{"".join(pieces)}</sst>'.encode()
    assert len(texts) > 22 << 20
    data = '<sheetData><row r="1"><c r="A1" t="s"><v>424999</v></c></row></sheetData>'
    path = with_sheet(tmp_path / "b.xlsx", data, **{STRINGS: texts})
    assert cost(path, mib=150).answer == [1]


def test_more_cells_than_we_hold_are_refused_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partybuild_cli.sheets.reading.workbook.MAX_CELLS", 1000)
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 1100))
    with pytest.raises(Unfit, match="拆成几个文件"):
        read_data(tmp_path, f"<sheetData>{rows}</sheetData>")


@pytest.mark.parametrize("keep", [4, 30, 500, -200, -10])
def test_a_truncated_file_is_damage(tmp_path: Path, keep: int) -> None:
    path = pack(tmp_path / "b.xlsx", parts_of())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(Unfit, match="损坏"):
        read_book(path)


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ("word/document.xml", "损坏"),
        ("ppt/presentation.xml", "PPT"),
        ("xl/workbook.bin", "xlsb"),
        ("readme.md", "压缩包"),
    ],
)
def test_other_packages_are_named(tmp_path: Path, part: str, word: str) -> None:
    with pytest.raises(Unfit, match=word):
        read_book(pack(tmp_path / "b.xlsx", {part: b"x"}))


def test_missing_parts_are_damage(tmp_path: Path) -> None:
    for missing in ("xl/workbook.xml", SHEET):
        parts = parts_of()
        del parts[missing]
        with pytest.raises(Unfit, match="损坏"):
            read_book(pack(tmp_path / "b.xlsx", parts))


def test_a_workbook_without_styles_or_strings_is_read(tmp_path: Path) -> None:
    parts = parts_of()
    del parts["xl/styles.xml"]
    assert read_book(pack(tmp_path / "b.xlsx", parts)).sheets[0].rows == [[1]]


def test_a_built_in_format_needs_no_code_in_the_file(tmp_path: Path) -> None:
    sheet = read_data(tmp_path, '<sheetData><row r="1"><c r="A1" s="1"><v>0.85</v></c></row></sheetData>', "0%")
    assert BUILTIN_FORMATS[9] == "0%"
    assert sheet.rows == [[NumberCell(0.85, "85%")]]


FAR = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="9999"><c r="XFD9999"><v>2</v></c></row></sheetData>'


@pytest.mark.parametrize(
    "data",
    [
        f"<!-- <sheetData></sheetData> -->{FAR}",
        f"<sheetData/>{FAR}",
        f'<x:sheetData xmlns:x="{MAIN}"/>{FAR}',
        FAR.replace("<c ", "<x:c ").replace("</c>", "</x:c>").replace("<sheetData>", f'<sheetData xmlns:x="{MAIN}">'),
        FAR.replace("<v>2", "<v><![CDATA[2]]>"),
    ],
)
def test_a_far_cell_behind_a_decoy_is_read(tmp_path: Path, data: str) -> None:
    assert read_data(tmp_path, data).rows[-1][-1] == 2


def test_one_sheet_named_a_hundred_thousand_times_is_damage(tmp_path: Path) -> None:
    parts = parts_of()
    workbook = parts["xl/workbook.xml"]
    start, end = workbook.index(b"<sheets>") + 8, workbook.index(b"</sheets>")
    same = parts | {"xl/workbook.xml": workbook[:start] + workbook[start:end] * 100_000 + workbook[end:]}
    assert "损坏" in cost(pack(tmp_path / "one.xlsx", same), mib=300).answer


def test_columns_merged_down_over_half_a_million_rows_are_refused(tmp_path: Path) -> None:
    cells = "".join(f'<c r="{get_column_letter(at)}1"><v>1</v></c>' for at in range(1, 401))
    data = (
        f'<sheetData><row r="1">{cells}</row><row r="500000"><c r="A500000"><v>1</v></c></row></sheetData><mergeCells>'
    )
    merges = "".join(
        f'<mergeCell ref="{get_column_letter(at)}1:{get_column_letter(at)}500000"/>' for at in range(1, 401)
    )
    assert "合并单元格" in cost(with_sheet(tmp_path / "b.xlsx", f"{data}{merges}</mergeCells>"), mib=150).answer


def test_two_sheets_of_one_name_are_each_read_from_their_own_part(tmp_path: Path) -> None:
    parts = parts_of()
    parts["xl/worksheets/sheet2.xml"] = f"{HEAD}{FAR}</worksheet>".encode()
    relations = parts["xl/_rels/workbook.xml.rels"]
    kind = b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"'
    second = b'<Relationship Id="rId9" ' + kind + b' Target="worksheets/sheet2.xml"/></Relationships>'
    parts["xl/_rels/workbook.xml.rels"] = relations.replace(b"</Relationships>", second)
    workbook = parts["xl/workbook.xml"]
    start = workbook.index(b"<sheets>") + 8
    end = workbook.index(b"</sheets>")
    again = workbook[start:end].replace(b"rId1", b"rId9").replace(b'sheetId="1"', b'sheetId="2"')
    parts["xl/workbook.xml"] = workbook[:end] + again + workbook[end:]
    first, other = read_book(pack(tmp_path / "b.xlsx", parts)).sheets
    assert first.rows == [[1]]
    assert other.rows[-1][-1] == 2


def test_part_names_that_two_readers_may_understand_differently_are_damage(tmp_path: Path) -> None:
    for name in ("xl/worksheets/../worksheets/sheet1.xml", "xl//worksheets/sheet1.xml", "XL/worksheets/Sheet1.xml"):
        with pytest.raises(Unfit, match="损坏"):
            read_book(pack(tmp_path / "b.xlsx", parts_of() | {name: b"x"}))


@pytest.mark.parametrize("styles", [f"<numFmts>{'<a/>' * 9_000_000}</numFmts>", '<numFmt numFmtId="1e9"/>'])
def test_styles_beyond_any_workbook_are_refused_in_bounds(tmp_path: Path, styles: str) -> None:
    parts = parts_of() | {"xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'.encode()}
    with pytest.raises(Unfit, match=r"多得不正常|已损坏"):
        read_book(pack(tmp_path / "b.xlsx", parts))
