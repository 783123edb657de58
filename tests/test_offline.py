"""What the folders for machines without internet are started and installed with (离线安装包)."""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

CI = Path(__file__).parents[1] / ".ci"
OFFLINE = runpy.run_path(str(CI / "offline.py"))
#: What cmd.exe, PowerShell and the shell each read in a way of their own.
HARD = "移动 过的&100%(甲)'^!"


@pytest.mark.parametrize(
    ("dropped", "words"), [([], ["menu"]), (["甲 (1).xlsx", "乙&丙.et"], ["甲 (1).xlsx", "乙&丙.et"])]
)
def test_the_launcher_opens_the_menu_or_passes_workbooks_on(
    tmp_path: Path, dropped: list[str], words: list[str]
) -> None:
    folder = tmp_path / HARD
    folder.mkdir()
    (folder / "start.sh").write_text(OFFLINE["START_MENU"], encoding="utf8")
    stub = folder / "partybuild"
    stub.write_text('#!/bin/sh\nIFS="|"\nprintf "%s\\n" "$*"\n', encoding="utf8")
    stub.chmod(0o755)
    done = subprocess.run(
        ["sh", str(folder / "start.sh"), *dropped], input="\n", capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"{'|'.join(words)}\n")
    package = folder / "partybuild_cli"
    package.mkdir()
    package.joinpath("__init__.py").touch()
    package.joinpath("__main__.py").write_text("import sys\ndef main(): sys.exit(print(sys.argv))\n", encoding="utf8")
    (folder / "start.exe").write_bytes(OFFLINE["launcher"](b"MZ\0\0", OFFLINE["START_EXE"]))
    told = subprocess.run(
        [sys.executable, str(folder / "start.exe"), *dropped], stdin=subprocess.DEVNULL, capture_output=True,
        encoding="utf8", env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(folder)}, check=True,
    )  # fmt: skip
    assert eval(told.stdout)[1:] == words


