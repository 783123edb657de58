"""Word files (Word 文档): the templates that the program brings along, documents from a template and its words, PDF by LibreOffice.

The templates are Word files, changed in Word or WPS as the clerk changes his own. In them `{{ 主题 }}` stands for a word, and
between `{%p if … %}` and `{%p endif %}` (`{%tr` for rows of a table) stands what may be left out.
"""

import os
import shutil
import subprocess  # nosec B404: LibreOffice alone is run, with arguments of our own and without a shell
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from partybuild_cli.errors import Busy, NotFound, Unfit, why
from partybuild_cli.outputs import BLANK_SEAL, put, workshop

_STAMP = (1980, 1, 1, 0, 0, 0)
#: So long may LibreOffice take for one document, in seconds.
_PATIENCE = 180
#: What XML cannot hold, and what docxtpl takes for a mark of its own.
_NO_TEXT = dict.fromkeys((*range(9), *range(11, 32), 65534, 65535, *range(55296, 57344)))


def standard(key: str) -> bytes:
    return files("partybuild_cli.reports").joinpath("templates", f"{key}.docx").read_bytes()


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


def written(template: bytes, words: Mapping[str, object], name: str) -> bytes:
    """A document. Unfit, with what to do, where the template is none, or asks for a word that there is not."""

    def plain(value: object) -> object:
        return value.translate(_NO_TEXT) if isinstance(value, str) and not value.isprintable() else value

    terms = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=plain)
    try:
        made = DocxTemplate(BytesIO(template))
        made.render(words, terms, autoescape=True)
        drawn, packed = BytesIO(), BytesIO()
        made.save(drawn)
        # One fixed date on all its parts, so that the same records give the same bytes.
        with zipfile.ZipFile(drawn) as source, zipfile.ZipFile(packed, "w") as target:
            for part in source.namelist():
                target.writestr(zipfile.ZipInfo(part, _STAMP), source.read(part), zipfile.ZIP_DEFLATED)
        return packed.getvalue()
    except UndefinedError as fault:
        unknown = str(fault).split("'")[1] if "'" in str(fault) else str(fault)
        raise Unfit(f"模板 {name} 里的“{unknown}”不是能填的内容，请改成这些之一：{'、'.join(words)}。") from None
    except TemplateError as fault:
        raise Unfit(f"模板 {name} 里的标记写得不完整（{fault}），请检查 {{{{ }}}} 和 {{% %}} 是否成对。") from None
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as fault:
        raise Unfit(
            f"模板 {name} 不是能用的 Word 文档（{type(fault).__name__}），请另存为 .docx，或用 partybuild document templates 重新生成。"
        ) from None


def put_document(data: bytes, path: Path) -> None:
    put(path, lambda beside: beside.write_bytes(data))


def office_program() -> str:
    """LibreOffice, which makes PDF of documents: on the path, or where its installer puts it on Windows and macOS. NotFound."""
    roots = (os.environ.get(name, "C:\\") for name in ("PROGRAMFILES", "PROGRAMFILES(X86)"))
    places = [Path(root, "LibreOffice", "program", "soffice.exe") for root in roots]
    places.append(Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"))
    found = [shutil.which(name) for name in ("soffice", "libreoffice")]
    found += [str(path) for path in places if path.is_file()]
    office = next(filter(None, found), None)
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
