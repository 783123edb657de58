"""Word files (Word 文档): templates from short layouts, documents from a template and its words, PDF by LibreOffice.

A layout is a text, a line a part of the page. In it, as in Word, `{{ 主题 }}` stands for a word, and between `{%p if … %}` and
`{%p endif %}` (`{%tr` for rows of a table) stands what may be left out:

    # title      ## heading      text      - text that is not indented      > text to the right      --- a new page
    @ 30 50 30 50            the widths of the next table's columns, in millimetres
    | *标签 | 内容 | < | ^80   a row: `*` a label, `<` joined with the cell before, `^` its least height in millimetres
    % if 列席                 … % endif, which become `{%tr` between rows and `{%p` elsewhere
"""

import os
import shutil
import subprocess  # nosec B404: LibreOffice alone is run, with arguments of our own and without a shell
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Sheet
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from partybuild_cli.errors import Busy, NotFound, Unfit, why
from partybuild_cli.outputs import BLANK_SEAL, put, workshop

_LATIN, _TITLE, _HEADING, _BODY = "Times New Roman", "宋体", "黑体", "仿宋"
_TITLE_SIZE, _SIZE, _CELL_SIZE = Pt(20), Pt(16), Pt(12)
_LINE = Pt(28)
_A4, _MARGINS, _WIDTH = (Mm(210), Mm(297)), (Mm(25), Mm(26)), 158
_STAMP = (1980, 1, 1, 0, 0, 0)
#: In a row so high, text begins at the top.
_TALL = Mm(24)
#: So long may LibreOffice take for one document, in seconds.
_PATIENCE = 180
#: What XML cannot hold, and what docxtpl takes for a mark of its own.
_NO_TEXT = dict.fromkeys((*range(9), *range(11, 32), 65534, 65535, *range(55296, 57344)))


def template_of(layout: str) -> bytes:
    """A Word template for A4 paper from a layout."""
    sheet = Document()
    _set_page(sheet)
    table: list[str] = []
    widths: list[int] = []
    new_page = False
    for line in [*layout.splitlines(), ""]:
        if line.startswith("|") or (line.startswith("% ") and table):
            table.append(line)
            continue
        if table:
            _add_table(sheet, table, widths)
            table = []
        if line.startswith("@"):
            widths = [int(part) for part in line[1:].split()]
        elif line == "---":
            new_page = True
        elif line:
            _add_line(sheet, line).paragraph_format.page_break_before = new_page
            new_page = False
    return _packed(sheet)


def _set_page(sheet: Sheet) -> None:
    section = sheet.sections[0]
    section.page_width, section.page_height = _A4
    section.top_margin = section.bottom_margin = _MARGINS[0]
    section.left_margin = section.right_margin = _MARGINS[1]
    normal = sheet.styles["Normal"]
    normal.font.name, normal.font.size = _LATIN, _SIZE
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _BODY)
    for tongue in sheet.styles.element.iter(qn("w:lang")):
        tongue.set(qn("w:eastAsia"), "zh-CN")
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    number = OxmlElement("w:fldSimple")
    number.set(qn("w:instr"), "PAGE")
    foot.add_run().element.addprevious(number)
    told = sheet.core_properties
    told.author, told.comments, told.created, told.modified = "", "", datetime(2000, 1, 1), datetime(2000, 1, 1)


def _add_line(sheet: Sheet, line: str) -> Paragraph:
    paragraph = sheet.add_paragraph()
    if line.startswith("% "):
        _write(paragraph, "{%p " + line[2:] + " %}")
        return paragraph
    mark, _, rest = line.partition(" ")
    known = mark in ("#", "##", "-", ">")
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.AT_LEAST, _LINE
    if mark == "#":
        shape.alignment, shape.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(14)
        _write(paragraph, rest, _TITLE, _TITLE_SIZE, bold=True)
        return paragraph
    if mark == ">":
        shape.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    elif not known:
        shape.first_line_indent = 2 * _SIZE
    _write(paragraph, rest if known else line, _HEADING if mark == "##" else _BODY, _SIZE)
    return paragraph


