"""What moved between two accounts of one member, in the words that a clerk knows."""

import pytest

from partybuild_cli.index.accounts import Account
from partybuild_cli.index.diff import compare
from partybuild_cli.index.scoring import PARTS

pytestmark = pytest.mark.usefixtures("first_edition")


def _account(score: str, **parts: str) -> Account:
    who = {"name": "张三", "staff_no": "001", "member": 1, "branch": "神经内科党支部", "category": "正式党员"}
    head = {"quarter": "2026Q3", "scheme": "默认方案@1", "rank": 1, "days": 92, "unscored": ""}
    return Account(**who, **head, score=score, parts=parts)


def test_the_parts_of_a_score_are_named_in_chinese() -> None:
    before = _account("80.0", **dict.fromkeys(PARTS, "80"))
    after = _account("90.0", **dict.fromkeys(PARTS, "90"))
    [moved] = compare([before], [after], with_records=False)
    lines = [(line["id"], line["name"], line["after"]) for line in moved["lines"]]
    assert lines == [("评议", word, "90") for word in ("自评", "互评", "群众评议", "组织评定", "记录得分")]
