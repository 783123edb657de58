"""`python -m tests.road member add --name 张三 …`: the modules and functions of ours that a command enters while it runs.

Functions are counted with lambdas and comprehensions, each once; the bodies of modules, and what they call while they are
imported, are not. The command works on a new book of one branch; `--list` in front names every function in order.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import FrameType

from partybuild_cli.cli.run import run

PACKAGE = str(Path(__file__).parents[1] / "partybuild_cli") + "/"


def walked(words: list[str]) -> tuple[int, dict[tuple[str, str, int], int]]:
    """The exit code, and how often each function was entered: module, name, line."""
    seen: Counter[tuple[str, str, int]] = Counter()

    def note(frame: FrameType, event: str, _: object) -> None:
        code, caller = frame.f_code, frame
        if event != "call" or not code.co_filename.startswith(PACKAGE):
            return
        while caller.f_code.co_name != "<module>" or not caller.f_code.co_filename.startswith(PACKAGE):
            if caller.f_back is None:
                seen[code.co_filename.removeprefix(PACKAGE), code.co_qualname, code.co_firstlineno] += 1
                return
            caller = caller.f_back

    sys.setprofile(note)
    try:
        return run(words), seen
    finally:
        sys.setprofile(None)


def main() -> None:
    """Walk one command and print the counts."""
    every, words = sys.argv[1] == "--list", [word for word in sys.argv[1:] if word != "--list"]
    with tempfile.TemporaryDirectory() as folder:
        book = ["--db", str(Path(folder) / "book.db")]
        run([*book, "init", "--branch", "神经内科党支部"])
        code, seen = walked([*book, *words])
    for module, name, line in seen if every else ():
        print(f"{module}:{line} {name}")
    for module, functions in Counter(module for module, *_ in seen).most_common():
        print(f"{functions:4} {module}")
    print(f"exit code {code}: {len({module for module, *_ in seen})} modules, {len(seen)} functions")


if __name__ == "__main__":
    main()
