"""Files that prove something (佐证文件): which kinds are taken, by their content, and the position in a photograph (拍摄位置)."""

import re
import struct
from collections.abc import Iterator
from typing import Final

from partybuild_cli.errors import ValueProblem

MAX_FILE: Final = 64 << 20

#: How the content of each kind begins, and the endings that a file of it may have, the usual one first.
_KINDS: Final[dict[str, tuple[bytes, tuple[str, ...]]]] = {
    "JPEG": (rb"\xff\xd8\xff", ("jpg", "jpeg", "jpe", "jfif")),
    "PNG": (rb"\x89PNG\r\n\x1a\n", ("png",)),
    "GIF": (rb"GIF8[79]a", ("gif",)),
    "BMP": (rb"BM.{4}\0\0\0\0", ("bmp",)),
    "TIFF": (rb"II\*\0|MM\0\*", ("tif", "tiff")),
    "WebP": (rb"RIFF.{4}WEBP", ("webp",)),
    "HEIC": (rb".{4}ftyp(heic|heix|mif1|msf1|heim|heis|hevc)", ("heic", "heif")),
    "PDF": (rb"%PDF-", ("pdf",)),
    "OFD": (rb"PK\x03\x04(?s:.*?)OFD\.xml", ("ofd",)),
    "Office": (rb"PK\x03\x04(?s:.*)(\[Content_Types\]\.xml|mimetypeapplication/vnd\.oasis)", ("docx", "xlsx", "pptx", "odt", "ods")),
    "Office 97": (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ("doc", "xls", "ppt", "wps", "et", "dps")),
}  # fmt: skip
_TAKEN: Final = "图片（jpg、png、heic 等）、PDF、OFD 和 Word、Excel、PPT、WPS 文档"


def kind_of(name: str, data: bytes) -> str:
    """The ending under which the content is kept. ValueProblem where it is of no kind that is taken, or is not what it is called."""
    ending = name.rpartition(".")[2].lower()
    for called, (begins, endings) in _KINDS.items():
        if re.match(begins, data, re.DOTALL):
            if ending not in endings:
                raise ValueProblem(f"扩展名是 .{ending}，内容却是 {called}，请改成 .{endings[0]} 或另存一份")
            return endings[0] if called not in ("Office", "Office 97") else ending
    raise ValueProblem(f"不是可以作佐证的文件，可以用的有：{_TAKEN}")


_EXIF: Final = re.compile(rb"Exif\0\0(?=II\*\0|MM\0\*)")
#: The position in the description that photo programs write beside Exif (XMP).
_XMP: Final = re.compile(rb"""(exif:GPS\w+\s*=\s*["']|<exif:GPS\w+>)([^"'<]+)""")
_POSITION: Final = 0x8825
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}


def has_position(data: bytes) -> bool:
    """Whether a photograph says where it was taken, as far as we can read it."""
    return without_position(data) != data


def without_position(data: bytes) -> bytes:
    """The same picture with zeros in place of where it was taken: not a byte moves, so nothing else is lost."""
    cleaned = bytearray(data)
    starts = [found.end() for found in _EXIF.finditer(data)]
    if data.startswith((b"II*\0", b"MM\0*")):
        starts.append(0)
    if data.startswith(b"\x89PNG"):
        _cut_png(cleaned)
    for start in starts:
        for begin, end in _positions(data, start):
            cleaned[begin:end] = bytes(end - begin)
    for found in _XMP.finditer(data):
        if found[2].strip():
            cleaned[found.start(2) : found.end(2)] = b" " * len(found[2])
    return bytes(cleaned)


def _positions(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """The bytes of the position in one block of Exif: its entries, and the values to which they lead."""
    order = "<" if data[start : start + 1] == b"I" else ">"

    def number(form: str, at: int) -> int:
        return int(struct.unpack_from(order + form, data, at)[0])

    try:
        first = start + number("I", start + 4)
        for entry in range(first + 2, first + 2 + 12 * number("H", first), 12):
            if number("H", entry) != _POSITION:
                continue
            table = start + number("I", entry + 8)
            count = number("H", table)
            for at in range(table + 2, table + 2 + 12 * count, 12):
                size = _SIZES.get(number("H", at + 2), 0) * number("I", at + 4)
                if size > 4:
                    value = start + number("I", at + 8)
                    yield value, min(value + size, len(data))
            yield table, min(table + 2 + 12 * count, len(data))
    except struct.error:
        return  # a block that is cut short leads nowhere


def _cut_png(data: bytearray) -> None:
    """The same within the chunk of a PNG that holds Exif, whose check sum follows."""
    from zlib import crc32

    at = 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"eXIf" and any(data[at + 8 : at + 8 + size]):
            body = b"eXIf" + bytes(data[at + 8 : at + 8 + size])
            cleaned = bytearray(body)
            for begin, end in _positions(body, 4):
                cleaned[begin:end] = bytes(end - begin)
            data[at + 4 : at + 12 + size] = bytes(cleaned) + crc32(bytes(cleaned)).to_bytes(4, "big")
        at += 12 + size
