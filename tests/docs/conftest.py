"""The programs that make the documentation stand in `docs/` and import each other by name."""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
#: What draws the tables of the pages and pictures; an older one makes the last column wider by a blank.
RICH = 15


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `drawn` compare what rich draws."""
    if int(version("rich").partition(".")[0]) < RICH:
        for item in items:
            if item.get_closest_marker("drawn"):
                item.add_marker(pytest.mark.skip(reason=f"pages and pictures are drawn by rich {RICH}"))