def _write(paragraph: Paragraph, text: str, font: str = _BODY, size: Pt = _SIZE, bold: bool = False) -> None:
    run = paragraph.add_run(text)
    run.bold, run.font.size, run.font.name = bold, size, _LATIN
    run.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _add_table(sheet: Sheet, lines: Sequence[str], widths: Sequence[int]) -> None:
    rows = [["{%tr " + line[2:] + " %}"] if line[0] == "%" else _cells(line) for line in lines]
    columns = max(map(len, rows))
    widths = widths if len(widths) == columns else [_WIDTH // columns] * columns
    if sheet.paragraphs:
        sheet.paragraphs[-1].paragraph_format.keep_with_next = True
    table = sheet.add_table(len(rows), columns, "Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for number, (line, cells) in enumerate(zip(lines, rows, strict=True)):
        row = table.rows[number]
        row.height = Mm(int(line.rpartition("^")[2]) if "^" in line else 9)
        _fill_row(table, number, [*cells, *["<"] * (columns - len(cells))], widths)


def _cells(line: str) -> list[str]:
    return [part.strip() for part in line.partition("^")[0].strip().strip("|").split("|")]


def _fill_row(table: Table, number: int, cells: Sequence[str], widths: Sequence[int]) -> None:
    starts = [place for place, text in enumerate(cells) if text != "<"]
    for start, end in zip(starts, [*starts[1:], len(cells)], strict=True):
        cell = table.cell(number, start)
        if end - start > 1:
            cell = cell.merge(table.cell(number, end - 1))
        cell.width = Mm(sum(widths[start:end]))
        text, paragraph = cells[start], cell.paragraphs[0]
        if text.startswith("*"):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if text.startswith("*") or (table.rows[number].height or 0) < _TALL:
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        _write(paragraph, text.removeprefix("*"), _HEADING if text.startswith("*") else _BODY, _CELL_SIZE)


def standard(key: str) -> bytes:
    """The template that the program brings along."""
    return template_of(files("partybuild_cli.reports").joinpath("layouts", f"{key}.txt").read_text(encoding="utf8"))


def load_template(key: str, name: str, asked: Path | None, usual: Path) -> tuple[bytes, str]:
    """The template in the folder asked for, else in the usual one, else our own; and what to call it. NotFound, Unfit."""
    if asked is not None and not asked.is_dir():
        raise NotFound(f"没有模板文件夹 {asked}。请先用 partybuild document templates --out {asked} 写出来。")
    path = next(
        (folder / f"{name}.docx" for folder in (asked, usual) if folder and (folder / f"{name}.docx").is_file()), None
    )
    if path is None:
        return standard(key), f"{name}.docx（自带）"
    try:
        return path.read_bytes(), str(path)
    except OSError as fault:
        raise Unfit(f"模板 {path} 读不出来（{why(fault)}），请关上正在用它的程序再试。") from None


def _packed(sheet: Any) -> bytes:
    """The file, with one fixed date on all its parts, so that the same records give the same bytes."""
    made, packed = BytesIO(), BytesIO()
    sheet.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, _STAMP)
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, source.read(name))
    return packed.getvalue()


def written(template: bytes, words: Mapping[str, Any], name: str) -> bytes:
    """A document. Unfit, with what to do, where the template is none, or asks for a word that there is not."""
    terms = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=_plain)
    try:
        made = DocxTemplate(BytesIO(template))
        made.render(words, terms, autoescape=True)
        return _packed(made)
    except UndefinedError as fault:
        unknown = str(fault).split("'")[1] if "'" in str(fault) else str(fault)
        raise Unfit(f"模板 {name} 里的“{unknown}”不是能填的内容，请改成这些之一：{'、'.join(words)}。") from None
    except TemplateError as fault:
        raise Unfit(f"模板 {name} 里的标记写得不完整（{fault}），请检查 {{{{ }}}} 和 {{% %}} 是否成对。") from None
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as fault:
        raise Unfit(
            f"模板 {name} 不是能用的 Word 文档（{type(fault).__name__}），请另存为 .docx，或用 partybuild document templates 重新生成。"
        ) from None


def _plain(value: Any) -> Any:
    """A word as a page may hold it."""
    return value.translate(_NO_TEXT) if isinstance(value, str) and not value.isprintable() else value


def put_document(data: bytes, path: Path) -> None:
    """Write a document, as every file for the clerk is written."""
    put(path, lambda beside: beside.write_bytes(data))


def office_program() -> str:
    """LibreOffice, which makes PDF of documents. NotFound where there is none."""
    office = next(_offices(), None)
    if office is None:
        raise NotFound(
            "这台电脑没有找到 LibreOffice，不能生成 PDF。请去掉 --pdf，用 Word 或 WPS 打开 .docx 另存为 PDF。"
        )
    return office


def put_pdf(data: bytes, path: Path, office: str) -> None:
    """Write the document as PDF. Busy where LibreOffice fails."""
    with workshop(path) as folder:
        source = folder / "document.docx"
        source.write_bytes(data)
        home = f"-env:UserInstallation={(folder.absolute() / 'home').as_uri()}"
        command = [office, home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(source)]
        try:
            subprocess.run(command, capture_output=True, timeout=_PATIENCE, stdin=subprocess.DEVNULL, check=False)  # nosec B603
            made = (folder / "document.pdf").read_bytes()
        except (OSError, subprocess.TimeoutExpired):
            raise Busy(f"LibreOffice 没有把 {path.name} 转成 PDF，.docx 已经写好。请关上 LibreOffice 再试。") from None
        put(path, lambda beside: beside.write_bytes(made.rstrip() + f"\n%{BLANK_SEAL}\n".encode()))


def _offices() -> Iterator[str]:
    """Where LibreOffice may be: on the path, and where its installer puts it on Windows and macOS."""
    yield from filter(None, map(shutil.which, ("soffice", "libreoffice")))
    places = [
        Path(os.environ.get(name, "C:\\"), "LibreOffice", "program", "soffice.exe")
        for name in ("PROGRAMFILES", "PROGRAMFILES(X86)")
    ]
    places.append(Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"))
    yield from (str(place) for place in places if place.is_file())
