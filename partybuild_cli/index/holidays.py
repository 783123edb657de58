"""The calendar in use (节假日表): what ships with the package, and the files of the unit, which come first."""

from collections.abc import Sequence
from pathlib import Path

from partybuild_cli.index.calendar import Calendar, built_in_years, load_year


def calendar_with(files: Sequence[Path]) -> Calendar:
    """The arrangements that are known, with those of the unit's own files."""
    return Calendar([*built_in_years(), *(load_year(file) for file in files)])
