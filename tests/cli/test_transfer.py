"""组织关系转接: the old branch keeps the member for the days on which he belonged to it."""

import pytest

MEETING = ("meeting", "add", "--all-present", "--kind", "党课", "--topic", "党课")


def attended(cli, number):
    return [person["name"] for person in cli("meeting", "show", number, "--json").json["attendees"]]


def test_out_of_the_hospital(branch):
    done = branch("member", "transfer", "李四", "--to", "市第一医院", "--on", "2026-09-01")
    assert done.out == "李四自 2026-09-01 起转出到市第一医院，此前的记录都保留。\n"
    branch(*MEETING, "--on", "2026-08-31")
    branch(*MEETING, "--on", "2026-09-01")
    assert "李四" in attended(branch, 1)
    assert "李四" not in attended(branch, 2)


def test_to_another_branch_of_the_book(branch):
    branch("branch", "add", "--name", "心内科党支部", "--kind", "党支部")
    done = branch("member", "transfer", "李四", "--to", "心内科党支部", "--on", "2026-09-01")
    assert done.code == 0
    branch(*MEETING, "--on", "2026-08-31", "--branch", "神经内科党支部")
    branch(*MEETING, "--on", "2026-09-01", "--branch", "神经内科党支部")
    branch(*MEETING, "--on", "2026-09-01", "--branch", "心内科党支部")
    assert "李四" in attended(branch, 1)
    assert "李四" not in attended(branch, 2)
    assert attended(branch, 3) == ["李四"]
    late = branch(*MEETING, "--on", "2026-09-02", "--branch", "神经内科党支部", "--absent", "李四")
    assert "李四在 2026-09-02 已不在本支部（2026-09-01 转出）" in late.err


def test_away_and_back(branch):
    branch("member", "transfer", "李四", "--to", "市第一医院", "--on", "2026-08-01")
    early = branch("member", "transfer", "李四", "--to", "神经内科党支部", "--on", "2026-07-15")
    assert (early.code, "不能在 2026-07-15 转回" in early.err) == (4, True)
    back = branch("member", "transfer", "李四", "--to", "神经内科党支部", "--on", "2026-09-10")
    assert back.out.startswith("李四自 2026-09-10 起转入神经内科党支部")
    for number, day in enumerate(("2026-07-31", "2026-08-01", "2026-09-09", "2026-09-10"), start=1):
        branch(*MEETING, "--on", day)
        assert ("李四" in attended(branch, number)) == (day in ("2026-07-31", "2026-09-10"))
    again = branch("member", "transfer", "李四", "--to", "市第二医院", "--on", "2026-10-01")
    assert again.code == 0
    assert branch("member", "transfer", "李四", "--to", "神经内科党支部", "--on", "2026-11-01").code == 0
    assert branch("undo", "--yes").code == 0
    assert branch("member", "show", "李四", "--json").json["left_to"] == "市第二医院"


def test_refusals(branch):
    assert "写到日" in branch("member", "transfer", "李四", "--to", "市一院", "--on", "2026-09").err
    assert "不能在 2026-01-01 转出" in branch("member", "transfer", "李四", "--to", "市一院", "--on", "2026-01-01").err
    assert "不用转接" in branch("member", "transfer", "李四", "--to", "神经内科党支部", "--on", "2026-09-01").err
    assert branch("member", "transfer", "李四", "--to", "市一院", "--on", "2026-09-01").code == 0
    again = branch("member", "transfer", "李四", "--to", "市一院", "--on", "2026-10-01").err
    assert "没有再次转出。转回来的，--to 后面写本单位的党支部" in again
    assert branch("member", "transfer", "李四", "--on", "2026-10-01").code == 2


def test_no_day_lies_in_two_stays(branch):
    """A service on such a day would count twice in the index."""
    branch("member", "edit", "张三", "--left-on", "2026-08", "--left-to", "市第一医院")
    for day in ("2026-08-15", "2026-08-31"):
        back = branch("member", "transfer", "张三", "--to", "神经内科党支部", "--on", day)
        assert (back.code, "没有记到日" in back.err) == (4, True)
    branch("branch", "add", "--name", "心内科党支部")
    branch("member", "transfer", "李四", "--to", "心内科党支部", "--on", "2026-08-01")
    branch("member", "transfer", "李四", "--to", "神经内科党支部", "--on", "2026-09-01")
    early = branch("member", "edit", "李四", "--arrived-on", "2026-06-15")
    assert (early.code, "2026-09-01 才从原支部转出，转入日期不能更早" in early.err) == (4, True)
    assert branch("member", "edit", "李四", "--arrived-on", "2026-09-03").code == 0


def test_a_roster_does_not_move_an_arrival_before_the_transfer(branch, tmp_path):
    branch("branch", "add", "--name", "心内科党支部")
    branch("member", "transfer", "李四", "--to", "心内科党支部", "--on", "2026-08-01")
    file = tmp_path / "花名册.csv"
    file.write_text("姓名,工号,人员类别,转入日期,党支部\n李四,002,预备党员,2026-05-22,心内科党支部\n", encoding="utf-8")
    done = branch("import", file)
    assert (done.code, "转入日期不能更早" in done.out) == (4, True)
    assert branch("member", "show", "李四", "--json").json["arrived_on"] == "2026-08-01"


@pytest.mark.parametrize(("left", "code"), [("2026-04-30", 4), ("2026-04", 4), ("2026-05", 0), ("2026-05-02", 0)])
def test_nobody_leaves_before_he_came(branch, left, code):
    done = branch("member", "edit", "李四", "--arrived-on", "2026-05-01", "--left-on", left)
    assert done.code == code
    kept = branch("member", "show", "李四", "--json").json
    assert ("left_on" in kept) == (code == 0)
    if code:
        assert done.err == "错误：转出日期（--left-on）：早于转入日期 2026-05-01，请核对两个日期。没有写入任何内容。\n"


@pytest.mark.parametrize("renamed", [False, True])
@pytest.mark.parametrize("dated", ["", "填报日期：2026年8月1日"])
def test_a_roster_of_the_old_branch_does_not_double_who_was_transferred(branch, tmp_path, dated, renamed):
    person = ("--staff-no", "005", "--category", "正式党员", "--joined-on", "2010-07-01")
    assert branch("member", "add", "--name", "赵一川", *person, "--born-on", "1961-01-02").code == 0
    assert branch("branch", "add", "--name", "心内科党支部", "--kind", "党支部").code == 0
    assert branch("member", "transfer", "赵一川", "--to", "心内科党支部", "--on", "2026-09-01").code == 0
    if renamed:
        assert branch("member", "edit", "005", "--name", "赵川", "--from", "2026-09-02").code == 0
    before = branch("member", "list", "--json").out
    for number, born, code in (("", "1961-01-02", 4), ("008", "1961-01-02", 0), ("", "1971-01-02", 0)):
        row = f"神经内科党支部,赵一川,{number},{born},正式党员"
        (tmp_path / "旧.csv").write_text(
            f"党员花名册,,,,\n{dated},,,,\n所在党支部,姓名,工号,出生日期,人员类别\n{row}\n", "utf-8"
        )
        done = branch("import", tmp_path / "旧.csv")
        assert (done.code, (branch("member", "list", "--json").out == before)) == (code, code == 4), done.out
        if code == 0:
            assert branch("undo", "--yes").code == 0
