"""The folders for machines without internet (离线安装包), by one command:

    python .ci/offline.py OUT [--embeddable python-3.11.9-embed-amd64.zip] [--only wheelhouse linux windows]
        [--wheels-for linux-aarch64-3.12 macos-arm64-3.11 …]

- `partybuild-VERSION-wheelhouse-linux-x86_64-3.11.zip`: all wheels, for those who have that Python on such a machine; which
  machines and Pythons, `--wheels-for` says, else this one;
- `partybuild-VERSION-linux-x86_64.tar.gz`: a folder that runs where it is unpacked, with the Python that runs this script;
- `partybuild-VERSION-windows-amd64.zip`: the same for Windows 10 and 11, around Python's own embeddable build, which is to be
  had from https://www.python.org/downloads/windows/ (`Windows embeddable package (64-bit)`) and is not fetched from here.

What is packed is resolved for the machine that will run it, with the versions of `.ci/constraints.txt`. Beside each file
lies its SHA-256. Needs pip, build and packaging, and an index with wheels.
"""

import argparse
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
INSTALL = ROOT / ".ci/install.py"
EXTRA = "encrypted"
LAUNCHER = "distlib==0.4.4"  # carries the small programs that start a script on Windows
#: What the standard library has for developers and screens only.
UNUSED = (
    "test",
    "idlelib",
    "tkinter",
    "turtledemo",
    "lib2to3",
    "ensurepip",
    "site-packages",
    "__pycache__",
    "distutils",
    "_tkinter*",
    "_test*",
    "_ctypes_test*",
    "turtle.py",
)
START_SH = """#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
LD_LIBRARY_PATH="$here/runtime/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$here/runtime/bin/python3" -s -c \
  'import sys; sys.argv[0] = sys.argv.pop(1); from partybuild_cli.__main__ import main; main()' "$here/partybuild" "$@"
"""
START_MENU = """#!/bin/sh
# Opens the menu; workbooks dropped onto this file are imported.
here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
[ $# -gt 0 ] || set -- menu
"$here/partybuild" "$@"
printf '按回车键关闭 '
read -r _
"""
INSTALL_SH = """#!/bin/sh
# Puts the folder into ~/.local/share and the command into ~/.local/bin. No administrator is needed.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
LD_LIBRARY_PATH="$here/runtime/lib" exec "$here/runtime/bin/python3" -s "$here/runtime/install.py" "$@"
"""
#: What the programs of the folder for Windows run: the command line; the menu, or the import of workbooks dropped onto it.
RUN_EXE = "from partybuild_cli.__main__ import main\nmain()\n"
START_EXE = """import sys
from partybuild_cli.__main__ import main
sys.argv[:] = [sys.executable.removesuffix("python.exe") + "partybuild.exe", *(sys.argv[1:] or ["menu"])]
try:
    main()
finally:
    if sys.stdin and sys.stdin.isatty():
        input("按回车键关闭 ")
"""
INSTALL_WHEELS = """#!/bin/sh
# Everything from this folder and nothing from a network. An environment that is there already gets the new version.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
python=$(command -v pythonVERSION || command -v python3 || true)
if [ -z "$python" ] || [ "$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" != VERSION ]; then
    echo "错误：这份安装包要用 Python VERSION，这台电脑上没有找到，没有安装。请装好 Python VERSION，或换用自带 Python 的安装包。" >&2
    exit 3
fi
"$python" -m venv "${1:-$HOME/partybuild}"
"${1:-$HOME/partybuild}/bin/pip" install -q --upgrade --no-index --find-links "$here/wheels" 'partybuild[encrypted]'
echo "已安装：${1:-$HOME/partybuild}/bin/partybuild"
"""


def pins() -> dict[str, str]:
    lines = (ROOT / ".ci/constraints.txt").read_text(encoding="utf8").split()
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}


