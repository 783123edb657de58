"""A zip package (xlsx, ods, docx) whose sizes are checked against what really comes out, and its XML: unpacked once, bounded."""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from typing import Final
from xml.etree.ElementTree import Element, ParseError, fromstring  # nosec B405
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from partybuild_cli.sheets.reading.workbook import Broken, Refused

MAX_UNPACKED: Final = 512 << 20
MAX_RATIO: Final = 200
RATIO_FROM: Final = 50 << 20
MAX_PARTS: Final = 10_000
MAX_TREE: Final = 32 << 20
CHUNK: Final = 1 << 20

_CROOKED = re.compile(r"(?:^|/)\.{0,2}/")
_LOCAL_HEADER: Final = 30
_FAULTS: Final = (BadZipFile, NotImplementedError, ValueError, OSError)
_XML_ENDS: Final = (".xml", ".rels")


class Package:
    """The parts of a zip package by name; leading slashes and case do not matter."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = ZipFile(BytesIO(data))
        except _FAULTS as fault:
            raise Broken("zip") from fault
        infos = self._zip.infolist()
        if len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_UNPACKED:
            raise _bomb()
        self._parts = {_key(info.filename): info for info in infos}
        if len(self._parts) < len(infos) or any(_CROOKED.search(name) for name in self._parts):
            raise Broken("two parts of one name, or a name that two readers may understand differently")
        for zip_info, two in pairwise(sorted(infos, key=lambda info: info.header_offset)):
            if zip_info.header_offset + _LOCAL_HEADER + zip_info.compress_size > two.header_offset:
                raise Broken("overlapping parts, which is how a small zip claims to be a huge one")

    def names(self) -> list[str]:
        return list(self._parts)

    def has(self, name: str) -> bool:
        return _key(name) in self._parts

    def verify(self) -> None:
        """Unpack every XML part once: sizes as declared, ratios in bounds, no entity declarations."""
        for name in self._parts:
            if name.endswith(_XML_ENDS):
                tail = b""
                for chunk in self.chunks(name):
                    if b"<!ENTITY" in (tail + chunk).replace(b"\0", b""):  # of UTF-16 every second byte is none
                        raise Broken("entity declaration")
                    tail = chunk[-16:]

    def read(self, name: str) -> bytes:
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """One part in pieces of at most `CHUNK` bytes; Broken where it is not what the directory says."""
        info = self._parts.get(_key(name))
        if info is None:
            raise Broken(f"no part {name}")
        if info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise _bomb()
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or info.flag_bits & 1:
            raise Broken("compression or encryption that workbooks do not use")
        size = 0
        try:
            with self._zip.open(info) as part:
                while chunk := part.read(CHUNK):
                    size += len(chunk)
                    yield chunk
        except (*_FAULTS, zlib.error, EOFError) as fault:
            raise Broken("part") from fault
        if size != info.file_size:
            raise Broken("cut off")

    def tree(self, name: str) -> Element:
        """One XML part whose size is that of a few pages, as a tree; empty where there is no such part."""
        if not self.has(name):
            return Element("nothing")
        text = self.read(name)
        if len(text) > MAX_TREE:
            raise Refused("的格式、说明或文字多得不正常，读不下；请只留下要导入的表格，另存一份再导入。")
        try:
            # No part with entity declarations gets this far (`verify`), which is what B314 warns of.
            return fromstring(text)  # nosec B314
        except (ParseError, ValueError, LookupError) as fault:
            raise Broken("XML") from fault


def _bomb() -> Refused:
    return Refused("解压后过大，不像正常的工作簿，已拒绝读取；请在表格软件里另存一份再导入。")


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()