class Machine:
    """The installer as the folder's own Python runs it, over a registry that is a dictionary."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.target = folder / HARD, folder / "本人" / "Programs" / "partybuild"
        self.path: tuple[str, int] | None = ("%USERPROFILE%\\bin;C:\\甲;", 2)
        for name in ("partybuild.exe", "python.exe", "Lib/site-packages/new.py"):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text("新", encoding="utf8")
        monkeypatch.setattr(sys, "executable", str(self.folder / "python.exe"))
        monkeypatch.setattr(sys, "argv", ["install.exe"])
        monkeypatch.setattr(sys, "stdin", None)
        monkeypatch.setenv("LOCALAPPDATA", str(folder / "本人"))
        registry = SimpleNamespace(
            HKEY_CURRENT_USER=1, KEY_READ=1, KEY_WRITE=2, REG_EXPAND_SZ=2, CreateKeyEx=lambda *_: Opened(),
            QueryValueEx=self._query, SetValueEx=lambda _, __, ___, kind, value: setattr(self, "path", (value, kind)),
        )  # fmt: skip
        monkeypatch.setitem(sys.modules, "winreg", registry)
        user32 = SimpleNamespace(SendMessageTimeoutW=lambda *_: 1)
        monkeypatch.setitem(sys.modules, "ctypes", SimpleNamespace(windll=SimpleNamespace(user32=user32)))

    def _query(self, *_: Any) -> tuple[str, int]:
        if self.path is None:
            raise FileNotFoundError
        return self.path

    def install(self) -> int:
        """The exit code."""
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(CI / "install.py"), run_name="__main__")
        return int(ended.value.code or 0)

    def files(self) -> list[str]:
        """What lies in the place of the program, and what was left beside it."""
        parent = self.target.parent
        return sorted(path.relative_to(parent).as_posix() for path in parent.rglob("*") if path.is_file())


class Opened:
    """A key of the registry."""

    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


WHOLE = ["partybuild/Lib/site-packages/new.py", "partybuild/partybuild.exe", "partybuild/python.exe"]


def test_installing_puts_the_program_on_the_path_once(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert [machine.install(), machine.install()] == [0, 0]
    assert machine.files() == WHOLE
    assert machine.path == (f"%USERPROFILE%\\bin;C:\\甲;{machine.target}", 2), "what it held stays as it was written"
    assert str(machine.target) in capsys.readouterr().out


def test_a_path_that_there_was_none_of(machine: Machine) -> None:
    machine.path = None
    assert machine.install() == 0
    assert machine.path == (str(machine.target), 2)


def test_a_new_version_takes_the_place_of_the_old_one_whole(machine: Machine) -> None:
    assert machine.install() == 0
    (machine.target / "Lib/site-packages/gone.py").touch()
    assert machine.install() == 0
    assert machine.files() == WHOLE


def test_a_program_that_runs_is_left_as_it_is(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert machine.install() == 0
    (machine.target / "partybuild.exe").write_text("旧", encoding="utf8")
    replace = Path.replace

    def held(path: Path, target: Path) -> Path:
        if path.name == "partybuild.new":
            raise PermissionError(13, "另一个程序正在使用此文件")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", held)
    assert machine.install() == 3
    assert "请关掉正在运行的 partybuild" in capsys.readouterr().out
    assert machine.files() == WHOLE
    assert (machine.target / "partybuild.exe").read_text(encoding="utf8") == "旧"


def test_what_is_not_whole_or_not_ours_is_refused(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.target.mkdir(parents=True)
    (machine.target / "花名册.xlsx").touch()
    assert machine.install() == 3
    assert "里有别的文件" in capsys.readouterr().out
    assert machine.files() == ["partybuild/花名册.xlsx"]
    shutil.rmtree(machine.folder / "Lib")
    assert machine.install() == 3
    assert "请先把整个压缩包解压出来" in capsys.readouterr().out


class Linux:
    """The folder for Linux, whose Python is that of the test, and a home for it to be installed in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder / HARD, folder / "本 人"
        python = self.folder / "runtime/bin/python3"
        python.parent.mkdir(parents=True)
        self.home.mkdir()
        shutil.copy(CI / "install.py", self.folder / "runtime")
        for path, text in (
            (python, f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'), (self.folder / "install.sh", OFFLINE["INSTALL_SH"]),
            (self.folder / "partybuild", "#!/bin/sh\necho 新\n"),
        ):  # fmt: skip
            path.write_text(text, encoding="utf8")
            path.chmod(0o755)

    def install(self, *where: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", str(self.folder / "install.sh"), *where], capture_output=True, encoding="utf8", cwd=self.home,
            env={**os.environ, "HOME": str(self.home), "PYTHONUTF8": "1"}, check=False,
        )  # fmt: skip

    def says(self) -> str:
        """What the command says that the shell finds."""
        return subprocess.check_output([self.home / ".local/bin/partybuild"], encoding="utf8").strip()


@pytest.fixture
def computer(tmp_path: Path) -> Linux:
    return Linux(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="the folder for Linux")
@pytest.mark.parametrize("where", ["", "程序 甲"])
def test_on_linux_the_new_version_takes_the_place_of_the_old_one_whole(computer: Linux, where: str) -> None:
    first = computer.install(*filter(None, [where]))
    assert (first.returncode, first.stderr) == (0, "")
    target = computer.home / (where or ".local/share/partybuild-program")
    (target / "runtime/gone.py").touch()
    (target / "partybuild").write_text("#!/bin/sh\necho 旧\n", encoding="utf8")
    assert computer.says() == "旧"
    assert computer.install(*filter(None, [where])).returncode == 0
    assert computer.says() == "新"
    assert not (target / "runtime/gone.py").exists(), "what the new version has not is gone"
    assert not [*target.parent.glob("*.new"), *target.parent.glob("*.old")]
    again = subprocess.run(["sh", str(target / "install.sh"), str(target)], capture_output=True, encoding="utf8",
                           env={**os.environ, "HOME": str(computer.home), "PYTHONUTF8": "1"}, check=False)  # fmt: skip
    assert (again.returncode, computer.says()) == (0, "新"), "installed from where it is"


@pytest.mark.skipif(sys.platform == "win32", reason="the folder for Linux")
def test_on_linux_what_is_somebody_elses_is_refused(computer: Linux) -> None:
    (computer.home / "资料").mkdir()
    (computer.home / "资料/花名册.xlsx").touch()
    refused = computer.install("资料")
    assert refused.returncode == 3
    assert "里有别的文件" in refused.stdout
    assert [path.name for path in (computer.home / "资料").iterdir()] == ["花名册.xlsx"]
    assert computer.install(str(computer.folder / "内")).returncode == 3
    assert not (computer.folder / "内").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a script for sh")
@pytest.mark.parametrize("has", ["3.12", "3.9", ""])
def test_wheels_are_installed_by_the_python_that_they_are_for(tmp_path: Path, has: str) -> None:
    """A newer version takes the place of an older one; another Python is told, and not left to pip's English."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "python3").write_text(
        "#!/bin/sh\n"
        f'[ "$1" = -c ] && echo {has} && exit\n'
        'mkdir -p "$3/bin"; printf "#!/bin/sh\\necho \\$* >>\'%s/said\'\\n" "$3" >"$3/bin/pip"; chmod +x "$3/bin/pip"\n',
        encoding="utf8",
    )
    if has:
        (bin_ / "python3").chmod(0o755)
    for tool in ("dirname", "mkdir", "chmod"):
        (bin_ / tool).symlink_to(shutil.which(tool) or "")
    script = tmp_path / HARD / "install.sh"
    script.parent.mkdir()
    script.write_text(OFFLINE["INSTALL_WHEELS"].replace("VERSION", "3.12"), encoding="utf8")
    done = subprocess.run([shutil.which("sh") or "sh", str(script), str(tmp_path / "环 境")], capture_output=True,
                          encoding="utf8", env={"PATH": str(bin_)}, check=False)  # fmt: skip
    if has != "3.12":
        assert (done.returncode, done.stderr.count("\n")) == (3, 1)
        assert "要用 Python 3.12" in done.stderr
        return
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "环 境/said").read_text(encoding="utf8").split()[:3] == ["install", "-q", "--upgrade"]