class Machine(NamedTuple):
    """The machine that will run it, and its Python."""

    system: str
    machine: str
    python: str

    @property
    def markers(self) -> dict[str, str]:
        """What the conditions of requirements ask."""
        name, platform = {"windows": ("Windows", "win32"), "macos": ("Darwin", "darwin")}.get(
            self.system, ("Linux", "linux")
        )
        return {
            "os_name": "nt" if self.system == "windows" else "posix", "sys_platform": platform, "platform_system": name,
            "platform_machine": self.machine, "python_version": self.python, "python_full_version": f"{self.python}.0",
            "implementation_name": "cpython", "platform_python_implementation": "CPython",
        }  # fmt: skip

    @property
    def tags(self) -> list[str]:
        """Which wheels run there: glibc 2.28 or newer, macOS 14 or newer."""
        if self.system == "windows":
            return ["win_amd64"]
        if self.system == "macos":
            return [f"macosx_14_0_{self.machine}"]
        return [f"{many}_{self.machine}" for many in ("manylinux_2_17", "manylinux2014", "manylinux_2_28")]


def gather(folder: Path, ours: Path, where: Machine) -> None:
    """Our wheel, and what it and that need as that machine needs them; never as this one would."""
    folder.mkdir(parents=True, exist_ok=True)
    known = pins()
    waiting, done = list(_needs(Path(shutil.copy2(ours, folder)), where, {EXTRA})), set()
    while waiting:
        need = waiting.pop()
        name = canonicalize_name(need.name)
        if name not in done:
            done.add(name)
            what = f"{name}=={known[name]}" if name in known else str(need).partition(";")[0]
            waiting += _needs(download(what, folder, where.tags, where.python), where, set(need.extras))


def download(what: str, folder: Path, platforms: list[str], python: str) -> Path:
    with TemporaryDirectory() as name:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "--dest", name]
        command += [f"--platform={platform}" for platform in platforms]
        subprocess.run([*command, "--python-version", python, "--implementation", "cp", what], check=True)
        (found,) = Path(name).iterdir()
        return Path(shutil.move(found, folder / found.name))


def _needs(wheel: Path, where: Machine, extras: set[str]) -> Iterator[Requirement]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        told = Metadata.from_email(archive.read(name), validate=False)
    for need in told.requires_dist or ():
        if need.marker is None or any(
            need.marker.evaluate({**where.markers, "extra": extra}) for extra in ("", *extras)
        ):
            yield need


def unpack(wheels: Path, site: Path) -> None:
    """What pip would lay into site-packages. None of our dependencies has scripts or headers that are needed."""
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    for data in site.glob("*.data/*lib"):
        shutil.copytree(data, site, dirs_exist_ok=True)
    for data in site.glob("*.data"):
        shutil.rmtree(data)


def manual(folder: Path) -> None:
    """The manual as HTML, written by the program of this source tree."""
    command = [sys.executable, "-m", "partybuild_cli", "manual", "--html", str(folder / "manual")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)})
    for path in (folder / "manual", *(folder / "manual").rglob("*")):  # what the program writes is its user's own
        path.chmod(0o755 if path.is_dir() else 0o644)


def linux(folder: Path, wheels: Path) -> None:
    """This Python with what it loads, our packages in it, and a script that finds them from wherever it lies."""
    short = f"python{sysconfig.get_python_version()}"
    base, runtime = Path(sys.base_prefix), folder / "runtime"
    (runtime / "bin").mkdir(parents=True)
    shutil.copy2(Path(sys.base_prefix, "bin", short).resolve(), runtime / "bin" / "python3")
    shutil.copytree(
        base / "lib" / short,
        runtime / "lib" / short,
        symlinks=False,
        ignore=shutil.ignore_patterns(*UNUSED, "*.a", "config-*"),
    )
    unpack(wheels, runtime / "lib" / short / "site-packages")
    for loaded in [runtime / "bin/python3", *runtime.rglob("*.so")]:
        for library in libraries(loaded):
            if not library.is_relative_to(runtime):
                shutil.copy2(library.resolve(), runtime / "lib" / library.name)
    if shutil.which("strip"):
        for loaded in runtime.rglob("*.so*"):
            subprocess.run(["strip", "--strip-unneeded", str(loaded)], check=True)
    script(folder / "partybuild", START_SH)
    script(folder / "start.sh", START_MENU)
    shutil.copy2(INSTALL, runtime)
    script(folder / "install.sh", INSTALL_SH)


