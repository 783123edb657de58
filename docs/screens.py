"""Draw the pictures of the screen that the manual shows, by running what stands beneath them, and that of the README
(`demo.svg`): what `partybuild demo` shows of the ranking and of one member's score.

python docs/screens.py             draw those that have changed
python docs/screens.py --check     draw nothing; exit 1 when a picture is not what the screen shows
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

from generator.blocks import perform, play, svg, world
from generator.text import DOCS, options, settle

SCREENS = DOCS / "screens"
#: So many lines of the member's score from its beginning, and from its end.
_FIRST, _LAST = 17, 9
_MORE = "    \x1b[2m……\x1b[0m"


def demo() -> str:
    """The picture of the README."""
    with world("empty"):
        played = play("partybuild demo")
    if played.code:
        raise SystemExit(played.text)
    lines = [line.rstrip() for line in played.screen.splitlines()]
    ranking, score, export = (next(at for at, line in enumerate(lines) if f"[{n}/8]" in line) for n in (5, 6, 7))
    explained = lines[score : export - 1]
    shown = [*lines[ranking:score], *explained[:_FIRST], _MORE, *explained[-_LAST:]]
    return svg("\n".join(["\x1b[32m$\x1b[0m partybuild demo", _MORE, *shown]), "partybuild demo")


def pictures() -> dict[Path, str]:
    """Every picture that a page asks for."""
    found = {DOCS / "demo.svg": demo()}
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text(encoding="utf8")
        if "<!-- picture: " in text:
            shown: dict[tuple[str, int], list[str]] = defaultdict(list)
            for block, step, played in perform(text):
                if "picture" in block.marks:
                    lines = [f"\x1b[32m$\x1b[0m {step.line}", played.screen.rstrip()]
                    shown[block.marks["picture"], block.width] += lines
            for (name, width), lines in shown.items():
                screen = re.sub(r" +$", "", "\n".join(lines), flags=re.MULTILINE)
                found[SCREENS / f"{name}.svg"] = svg(screen, columns=width)
    return found


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    return int(settle(pictures(), SCREENS.glob("*.svg"), check, "screens.py") and check)


if __name__ == "__main__":
    sys.exit(main())
