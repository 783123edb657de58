"""What moved between two accounts of one member, in the words that a clerk knows."""

from typing import Any

from partybuild_cli.index.diff import compare
from partybuild_cli.index.parts import PARTS


def _account(score: str, **parts: str) -> dict[str, Any]:
    return {"member": 1, "name": "张三", "staff_no": "001", "branch": "神经内科党支部", "score": score, "parts": parts}


def test_the_parts_of_a_score_are_named_in_chinese() -> None:
    before = _account("80.0", **dict.fromkeys(PARTS, "80"))
    after = _account("90.0", **dict.fromkeys(PARTS, "90"))
    [moved] = compare([before], [after], with_records=False)
    lines = [(line["id"], line["name"], line["after"]) for line in moved["lines"]]
    assert lines == [("评议", word, "90") for word in ("自评", "互评", "群众评议", "组织评定", "记录得分")]
