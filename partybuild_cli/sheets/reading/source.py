"""The file itself: a snapshot of its bytes, and what kind of content they are (内容为准，不看扩展名)."""

import errno
import stat
from pathlib import Path
from typing import Final, Literal, TypeAlias

from partybuild_cli.errors import NotFound, Unfit
from partybuild_cli.sheets.reading.model import named

Content: TypeAlias = Literal["zip", "cfb", "text"]

MAX_FILE: Final = 256 << 20

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
    (b"II*\0", "图片"),
    (b"MM\0*", "图片"),
    (b"RIFF", "图片"),
    (b"%PDF", "PDF 文件"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"BZh", "压缩包"),
    (b"{\\rtf", "Word 文档"),
    (b"MIME-Version:", "网页"),
    (b"SQLite format 3\0", "数据库"),
)
_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_WEB_TAGS: Final = ("<!doctype html", "<html", "<table", "<head", "<body", "<div", "<meta", "<style")


def snapshot(path: Path) -> bytes:
    """All bytes of the file, read once: a file that is still growing cannot differ between two looks."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise Unfit(f"{named(path)}是一个文件夹，请给出其中的工作簿文件。")
        if not stat.S_ISREG(mode):
            raise Unfit(f"{named(path)}不是普通文件，请给出工作簿文件。")
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except (OSError, ValueError) as fault:
        raise _unreadable(path, fault) from None
    if not data:
        raise Unfit(f"文件{named(path)}是空的（0 字节），请重新下载或另存一份。")
    if len(data) > MAX_FILE:
        raise Unfit(f"文件{named(path)}超过 {MAX_FILE >> 20} MB，请拆成几个文件再导入。")
    return data


def content_of(data: bytes, path: Path) -> Content:
    """Zip package, compound file or text; anything else is refused with its name."""
    if data.startswith((b"PK\3\4", b"PK\5\6")):
        return "zip"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "cfb"
    bom = data.startswith(_BOMS)
    for magic, kind in _MAGIC:
        if data.startswith(magic) and (magic != b"BM" or b"\0" in data[:64]):
            raise refused(path, kind)
    if not bom and b"\0" in data:
        raise Unfit(f"文件{named(path)}不是工作簿，也不是文本，无法读取；请在表格软件里另存为 .xlsx 再导入。")
    _refuse_markup(data, path)
    return "text"


def refused(path: Path, kind: str) -> Unfit:
    """The refusal of a file that is something else under a workbook's name."""
    return Unfit(f"文件{named(path)}的内容是{kind}，不是工作簿；请在表格软件里打开，另存为 .xlsx 再导入。")


def _refuse_markup(data: bytes, path: Path) -> None:
    """Web pages and XML that export programs call .xls."""
    head = data[:4096].replace(b"\0", b"").decode("utf-8", "ignore").lstrip("\ufeff \t\r\n").casefold()
    if head.startswith("<?xml") and "<html" not in head:
        kind = "XML 表格 2003" if "office:spreadsheet" in head or "excel.sheet" in head else "XML 文件"
        raise refused(path, kind)
    if head.startswith(_WEB_TAGS) or (head.startswith("<") and "<html" in head):
        raise refused(path, "网页（HTML）")


def _unreadable(path: Path, fault: OSError | ValueError) -> NotFound | Unfit:
    code = fault.errno if isinstance(fault, OSError) else None
    if code in (errno.ENOENT, errno.ENOTDIR) or code is None:
        return NotFound(f"找不到文件{named(path)}，请检查文件名和所在的文件夹。")
    if code in (errno.EACCES, errno.EPERM):
        return Unfit(f"没有读取文件{named(path)}的权限，请换一个有权限的账号，或把文件复制到自己的文件夹。")
    if code == errno.ELOOP:
        return Unfit(f"{named(path)}是指向自己的链接，打不开，请给出真正的文件。")
    if code == errno.ENAMETOOLONG:
        return NotFound("找不到文件：文件名太长，请检查命令里的文件名。")
    return Unfit(f"读取文件{named(path)}时磁盘或网络盘出错，请把文件复制到本机再试。")
