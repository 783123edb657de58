"""A folder that is made again and again (季度归档的文件夹), with a manifest of what we put into it, and what a person puts there.

Files are made in a hidden folder beside the target. Where there is no target yet, it takes the target's name in one step.
Where there is one, each file takes its place, and what the manifest does not name as ours is never touched: a file that a
person edited or put there keeps its name, and ours takes a number. A run that is killed leaves at most the hidden folder
and a manifest that still names what was there before; the next run goes on from there.
"""

import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from partybuild_cli import effects
from partybuild_cli.errors import Busy, Unfit, why
from partybuild_cli.outputs import BLANK_SEAL, alike, is_locked, is_sealed, numbered, put, take_place, workshop

MANIFEST = "manifest.json"
#: What it says: JSON.
Manifest = dict[str, Any]
#: Keys of the manifest besides what it says of the period: its files, what stood there before, its seal.
_FILES, _BEFORE, _SEAL = "files", "before", "seal"
#: What systems leave in a folder that somebody has looked at.
_OF_SYSTEMS = ("thumbs.db", "desktop.ini")


class Delivered(NamedTuple):
    """What a run left; `beside`: whose name a person's file has -> ours; `others`: what else a person has put there."""

    folder: Path
    manifest: Manifest
    changed: bool
    beside: dict[str, str]
    others: list[str]


def deliver(target: Path, fill: Callable[[Path], Manifest]) -> Delivered:
    """Fill a new folder and put its files into `target`; one that says the same already stays as it is. `fill` writes
    files into the folder it is given and returns what the manifest says besides them. Busy when another run is at it,
    or the disk refuses; Unfit when the target is something that we have not made.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(target.with_name(f".{target.name}.lock"), timeout=0)
        with lock, workshop(target.resolve()) as hidden, effects.draft(hidden):
            return _deliver(target, hidden, fill)
    except Timeout:
        raise Busy(f"另一个程序正在生成 {target}，本次没有执行。请等它结束后再试。") from None
    except OSError as fault:
        raise Busy(
            f"不能写入 {fault.filename2 or target}（{why(fault)}）。改过的、自己放的文件都没有动，可能有工作簿正开着："
            "请关上，检查权限和磁盘空间，再运行一次就补齐。"
        ) from None


def _deliver(target: Path, hidden: Path, fill: Callable[[Path], Manifest]) -> Delivered:
    ours, place = _Ours(target), target.resolve()
    about, sums = fill(hidden), {path.name: _sum_of(path) for path in sorted(hidden.iterdir())}
    names, own = dict[str, str](), {alike(name) for name in sums}
    for name, made in sums.items():  # its own, unless something of a person's stands there
        tried = (path.name for path in numbered(target / name) if path.name == name or alike(path.name) not in own)
        names[name] = next(free for free in tried if ours.takes(free, made))
    # Nothing in it differs from run to run.
    listed = [{"file": names[name], "size": (hidden / name).stat().st_size, "sha256": sums[name]} for name in sums]
    manifest = {**about, _FILES: listed}
    changed = ours.manifest != manifest or any(_sum_of(target / names[name]) != sum for name, sum in sums.items())
    if changed:
        with effects.whole():
            _replace(hidden, place, names, manifest, ours)
            effects.wrote(target)
    beside = {name: new for name, new in names.items() if name != new}
    # What systems and programs leave there unseen is nobody's.
    seen = {alike(name) for name in (*names.values(), *beside, MANIFEST, *_OF_SYSTEMS)}
    others = sorted(path.name for path in target.iterdir() if alike(path.name) not in seen)
    return Delivered(target, manifest, changed, beside, [name for name in others if not name.startswith((".", "~"))])


class _Ours:
    """What a folder holds of ours, by its manifest: a file is ours as long as its bytes are those that the manifest names."""

    def __init__(self, folder: Path) -> None:
        """Unfit where the folder holds anything and no manifest of ours."""
        self.folder = folder
        self.manifest: Manifest | None = None
        #: name -> the SHA-256 that a file of ours may have there: two, where a run was killed between old and new.
        self.known: dict[str, set[str]] = {}
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return
        self.manifest = _manifest_in(folder)
        before = self.manifest.pop(_BEFORE, [])
        for file in (*self.manifest[_FILES], *before):
            if file["file"] == Path(file["file"]).name:  # nothing can lead out of the folder
                self.known.setdefault(file["file"], set()).add(file["sha256"])
        if before:
            self.manifest = {}  # the run was not finished

    def holds(self, name: str) -> bool:
        """Whether the file of that name is ours, unedited, and may be replaced."""
        path = self.folder / name
        return _sum_of(path) in self.known.get(name, ()) and not is_locked(path.stat().st_mode)

    def takes(self, name: str, new: str) -> bool:
        """Whether a file of that SHA-256 may have the name: nothing stands there, or the same, or what is ours."""
        path = self.folder / name
        return not os.path.lexists(path) or _sum_of(path) == new or self.holds(name)


def _manifest_in(folder: Path) -> Manifest:
    """The manifest without its seal. Those of versions that did not seal it are known by how they print."""
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
        manifest: Manifest = json.loads(data)
        seal = manifest.pop(_SEAL, None)
        if is_sealed(data) or (seal is None and data.decode() == _printed(manifest) and "program" in manifest):
            return manifest
    except (OSError, ValueError, AttributeError):
        pass
    if os.path.lexists(path):
        raise Unfit(f"{path} 改动过，分不出哪些文件是自己放的，没有动这个文件夹。请换一个 --out，或先给它改名。")
    raise Unfit(f"{folder} 已存在，而且不是 partybuild 生成的文件夹，没有动它。请换一个 --out。")


def _printed(manifest: Manifest) -> str:
    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"


def _sum_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(path.lstat().st_mode) else ""
    except OSError:
        return ""


def _replace(hidden: Path, place: Path, names: dict[str, str], manifest: Manifest, ours: _Ours) -> None:
    """Put every file into its place, clear away what is no longer made; till then the manifest names both, old and new."""

    def move(made: Path, target: Path) -> None:
        with effects.whole():
            take_place(made, target)
            effects.wrote(place)

    def written(document: Manifest) -> Path:
        path = hidden / MANIFEST
        put(path, lambda beside: beside.write_bytes(_printed({**document, _SEAL: BLANK_SEAL}).encode()))
        return path

    if not place.exists():
        written(manifest)
        move(hidden, place)
    else:
        before = [{"file": name, "sha256": sum} for name, known in ours.known.items() for sum in sorted(known)]
        take_place(written({**manifest, _BEFORE: before}), place / MANIFEST)
        for name, new in names.items():
            made = _sum_of(hidden / name)
            if _sum_of(place / new) != made and ours.takes(new, made):  # nobody has come meanwhile
                move(hidden / name, place / new)
        for name in ours.known.keys() - set(names.values()):
            if ours.holds(name):
                (place / name).unlink()
        take_place(written(manifest), place / MANIFEST)
    if os.name == "posix":  # the rename itself must survive a power cut
        for folder in (place, place.parent):
            handle = os.open(folder, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
