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


def test_the_page_to_be_posted_holds_standards_and_results_of_the_posts_in_force(branch, tmp_path):
    for name, place, more in (
        ("张三", "卒中岗", ["--duties", "守夜班"]),
        ("003", "宣教岗", ["--removed-on", "2026-05-01"]),
    ):
        words = ("--place", place, "--set-on", "2026-01-01", *more)
        assert branch("post", "add", "--member", name, *words).code == 0
    for quarter, result in (("2026Q2", "合格"), ("2026Q3", "不合格")):
        assert branch("post", "edit", 1, "--quarter", quarter, "--assessed", result).code == 0
    path = tmp_path / "page.xlsx"
    done = branch("post", "page", "--out", path)
    assert (done.code, done.out) == (0, f"已写出 {path}：1 个示范岗。\n"), done.err
    told = [str(cell) for row in load_workbook(path).active.iter_rows(values_only=True) for cell in row if cell]
    assert told[0] == "神经内科党支部党员示范岗标准和考核结果公开"
    assert {"张三", "卒中岗", "守夜班", "2026Q2 合格\n2026Q3 不合格"} <= set(told)
    assert "宣教岗" not in told
