"""A masked value that comes back from an export stands for the true one, which it neither overwrites nor erases."""

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize("manner", [(), ("--erase-blank",), ("--fill-blank",)])
def test_what_is_masked_stays(branch: Any, tmp_path: Path, manner: tuple[str, ...]) -> None:
    kept = {"id_number": "119900198503120012", "phone": "15400000001"}
    assert branch("member", "edit", "001", "--id-number", kept["id_number"], "--phone", kept["phone"]).code == 0
    assert branch("export", "member", "--out", "out").code == 0
    done = branch("import", str(next((tmp_path / "out").glob("*.xlsx"))), *manner, "--json").json
    assert done["files"][0]["sheets"][0]["rows"]["unchanged"] == 4
    shown = branch("member", "show", "001", "--full", "--json").json
    assert {key: shown[key] for key in kept} == kept


#: Heading that no ledger knows, what stands under it, and what of that must never leave.
UNKNOWN = (
    ("社保账户", "8899001122", "99001122"), ("备用", "+86 154-0000-0008", "0000-0008"), ("卡", "6222 0202 0011 2233 446", "0202 0011"),
    ("其他", "身份证 119900199001010014", "19900101"), ("紧急联系人", "甲妻某", "妻某"), ("Home Address", "东街1号", "东街"),
    ("说明栏", "座机0571-88776655", "8877"), ("家庭成员", "甲父某", "父某"),
)  # fmt: skip


def test_what_unknown_columns_hold_leaves_masked_everywhere(branch: Any, tmp_path: Path) -> None:
    rows = [
        ["姓名", "工号", "人员类别", *(one[0] for one in UNKNOWN)],
        ["张三", "001", "正式党员", *(one[1] for one in UNKNOWN)],
    ]
    (tmp_path / "册.csv").write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    (change := branch("import", tmp_path / "册.csv", "--json").json)
    shown = [("member", "list", "--json"), ("member", "show", "001"), ("member", "show", "001", "--json")]
    shown += [
        ("log", "show", str(change["change"])),
        ("log", "--json"),
        ("import", str(tmp_path / "册.csv"), "--dry-run"),
    ]
    for command in shown:
        told = branch(*command).out
        assert [secret for _, _, secret in UNKNOWN if secret in told] == [], command
    assert branch("export", "member", "--out", "out").code == 0
    again = branch("import", str(next((tmp_path / "out").glob("*.xlsx"))), "--json").json
    assert again["files"][0]["sheets"][0]["rows"]["unchanged"] == again["files"][0]["sheets"][0]["rows"]["read"]
    assert [
        branch("member", "show", "001", "--full", "--json").json["extras"][heading] for heading, _, _ in UNKNOWN[:2]
    ] == [said for _, said, _ in UNKNOWN[:2]]
