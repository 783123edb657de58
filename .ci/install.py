"""What `install.exe` and `install.sh` of the offline folders run (安装): the folder is copied among the user's own programs.

No administrator, no PowerShell and no batch file, which read `&`, `%` and `'` in a name each in its own way. The new version takes
the place of the old one whole, or not at all. Windows finds the command by the user's PATH, Linux by a link in ~/.local/bin.
"""

import os
import shutil
import sys
from pathlib import Path

try:
    import winreg
except ImportError:
    winreg = None

PROGRAM, INSIDE = ("partybuild.exe", "Lib") if winreg else ("partybuild", "runtime")


def install(here: Path, target: Path) -> str:
    """Copy the folder; what to tell. Raises SystemExit with a sentence where it cannot be."""
    if not (here / PROGRAM).is_file() or not (here / INSIDE).is_dir():
        raise SystemExit(f"错误：{here} 里的文件不全，没有安装。请先把整个压缩包解压出来，再运行其中的安装程序。")
    if target.exists() and target.samefile(here):
        return "程序已经在这里"
    if target.exists() and not (target / PROGRAM).is_file() and not (target.is_dir() and not any(target.iterdir())):
        raise SystemExit(f"错误：{target} 里有别的文件，没有安装。请先把它移走，或在安装程序后面另写一个文件夹。")
    if target.is_relative_to(here):
        raise SystemExit(f"错误：{target} 在安装包自己的文件夹里，没有安装。请换一个文件夹。")
    new, old = (target.with_name(f"{target.name}.{which}") for which in ("new", "old"))
    try:
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)
        shutil.copytree(here, new)
        if target.exists():
            target.replace(old)
        try:
            new.replace(target)
        except OSError:
            if old.exists():
                old.replace(target)
            raise
    except OSError as fault:
        shutil.rmtree(new, ignore_errors=True)
        raise SystemExit(
            f"错误：没有装进 {target}（{fault.strerror or '文件没有复制完'}），原来的程序没有改动。"
            "请关掉正在运行的 partybuild，看看磁盘有没有空间，再装一次。"
        ) from None
    shutil.rmtree(old, ignore_errors=True)
    return f"已安装到 {target}"


def put_on_path(target: Path) -> str:
    """Let the command be found by its name; from when on it is."""
    if winreg is None:
        link = Path.home() / ".local/bin/partybuild"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target / "partybuild")
        known = str(link.parent) in os.environ.get("PATH", "").split(os.pathsep)
        return "" if known else "重新登录，"
    import ctypes

    may = winreg.KEY_READ | winreg.KEY_WRITE
    with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, "Environment", 0, may) as key:
        try:
            path, kind = winreg.QueryValueEx(key, "Path")
        except FileNotFoundError:
            path, kind = "", winreg.REG_EXPAND_SZ
        known = [part for part in str(path).split(";") if part]
        if str(target).casefold() not in [part.rstrip("\\").casefold() for part in known]:
            winreg.SetValueEx(key, "Path", 0, kind, ";".join([*known, str(target)]))
    ctypes.windll.user32.SendMessageTimeoutW(0xFFFF, 0x1A, 0, "Environment", 2, 1000, None)
    return ""


def main() -> None:
    """Install, and keep the window open until the sentence is read."""
    if winreg:
        here, place = Path(sys.executable).parent, Path(os.environ["LOCALAPPDATA"], "Programs", "partybuild")
    else:
        here, place = Path(__file__).parents[1], Path.home() / ".local/share/partybuild-program"
    target = Path(sys.argv[1] if sys.argv[1:] else place).absolute()
    start, code = target / ("start.exe" if winreg else "start.sh"), 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        said = install(here, target)
        print(
            f"{said}。{put_on_path(target)}打开一个新的命令行窗口，运行 partybuild demo 试一试；不用命令行的，打开 {start}。"
        )
    except SystemExit as refused:
        print(refused.code)
        code = 3
    except OSError as fault:
        print(f"错误：没有装完（{fault.strerror}）。请检查 {target} 的权限，再装一次。")
        code = 5
    if winreg and sys.stdin and sys.stdin.isatty():
        input("按回车键关闭 ")
    sys.exit(code)


if __name__ == "__main__":
    main()
