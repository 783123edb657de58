"""What Windows refuses, on any system: to delete or replace a file that is open, or to put it in another's place."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from partybuild_cli.store import driver

#: Where Linux lists the files that this process has open; the trial needs it.
OPEN_FILES = Path("/proc/self/fd")


@contextmanager
def windows() -> Iterator[list[str]]:
    """This process works as it would on Windows; what was refused."""
    refused: list[str] = []

    def guarded(deed: Callable[..., None]) -> Callable[..., None]:
        def do(*paths: Any, **more: Any) -> None:
            for path in paths:
                if _is_open(path, more.get("dir_fd")):
                    refused.append(f"{deed.__name__} {Path(path).name}")
                    raise PermissionError(13, "used by another process", os.fspath(path))
            deed(*paths, **more)

        return do

    deeds = {name: guarded(getattr(os, name)) for name in ("replace", "rename", "unlink", "remove")}
    with mock.patch.object(driver, "REPLACES_OPEN_FILES", False), mock.patch.multiple(os, **deeds):
        yield refused


def _is_open(path: Any, folder: int | None) -> bool:
    try:
        wanted = os.stat(path, dir_fd=folder)
    except FileNotFoundError:
        return False
    for one in OPEN_FILES.iterdir():
        try:
            found = one.stat()
        except FileNotFoundError:  # a pipe's end, or the listing itself
            continue
        if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
            return True
    return False
