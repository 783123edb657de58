"""Many processes that write to one book at once: no record is lost, none is there twice, nobody is told that it is locked."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.faults.bench import Tally, complaints, content, succeed

#: One writer: adds members one command after another and prints every exit code that is not 0.
WRITER = """
import sys
from partybuild_cli.cli.run import run
book, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
for n in range(count):
    number = f"{name}-{n}"
    code = run(["--db", book, "member", "add", "--name", f"党员{number}", "--staff-no", number, "--category", "正式党员"])
    if code:
        print(code, number, file=sys.stderr)
"""


def try_writers(folder: Path, writers: int, records: int) -> Iterator[Tally]:
    """So many processes add so many records each."""
    book = folder / "shared.db"
    succeed(book, "init", "--branch", "神经内科党支部")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(book), f"W{n}", str(records)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf8",
        )
        for n in range(writers)
    ]  # fmt: skip
    said = [process.communicate()[1] for process in processes]
    tally = Tally(f"{writers} 个进程同时登记")
    kept = [row for row in content(book)["member"] if "'W" in row]
    expected = {f"W{n}-{at}" for n in range(writers) for at in range(records)}
    for number in sorted(expected):
        times = sum(f"'{number}'" in row for row in kept)
        tally.ended(True if times == 1 else None, f"{number} 有 {times} 条")
    for one in [*said, *complaints(book)]:
        if one:
            tally.lost.append(one)
    yield tally
