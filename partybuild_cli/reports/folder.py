"""A folder that appears whole or not at all (整体出现的文件夹), with a manifest of what is in it.

Files are made in a hidden folder beside the target, which then takes the target's name in one step. A run that is killed
leaves at most the hidden folder, and the next run clears it away.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from partybuild_cli import effects
from partybuild_cli.errors import Busy, Unfit, why

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a run left: the folder, its manifest, and whether anything differs from the run before."""

    folder: Path
    manifest: dict[str, Any]
    changed: bool


def deliver(target: Path, fill: Callable[[Path], dict[str, Any]]) -> Delivered:
    """Fill a new folder and put it at `target`; one that says the same already stays as it is.

    `fill` writes files into the folder it is given and returns what the manifest says besides them. Busy when another
    run is at it, or the disk refuses; Unfit when the target is something that we have not made.
    """
    hidden = target.with_name(f".{target.name}.partial")
    old = target.with_name(f".{target.name}.old")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(target.with_name(f".{target.name}.lock"), timeout=0):
            _recover(target, old)
            _check(target)
            shutil.rmtree(hidden, ignore_errors=True)
            hidden.mkdir(mode=0o700)
            with effects.draft(hidden):
                manifest = _seal(hidden, fill(hidden))
            changed = _manifest(target) != manifest or not _intact(target, manifest)
            _swap(hidden, target, old) if changed else shutil.rmtree(hidden)
    except Timeout:
        raise Busy(f"另一个程序正在生成 {target}，本次没有执行。请等它结束后再试。") from None
    except OSError as fault:
        raise Busy(f"不能写入 {target.parent}（{why(fault)}）。没有留下半成品，请检查权限和磁盘空间。") from None
    return Delivered(target, manifest, changed)


def _recover(target: Path, old: Path) -> None:
    """A run that was killed between two renames left the folder under its old name."""
    if old.exists() and not target.exists():
        old.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _check(target: Path) -> None:
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not (target / MANIFEST).exists())):
        raise Unfit(f"{target} 已存在，而且不是 partybuild 生成的文件夹，没有动它。请换一个 --out。")


def _seal(folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Write the manifest: every file with its size and SHA-256, nothing that differs from run to run."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listed = [
        {
            "file": path.relative_to(folder).as_posix(),
            "size": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in files
    ]
    manifest = {**about, "files": listed}
    path = folder / MANIFEST
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf8")
    path.chmod(0o600)
    return manifest


def _manifest(target: Path) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = json.loads((target / MANIFEST).read_text(encoding="utf8"))
    except (OSError, ValueError):
        return None
    return kept


def _intact(target: Path, manifest: dict[str, Any]) -> bool:
    """Whether the files are still those that the manifest names."""
    return all(
        (target / one["file"]).is_file()
        and hashlib.sha256((target / one["file"]).read_bytes()).hexdigest() == one["sha256"]
        for one in manifest["files"]
    )


def _swap(new: Path, target: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    with effects.whole():
        new.rename(target)
        effects.wrote(target)
    shutil.rmtree(old, ignore_errors=True)
    if os.name == "posix":  # the rename itself must survive a power cut
        handle = os.open(target.parent, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
