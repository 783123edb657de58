"""What readers make of unusual workbooks: `python -m tests.sheets.readers [--write]` prints the table of docs/contributing.md.

Each reader looks in a process of its own, because one of them ends the process on a stray cell.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from partybuild_cli.values.kind import DateCell, ErrorCell, NumberCell
from tests.sheets.packages import HEAD, MAIN, SHEET, STRINGS, pack, parts_of

PAGE = Path(__file__).parents[2] / "docs" / "contributing.md"
MARKS = ("<!-- readers -->\n", "<!-- end -->")
READERS = ("ours", "openpyxl", "calamine")
COLUMNS = "ABCDEFGHIJKL"
HIDDEN = "hidden rows"


@dataclass(frozen=True)
class Kind:
    """One kind of workbook.

    Attributes:
        meant: what the cell (or the list of hidden rows) says to somebody who opens the workbook.
        data: what stands in the sheet's part; a cell alone is put into its row.
        number_format: that of style 1.
        changes: texts to be replaced in every part and in its name.
        strings: the table of texts.
    """

    name: str
    meant: str
    data: str
    cell: str = "A1"
    number_format: str = "General"
    changes: tuple[tuple[str, str], ...] = ()
    strings: str = ""

    def write(self, path: Path) -> None:
        """Write such a workbook."""
        data = self.data
        if data.startswith("<c"):
            data = f'<sheetData><row r="1">{data}</row></sheetData>'
        parts = parts_of(self.number_format) | {SHEET: f"{HEAD}{data}</worksheet>".encode()}
        if self.strings:
            parts[STRINGS] = f'<sst xmlns="{MAIN}">{self.strings}</sst>'.encode()
        parts = {name: content.replace(b" />", b"/>") for name, content in parts.items()}  # with lxml or without
        for old, new in self.changes:
            assert any(old.encode() in content for content in parts.values()), old
            parts = {
                f"/{name}".replace(old, new)[1:]: content.replace(old.encode(), new.encode())
                for name, content in parts.items()
            }
        pack(path, parts)


def number(name: str, value: str, number_format: str, meant: str, *changes: tuple[str, str]) -> Kind:
    """A number in a format."""
    return Kind(name, meant, f'<c r="A1" s="1"><v>{value}</v></c>', number_format=number_format, changes=changes)


ROW = '<row r="1"><c r="A1"><v>7</v></c></row>'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = (
    (MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    (RELATIONS, "http://purl.oclc.org/ooxml/officeDocument/relationships"),
)
STRINGS_TYPE = '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
TEXTS_TYPED = ("</Types>", f"{STRINGS_TYPE}</Types>")
SPEED = "100,000 rows, 6 columns of numbers and 6 of texts"


def speed() -> Kind:
    many = "".join(
        f'<row r="{row}">'
        + "".join(f'<c r="{one}{row}"><v>{row}</v></c>' for one in COLUMNS[:6])
        + "".join(f'<c r="{one}{row}" t="s"><v>{row % 1000}</v></c>' for one in COLUMNS[6:])
        + "</row>"
        for row in range(1, 100_001)
    )
    texts = "".join(f"<si><t>text {number}</t></si>" for number in range(1000))
    return Kind(SPEED, "text 0", f"<sheetData>{many}</sheetData>", "L100000", changes=(TEXTS_TYPED,), strings=texts)


KINDS = (
    Kind("strict OOXML", "7", f"<sheetData>{ROW}</sheetData>", changes=STRICT),
    Kind("prefixed tags", "7", f'<x:sheetData xmlns:x="{MAIN}"><x:row r="1"><x:c r="A1"><x:v>7</x:v></x:c></x:row></x:sheetData>'),
    Kind("cells without references", "7", "<sheetData><row/><row><c/><c><v>7</v></c></row></sheetData>", "B2"),
    Kind("absolute target, a folder of its own", "7", f"<sheetData>{ROW}</sheetData>", changes=(("/xl/worksheets/sheet1", "/data/first"),)),
    Kind("WPS: dimension A1, data to C3", "7", '<dimension ref="A1"/><sheetData><row r="3"><c r="C3"><v>7</v></c></row></sheetData>', "C3"),
    number("1904 date system", "44538", "yyyy-mm-dd", "2025-12-09", ("<workbookPr/>", '<workbookPr date1904="1"/>')),
    Kind('date as text, `t="d"`', "2026-03-05", '<c r="A1" t="d" s="1"><v>2026-03-05T00:00:00Z</v></c>', number_format="yyyy-mm-dd"),
    number("month format", "46086", 'yyyy"年"m"月"', "2026-03"),
    number("weekday format", "46086", "aaaa", "2026-03-05"),
    number("date format, blank made 0", "0", "yyyy-mm-dd", "no day: 00:00"),
    number("duration `[h]:mm`", "1.0833333333333333", "[h]:mm", "26:00"),
    number("duration beyond any calendar", "1e20", "[h]:mm", "100000000000000000000"),
    number("leading zeros", "42", "00000", "00042"),
    Kind("error cell", "#DIV/0!", '<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
    Kind("formula without a value", "无缓存值", '<c r="A1"><f>1+1</f></c>'),
    Kind("hidden row", "[2]", f'<sheetData>{ROW}<row r="2" hidden="1"><c r="A2"><v>8</v></c></row></sheetData>', HIDDEN),
    Kind("`_x000D_` and phonetic readings", "张\\n三", '<c r="A1" t="s"><v>0</v></c>', strings="<si><r><t>张_x000D_三</t></r><rPh sb='0' eb='1'><t>zhang</t></rPh></si>", changes=(TEXTS_TYPED,)),
    Kind("broken styles", "7", f"<sheetData>{ROW}</sheetData>", changes=(('patternType="gray125"', 'patternType="none of these"'),)),
    Kind("broken validations", "7", f'<sheetData>{ROW}</sheetData><dataValidations><dataValidation type="odd" sqref="?"/></dataValidations>'),
    Kind("a stray far cell", "7", f'<sheetData>{ROW}<row r="1048576"><c r="XFD1048576"><v>8</v></c></row></sheetData>'),
    Kind("entity declarations", "refused", f"<sheetData>{ROW}</sheetData>", changes=(("<worksheet", '<!DOCTYPE x [<!ENTITY a "7">]><worksheet'),)),
)  # fmt: skip


def look(reader: str, path: Path, cell: str) -> Any:
    """What a reader says of one cell, or which rows it calls hidden."""
    found = re.fullmatch(r"([A-Z]+)(\d+)", cell)
    row, column = (int(found[2]) - 1, COLUMNS.index(found[1])) if found else (0, 0)
    if reader == "openpyxl":
        from openpyxl import load_workbook

        sheets = load_workbook(path, data_only=True).worksheets
        if not sheets:
            return "no sheet"
        sheet = sheets[0]
        return sheet[cell].value if found else [at for at, one in sheet.row_dimensions.items() if one.hidden]
    if reader == "calamine":
        from python_calamine import load_workbook as load

        rows = load(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
        return rows[row][column] if found and row < len(rows) else None
    from partybuild_cli.sheets.reading import read_book

    ours = read_book(path).sheets[0]
    return ours.rows[row][column] if found else sorted(ours.hidden_rows)


def said(value: Any) -> str:
    """A value as the table shows it."""
    if isinstance(value, DateCell):
        return f"{value.day:%Y-%m-%d}"[: {"day": 10, "month": 7, "year": 4}[value.shown]]
    if isinstance(value, NumberCell | ErrorCell):
        return value.shown if isinstance(value, NumberCell) else value.code
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).removesuffix(" 00:00:00").removesuffix("+00:00").replace("\r", "\\r").replace("\n", "\\n")
    return {"": "nothing", "None": "nothing"}.get(text, text)


def answer(reader: str, path: Path, kind: Kind) -> tuple[str, float]:
    """What the reader says in a process of its own, or how that ends; and its CPU seconds."""
    command = [sys.executable, "-m", "tests.sheets.readers", "--look", reader, str(path), kind.cell]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PAGE.parents[1])
    if done.returncode < 0:
        return "**ends the process**", 0
    if done.returncode:
        faults = re.findall(r"^(?:\w+\.)*(\w+): ", done.stderr, flags=re.MULTILINE)
        return f"fails: {faults[-1]}", 0
    text, seconds = json.loads(done.stdout)
    return text, seconds


def row(kind: Kind, readers: tuple[str, ...] = READERS) -> list[str]:
    """The kind's line of the table: the name, what is meant, and what each reader says where that differs."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "b.xlsx"
        kind.write(path)
        answers = [answer(reader, path, kind) for reader in readers]
    if kind.name == SPEED:
        floor = answers[readers.index("openpyxl")][1]
        return [kind.name, kind.meant, *(f"{seconds / floor:.2f} of openpyxl's time" for _, seconds in answers)]
    meant = kind.meant.rpartition(": ")[2]
    same = ("✓" if text == meant or (meant == "refused" and text.startswith("fails")) else text for text, _ in answers)
    return [kind.name, kind.meant, *same]


def table() -> Iterator[str]:
    """The lines of the table."""
    yield "| kind of workbook | meant | " + " | ".join(READERS) + " |"
    yield "| --- " * (2 + len(READERS)) + "|"
    for kind in (*KINDS, speed()):
        yield f"| {' | '.join(row(kind))} |"


def main(arguments: list[str]) -> int:
    """Print the table, or write it into the page."""
    if arguments[:1] == ["--look"]:
        started = time.process_time()
        text = said(look(arguments[1], Path(arguments[2]), arguments[3]))
        print(json.dumps([text, time.process_time() - started]))
        return 0
    lines = "".join(f"{line}\n" for line in table())
    print(lines, end="")
    if arguments == ["--write"]:
        text = PAGE.read_text(encoding="utf-8")
        before, behind = text.split(MARKS[0])
        PAGE.write_text(f"{before}{MARKS[0]}{lines}{behind[behind.index(MARKS[1]) :]}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
