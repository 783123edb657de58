"""The mark by which a workbook tells what program saved it last (保存它的程序)."""

import re
from pathlib import Path
from zipfile import ZipFile

_PROGRAM = re.compile(rb"<Application>[^<]*</Application>")


def stamped(properties: bytes, program: str) -> bytes:
    """The part of a package that names the program, with another name in it."""
    return _PROGRAM.sub(f"<Application>{program}</Application>".encode(), properties)


def program_of(path: Path) -> str:
    """The program that says it saved the workbook last; empty where the file is no such workbook."""
    try:
        with ZipFile(path) as package:
            found = _PROGRAM.search(package.read("docProps/app.xml"))
    except Exception:  # any file may stand there
        return ""
    return found[0].decode("utf8", "replace")[len("<Application>") : -len("</Application>")] if found else ""
