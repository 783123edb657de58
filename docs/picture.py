"""Draw docs/demo.svg, the picture in the README: what `partybuild demo` shows of the ranking and of one member's score.

python docs/picture.py             draw it
python docs/picture.py --check     draw nothing; exit 1 when it is not what the demo shows
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from generator.picture import svg
from generator.play import folder, play

PICTURE = Path(__file__).parent / "demo.svg"
_RANKING, _SCORE, _EXPORT = "[5/8]", "[6/8]", "[7/8]"
#: So many lines of the explanation from its beginning, and from its end.
_FIRST, _LAST = 17, 9
_MORE = "    \x1b[2m……\x1b[0m"


def picture() -> str:
    """The picture as it should be now."""
    with tempfile.TemporaryDirectory() as place, folder(Path(place)):
        played = play("partybuild demo")
    if played.code:
        raise SystemExit(played.text)
    lines = [line.rstrip() for line in played.screen.splitlines()]
    score, export = _at(lines, _SCORE), _at(lines, _EXPORT)
    ranking, explained = lines[_at(lines, _RANKING) : score], lines[score : export - 1]
    shown = [*ranking, *explained[:_FIRST], _MORE, *explained[-_LAST:]]
    return svg("\n".join(["\x1b[32m$\x1b[0m partybuild demo", _MORE, *shown]), "partybuild demo")


def _at(lines: Sequence[str], mark: str) -> int:
    return next(place for place, line in enumerate(lines) if mark in line)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    wanted = picture()
    if not parser.parse_args().check:
        PICTURE.write_text(wanted, encoding="utf8", newline="\n")
    elif not PICTURE.exists() or PICTURE.read_text(encoding="utf8") != wanted:
        print("stale: docs/demo.svg\nRun: python docs/picture.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
