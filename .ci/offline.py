"""The folders for machines without internet (离线安装包), by one command:

    python .ci/offline.py OUT [--embeddable python-3.11.9-embed-amd64.zip] [--only wheelhouse linux windows]

- `partybuild-VERSION-wheelhouse.zip`: all wheels for this machine, for those who have Python 3.11 or newer;
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

from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
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
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
target="${1:-$HOME/.local/share/partybuild-program}"
mkdir -p "$target" "$HOME/.local/bin"
cp -R "$here/." "$target/"
ln -sf "$target/partybuild" "$HOME/.local/bin/partybuild"
echo "已安装到 $target。打开一个新的终端，运行 partybuild demo 试一试。"
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
# Needs Python 3.11 or newer: python3 -m venv, then everything from this folder and nothing from a network.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
python3 -m venv "${1:-$HOME/partybuild}"
"${1:-$HOME/partybuild}/bin/pip" install -q --no-index --find-links "$here/wheels" 'partybuild[encrypted]'
echo "已安装：${1:-$HOME/partybuild}/bin/partybuild"
"""


def pins() -> dict[str, str]:
    lines = (ROOT / ".ci/constraints.txt").read_text(encoding="utf8").split()
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}


def environment(system: str, machine: str, python: str) -> dict[str, str]:
    """The markers of the machine that will run it."""
    windows = system == "windows"
    return {
        "os_name": "nt" if windows else "posix", "sys_platform": "win32" if windows else "linux",
        "platform_system": "Windows" if windows else "Linux", "platform_machine": machine,
        "python_version": python, "python_full_version": f"{python}.0", "implementation_name": "cpython",
        "platform_python_implementation": "CPython", "extra": "",
    }  # fmt: skip


def tags(system: str, machine: str) -> list[str]:
    if system == "windows":
        return ["win_amd64"]
    return [f"manylinux_2_{minor}_{machine}" for minor in (17, 28, 34)] + [f"manylinux2014_{machine}"]


def gather(folder: Path, system: str, machine: str, python: str) -> None:
    """Download our wheel's dependencies, and theirs, as that machine needs them; never as this one would."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "build", "-q", "--wheel", "--outdir", folder, ROOT], check=True)
    known, here = pins(), environment(system, machine, python)
    waiting, done = list(_needs(next(folder.glob("partybuild-*.whl")), here, {EXTRA})), set()
    while waiting:
        need = waiting.pop()
        name = canonicalize_name(need.name)
        if name in done:
            continue
        done.add(name)
        wheel = download(
            f"{name}=={known[name]}" if name in known else str(need).partition(";")[0],
            folder,
            tags(system, machine),
            python,
        )
        waiting += _needs(wheel, here, set(need.extras))


def download(what: str, folder: Path, platforms: list[str], python: str) -> Path:
    with TemporaryDirectory() as name:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "--dest", name]
        for one in platforms:
            command += ["--platform", one]
        subprocess.run([*command, "--python-version", python, "--implementation", "cp", what], check=True)
        (found,) = Path(name).iterdir()
        return Path(shutil.move(found, folder / found.name))


def _needs(wheel: Path, here: dict[str, str], extras: set[str]) -> Iterator[Requirement]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        told = Metadata.from_email(archive.read(name), validate=False)
    for need in told.requires_dist or ():
        if need.marker is None or any(need.marker.evaluate({**here, "extra": one}) for one in ("", *extras)):
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
    install = (ROOT / ".ci/windows_install.py").read_text(encoding="utf8")
    for name, source in {"partybuild": RUN_EXE, "start": START_EXE, "install": install}.items():
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("__main__.py", source)
        (folder / f"{name}.exe").write_bytes(stub + b"#!<launcher_dir>\\python.exe\r\n" + packed.getvalue())


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
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    version = re.search(
        r'"(.+?)"', (ROOT / "partybuild_cli/__init__.py").read_text(encoding="utf8").split("__version__")[1]
    )
    here, machine = sysconfig.get_python_version(), os.uname().machine
    with TemporaryDirectory() as name:
        for what in asked.only:
            folder = Path(name, f"partybuild-{version[1] if version else ''}-{what}")
            system, python = ("windows" if what == "windows" else "linux"), here
            if what == "windows":
                if asked.embeddable is None:
                    print("windows: NOT MADE, --embeddable was not given (python.org has it)")
                    continue
                python = ".".join(re.findall(r"\d+", asked.embeddable.name)[:2])
            wheels = folder / "wheels" if what == "wheelhouse" else Path(name, f"{what}-wheels")
            gather(wheels, system, "AMD64" if what == "windows" else machine, python)
            if what == "wheelhouse":
                script(folder / "install.sh", INSTALL_WHEELS)
            elif what == "linux":
                linux(folder, wheels)
            else:
                windows(folder, wheels, asked.embeddable, python)
            manual(folder)
            shutil.copy2(ROOT / "LICENSE", folder)
            ending = {"wheelhouse": ".zip", "linux": f"-{machine}.tar.gz", "windows": "-amd64.zip"}[what]
            pack(folder, asked.out / f"{folder.name}{ending}")


if __name__ == "__main__":
    main()
