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
