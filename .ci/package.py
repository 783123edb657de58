"""The wheel and the source archive (发布包): built, checked by twine, and compared with the tree, file by file:

    python .ci/package.py [FOLDER]

Needs build and twine. Without a folder they are made in a temporary one and only checked.
"""

import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]


def tree(*folders: str) -> set[str]:
    """The files below these folders, as the tree has them; what Python compiles is no file of ours."""
    return {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def faults(folder: Path) -> Iterator[str]:
    """What an archive lacks, and what it has that is none of ours."""
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    manual = {re.sub("^docs/", "partybuild_cli/manual/", page) for page in tree("docs") if page.endswith(".md")}
    yield from _compared(wheel.name, packed, tree("partybuild_cli") | manual)
    with tarfile.open(source) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    wanted = tree("partybuild_cli", "docs", "tests") | {"README.md", "LICENSE", "pyproject.toml"}
    yield from _compared(source.name, {name for name in packed if name in wanted}, wanted)


def _compared(archive: str, packed: set[str], wanted: set[str]) -> Iterator[str]:
    yield from (f"{archive} lacks {name}" for name in sorted(wanted - packed))
    yield from (f"{archive} has {name}, which the tree has not" for name in sorted(packed - wanted))


def main(folder: Path) -> int:
    """Build and check; 1 where something is wrong."""
    subprocess.run([sys.executable, "-m", "build", "-q", "--outdir", folder, ROOT], check=True)
    made = sorted(folder.iterdir())
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *made], check=True)
    found = list(faults(folder))
    for fault in found:
        print(fault, file=sys.stderr)
    for path in made:
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    return int(bool(found))


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else name)))
