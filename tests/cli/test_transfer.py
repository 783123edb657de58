"""组织关系转接: the old branch keeps the member for the days on which he belonged to it."""

MEETING = ("meeting", "add", "--kind", "党课", "--topic", "党课")


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
    assert branch("undo").code == 0
    assert branch("member", "show", "李四", "--json").json["left_to"] == "市第二医院"


def test_refusals(branch):
    assert "写到日" in branch("member", "transfer", "李四", "--to", "市一院", "--on", "2026-09").err
    assert "不能在 2026-01-01 转出" in branch("member", "transfer", "李四", "--to", "市一院", "--on", "2026-01-01").err
    assert "不用转接" in branch("member", "transfer", "李四", "--to", "神经内科党支部", "--on", "2026-09-01").err
    assert branch("member", "transfer", "李四", "--to", "市一院", "--on", "2026-09-01").code == 0
    again = branch("member", "transfer", "李四", "--to", "市一院", "--on", "2026-10-01").err
    assert "没有再次转出。转回来的，--to 后面写本单位的党支部" in again
    assert branch("member", "transfer", "李四", "--on", "2026-10-01").code == 2
