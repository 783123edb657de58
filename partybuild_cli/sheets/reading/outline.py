"""The outline of an OOXML workbook (xlsx, xlsm, et): sheets with their parts, styles, and what else it has."""

import posixpath
from dataclasses import dataclass
from typing import Final

from partybuild_cli.sheets.reading.formats import Format, built_in, format_of
from partybuild_cli.sheets.reading.model import LINKS_NOTE, MACROS_NOTE, Broken
from partybuild_cli.sheets.reading.package import Package, parse

USUAL_MAIN: Final = "xl/workbook.xml"


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet's name, its part in the package, and whether it is hidden (veryHidden counts)."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """What has to be known before a sheet can be read. `formats` go by the style number of a cell."""

    main: str
    sheets: list[SheetPart]
    formats: list[Format]
    strings_part: str
    epoch_1904: bool
    notes: list[str]


def outline_of(package: Package) -> Outline:
    """Read workbook, relations and styles."""
    relations = _relations(package, "")
    main = _part(relations, "officeDocument") or USUAL_MAIN
    parts = _relations(package, main)
    found: list[tuple[str, str, bool]] = []
    flags: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            relation = _relation_of(attributes)
            hidden = attributes.get("state", "visible") != "visible"
            found.append((attributes.get("name", ""), relation, hidden))
        elif name == "workbookPr":
            flags.update(attributes)

    parse(package.chunks(main), start)
    sheets = [
        SheetPart(name, parts[relation][1], hidden)
        for name, relation, hidden in found
        if relation in parts and parts[relation][0] == "worksheet"
    ]
    return Outline(
        main,
        sheets,
        _formats(package, _part(parts, "styles")),
        _part(parts, "sharedStrings") or posixpath.join(posixpath.dirname(main), "sharedStrings.xml"),
        flags.get("date1904", "0") in ("1", "true"),
        _notes(package),
    )


def _relation_of(attributes: dict[str, str]) -> str:
    found = [value for key, value in attributes.items() if key.endswith(":id")]
    if len(found) != 1:
        raise Broken("relation of a sheet")
    return found[0]


def _part(relations: dict[str, tuple[str, str]], kind: str) -> str | None:
    return next((target for found, target in relations.values() if found == kind), None)


def _relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """The relations of a part: id -> (last word of the type, target part). External targets stay closed."""
    folder, name = posixpath.split(part)
    relations: dict[str, tuple[str, str]] = {}

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            kind = attributes.get("Type", "").rpartition("/")[2]
            relations[attributes.get("Id", "")] = (kind, target.lstrip("/"))

    where = posixpath.join(folder, "_rels", f"{name}.rels")
    if package.has(where):
        parse(package.chunks(where), start)
    return relations


def _formats(package: Package, part: str | None) -> list[Format]:
    """The number format of each cell style; a workbook without styles has none."""
    codes: dict[int, str] = {}
    numbers: list[int] = []
    inside: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        inside.append(name)
        number = attributes.get("numFmtId", "0")
        if not number.isdecimal():
            raise Broken("numFmtId")
        if name == "numFmt":
            codes[int(number)] = attributes.get("formatCode", "General")
        elif name == "xf" and "cellXfs" in inside:
            numbers.append(int(number))

    def end(_: str) -> None:
        inside.pop()

    if part and package.has(part):
        parse(package.chunks(part), start, end)
    return [format_of(codes[number]) if number in codes else built_in(number) for number in numbers]


def _notes(package: Package) -> list[str]:
    names = package.names()
    notes = []
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        notes.append(MACROS_NOTE)
    if any("externallinks/" in name or name.endswith("xl/connections.xml") for name in names):
        notes.append(LINKS_NOTE)
    return notes
