"""`post card`: the card of a model post."""

from openpyxl import load_workbook


def test_a_card_names_post_duties_and_pledge_and_keeps_numbers_out(branch, tmp_path):
    assert branch("member", "edit", "张三", "--department", "神经内科", "--phone", "15400000001").code == 0
    words = ["--set-on", "2026-07-01", "--plate", "示-01", "--duties", "守夜班", "--pledge", "不误一分钟"]
    assert branch("post", "add", "--member", "张三", "--place", "卒中岗", *words).code == 0
    path = tmp_path / "card.xlsx"
    done = branch("post", "card", 1, "--out", path)
    assert done.code == 0, done.err
    sheet = load_workbook(path).active
    told = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert told[:2] == ["神经内科党支部", "党员示范岗"]
    assert {"张三", "卒中岗", "书记", "神经内科", "示-01", "守夜班", "不误一分钟", "照片"} <= set(told)
    assert not any("1540" in cell for cell in told)
    assert sheet.page_setup.orientation == "landscape"
    assert "A3:A8" in {str(merged) for merged in sheet.merged_cells.ranges}
    first = path.read_bytes()
    assert branch("post", "card", 1, "--out", path).code == 0
    assert path.read_bytes() == first


def test_a_post_that_is_none_is_not_found(branch):
    assert branch("post", "card", 4).code == 3
