"""Where an amended workbook goes (放在哪里): never over another file, nor over one that a clerk has worked in."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

from partybuild_cli.errors import Busy, Unfit
from partybuild_cli.sheets.amending.stamp import program_of

#: Stands in the file as the program that saved it, until another program saves it.
PROGRAM = "partybuild problems"


def problems_place(sources: Sequence[Path], asked: Path | None) -> Path:
    """The name that was asked for, else `<first file>-问题.xlsx` in the current folder, numbered where that is taken.

    Unfit or Busy where the name that was asked for cannot be used.
    """
    if asked is not None:
        _refuse(asked, sources)
        return asked
    return free_name(Path(f"{sources[0].stem.removesuffix('-问题')}-问题.xlsx"), PROGRAM, sources)


def free_name(wanted: Path, program: str, sources: Sequence[Path]) -> Path:
    """The name, numbered where another file has it; a file that we wrote and nobody has saved since may be replaced."""
    names = (wanted.with_stem(f"{wanted.stem}{'' if number == 1 else number}") for number in count(1))
    return next(name for name in names if _free(name, program, sources))


def _refuse(asked: Path, sources: Sequence[Path]) -> None:
    if not asked.absolute().parent.is_dir():
        raise Busy(f"没有文件夹 {asked.parent}，放不下问题工作簿。请先建好文件夹，或用 --problems 换一个位置。")
    if not _free(asked, PROGRAM, sources):
        raise Unfit(
            f"{asked} 已经存在，而且不是刚生成的问题工作簿（可能已经改过）。请用 --problems 换一个文件名，以免覆盖。"
        )


def _free(place: Path, program: str, sources: Sequence[Path]) -> bool:
    if not place.exists() and not place.is_symlink():
        return True
    return program_of(place) == program and not any(source.exists() and source.samefile(place) for source in sources)
