"""`python -m partybuild_cli` and the console script `partybuild`. This file is read by every Python that may be called so."""

import gc
import os
import sys
import time


def main():  # type: () -> None
    """Run the command line and end the process with its exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - pip refuses them, `python -m` in a folder of sources does not
        here = ".".join(map(str, sys.version_info[:2]))
        sys.stderr.write(f"错误：partybuild 要用 Python 3.11 或更新的版本，这里是 {here}。请换一个 Python 再运行。\n")
        sys.exit(3)
    begun = False
    try:
        if not _knows_the_year():
            sys.stderr.write(
                "错误：系统时钟指着的年份不在 1970—2100 之间，没有写入任何内容。请先校准时钟，再运行一次。\n"
            )
            sys.exit(5)
        _keep_chinese_time()
        gc.set_threshold(300_000, 50, 50)  # importing makes many objects and frees few: a tenth of the start-up
        from partybuild_cli.cli.run import run

        begun = True
        code = run()
    except KeyboardInterrupt:  # before a command line was read, or behind its last word
        text = "。用 partybuild log 查看做到了哪里。" if begun else "，没有写入任何内容。"
        sys.stderr.write("错误：已中断" + text + "\n")
        code = 130
    gc.freeze()  # nobody will use what is freed now, and to look for it is a third of a short command
    sys.exit(code)


def _knows_the_year():  # type: () -> bool
    try:
        return 1970 <= time.localtime().tm_year <= 2100
    except (OverflowError, OSError, ValueError):  # so far ahead that no program can count
        return False


def _keep_chinese_time():  # type: () -> None
    """A machine on UTC, or on a zone that no clock can have, keeps China's day (东八区): at 6:30 a quarter has begun."""
    odd = abs(time.timezone) >= 86400 or (time.daylight and abs(time.altzone) >= 86400)
    if hasattr(time, "tzset") and (odd or not (time.timezone or time.daylight)):  # Windows always has its own zone
        os.environ["TZ"] = "CST-8"
        time.tzset()


if __name__ == "__main__":
    main()