def libraries(loaded: Path) -> Iterator[Path]:
    """The shared libraries that are not of the C library, which every Linux has its own of."""
    told = subprocess.run(["ldd", str(loaded)], capture_output=True, text=True, check=False).stdout
    for path in re.findall(r"=> (/\S+)", told):
        if not re.match(r"(libc|libm|libdl|libpthread|librt|libutil|ld-linux.*)\.so|ld-linux", Path(path).name):
            yield Path(path)


def script(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf8")
    path.chmod(0o755)


def windows(folder: Path, wheels: Path, embeddable: Path, python: str) -> None:
    """Python's embeddable build with our packages, and programs that start it from wherever it lies."""
    with zipfile.ZipFile(embeddable) as archive:
        archive.extractall(folder)
    (settings,) = folder.glob("python*._pth")
    settings.write_text(
        f"{settings.name.removesuffix('._pth')}.zip\r\n.\r\nLib\\site-packages\r\n", encoding="ascii", newline=""
    )
    unpack(wheels, folder / "Lib" / "site-packages")
    with TemporaryDirectory() as name, zipfile.ZipFile(download(LAUNCHER, Path(name), ["any"], python)) as archive:
        stub = archive.read("distlib/t64.exe")
    for name, source in {
        "partybuild": RUN_EXE,
        "start": START_EXE,
        "install": INSTALL.read_text(encoding="utf8"),
    }.items():
        (folder / f"{name}.exe").write_bytes(launcher(stub, source))


def launcher(stub: bytes, source: str) -> bytes:
    """A program that runs this source with the Python beside it, wherever both lie."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("__main__.py", source)
    return stub + b"#!<launcher_dir>\\python.exe\r\n" + packed.getvalue()


def pack(folder: Path, target: Path) -> None:
    """One archive, and its SHA-256 beside it."""
    if target.suffix == ".zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, Path(folder.name) / path.relative_to(folder))
    else:
        with tarfile.open(target, "w:gz") as archive:
            archive.add(folder, folder.name)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    target.with_name(f"{target.name}.sha256").write_text(f"{digest}  {target.name}\n", encoding="ascii")
    print(f"{target.name}: {target.stat().st_size / 2**20:.1f} MB, SHA-256 {digest}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--embeddable", type=Path, help="python-3.x.y-embed-amd64.zip; without it no folder for Windows is made"
    )
    parser.add_argument("--only", nargs="*", default=["wheelhouse", "linux", "windows"])
    here = Machine("macos" if sys.platform == "darwin" else "linux", os.uname().machine, sysconfig.get_python_version())
    parser.add_argument("--wheels-for", nargs="+", default=["-".join(here)], metavar="SYSTEM-MACHINE-PYTHON")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        work = Path(name)
        subprocess.run([sys.executable, "-m", "build", "-q", "--wheel", "--outdir", work, ROOT], check=True)
        (ours,) = work.glob("*.whl")
        version = ours.name.split("-")[1]
        for wanted in asked.wheels_for if "wheelhouse" in asked.only else ():
            where = Machine(*wanted.split("-"))
            folder = work / f"partybuild-{version}-wheelhouse-{wanted}"
            gather(folder / "wheels", ours, where)
            script(folder / "install.sh", INSTALL_WHEELS.replace("VERSION", where.python))
            finish(folder, asked.out / f"{folder.name}.zip")
        if "linux" in asked.only:
            gather(work / "linux", ours, here)
            folder = work / f"partybuild-{version}-linux"
            linux(folder, work / "linux")
            finish(folder, asked.out / f"{folder.name}-{here.machine}.tar.gz")
        if "windows" in asked.only and asked.embeddable is None:
            print("windows: NOT MADE, --embeddable was not given (python.org has it)")
        elif "windows" in asked.only:
            python = ".".join(re.findall(r"\d+", asked.embeddable.name)[:2])
            gather(work / "windows", ours, Machine("windows", "AMD64", python))
            folder = work / f"partybuild-{version}-windows"
            windows(folder, work / "windows", asked.embeddable, python)
            finish(folder, asked.out / f"{folder.name}-amd64.zip")


def finish(folder: Path, target: Path) -> None:
    """The manual and the licence go in, and all of it into one archive."""
    manual(folder)
    shutil.copy2(ROOT / "LICENSE", folder)
    pack(folder, target)


if __name__ == "__main__":
    main()
