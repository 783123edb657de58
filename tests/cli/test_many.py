"""Many people in one command: lists, files, a group, everybody but some; one transaction, one undo."""

import io

import pytest

LECTURE = ("study", "add", "--on", "2026-10-12", "--topic", "国庆讲座", "--hours", "2")


def _names(cli, ledger="study"):
    return [
        one["member"] if isinstance(one["member"], str) else f"{one['member']['name']}({one['member']['staff_no']})"
        for one in cli(ledger, "list", "--json").json
    ]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--member", "张三", "--member", "李四"], ["张三", "李四"]),
        (["--member", "张三、李四，003"], ["张三", "李四", "王芳(003)"]),
        (["--all"], ["张三", "李四", "王芳(003)", "王芳(004)"]),
        (["--member", "全体"], ["张三", "李四", "王芳(003)", "王芳(004)"]),
        (["--member", "全体党员除了李四、004"], ["张三", "王芳(003)"]),
        (["--member", "第一党小组除张三外"], ["李四"]),
        (["--all", "--except", "李四,王芳(004)"], ["张三", "王芳(003)"]),
        (["--all", "--except", "李四", "--except", "张三"], ["王芳(003)", "王芳(004)"]),
        (["--group", "第一党小组"], ["张三", "李四"]),
        (["--group", "一", "--except", "张三"], ["李四"]),
        (["--group", "第一党小组", "--member", "003、李四"], ["王芳(003)", "李四", "张三"]),
        (["--member", "@名单.txt"], ["张三", "李四"]),
        (["--member", "-"], ["李四", "王芳(004)"]),
        (["--all", "--except", "@名单.txt"], ["王芳(003)", "王芳(004)"]),
    ],
)
def test_who_is_meant(branch, tmp_path, monkeypatch, words, names):
    for name in ("张三", "李四"):
        branch("member", "edit", name, "--group", "第一党小组", "--correct")
    (tmp_path / "名单.txt").write_text("张三\r\n\r\n李四\r\n", encoding="gbk")
    monkeypatch.setattr("sys.stdin", io.StringIO("李四\n王芳(004)\n"))
    before = len(branch("log", "--json").json)
    done = branch(*LECTURE, *words)
    assert done.code == 0, done.err
    assert _names(branch) == names
    assert len(branch("log", "--json").json) == before + 1
    assert branch("undo", "--yes").code == 0
    assert _names(branch) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--except", "李四"], 2, "--except 要和 --all 或 --group 一起写"),
        (["--all", "--except", "赵六"], 2, "花名册中没有“赵六”"),
        (["--all", "--except", "王芳"], 2, "有 2 名党员叫“王芳”"),
        (["--group", "第九党小组"], 2, "没有叫“第九党小组”的党小组，2026-10-12 有：第一党小组"),
        (["--group", "第一党小组", "--except", "李四"], 2, "“李四”本来就不在其中"),
        (["--member", "张三、赵六、钱七"], 4, "钱七"),
        (["--member", "@没有.txt"], 3, "不能读取名单文件 没有.txt"),
        (["--all", "--on", "1990-01-01"], 2, "选项 --on 只能写一个值"),
    ],
)
def test_nothing_is_written_where_one_is_not_understood(branch, words, code, said):
    branch("member", "edit", "张三", "--group", "第一党小组", "--correct")
    done = branch(*LECTURE, *words)
    assert (done.code, said in done.err) == (code, True), done.err
    assert _names(branch) == []


def test_one_who_has_the_record_already_stops_the_whole(branch):
    branch(*LECTURE, "--member", "李四")
    done = branch(*LECTURE, "--all")
    assert done.code == 4
    assert "已有这条记录（编号 1）" in done.err
    assert _names(branch) == ["李四"]


def test_all_are_those_of_the_day_and_of_the_branch_that_is_named(branch):
    branch("branch", "add", "--name", "药学部党支部")
    branch("member", "transfer", "张三", "--to", "药学部党支部", "--on", "2026-10-01")
    assert "请用 --branch 写明" in branch(*LECTURE, "--all").err
    assert branch(*LECTURE, "--all", "--branch", "药学部").code == 0
    assert _names(branch) == ["张三"]


def test_all_take_part_in_a_service_with_hours_of_their_own_for_some(branch):
    words = ("--kind", "义诊", "--on", "2026-10-12", "--title", "进社区", "--hours", "3")
    assert branch("service", "add", *words, "--all", "--except", "004", "--member", "李四:6").code == 0
    [kept] = branch("service", "list", "--json").json
    assert [(one["name"], one["reason"]) for one in kept["members"]] == [
        ("张三", None),
        ("李四", "6小时"),
        ("王芳", None),
    ]


def test_all_came_to_a_meeting_but_for_one(branch):
    assert (
        branch(
            "meeting", "add", "--kind", "党课", "--on", "2026-10-12", "--topic", "讲", "--all", "--except", "李四"
        ).code
        == 0
    )
    [kept] = branch("meeting", "list", "--json").json
    assert (kept["due"], kept["present"], kept["absent"][0]["name"]) == (4, 3, "李四")


def test_no_option_that_names_people_drops_one(branch):
    assert (
        branch("honor", "add", "--title", "优秀党员", "--level", "院级", "--winner", "张三", "--winner", "李四").code
        == 0
    )
    assert [one["winner"] for one in branch("honor", "list", "--json").json] == ["张三", "李四"]
    task = ("task", "add", "--area", "党建", "--item", "整改", "--responsible", "张三", "--responsible", "李四")
    assert branch(*task).code == 0
    assert branch("task", "show", 1, "--json").json["responsible"] == "张三、李四"


def test_everybody_may_be_the_answer_to_a_question(branch, sitting):
    left = sitting("全体，除赵六", "全体，除李四", "10.12", "讲座", "两个", "2", "1")
    done = branch("study", "add")
    assert (done.code, left) == (0, []), done.err
    assert _names(branch) == ["张三", "王芳(003)", "王芳(004)"]
    line = "partybuild study add --on 2026-10-12 --topic 讲座 --hours 2 --kind 集中学习 --all --except 李四"
    assert line in done.err


def test_whose_everybody_is_meant_is_asked_where_there_are_several_branches(branch, sitting):
    branch("branch", "add", "--name", "药学部党支部")
    left = sitting("全体", "10.12", "讲座", "2", "", "神经")
    done = branch("study", "add")
    assert (done.code, left) == (0, []), done.err
    assert len(_names(branch)) == 4
    left = sitting("2026-10", "第一党小组", "", "神经", "2026-10", "全体", "", "返回")
    assert "没有叫“第一党小组”的党小组" in branch("dues", "pay").err
    assert branch("dues", "pay").code == 130
    assert left == []


def test_a_group_that_is_not_there_is_corrected(branch, sitting):
    left = sitting("第九党小组", "10.12", "讲座", "2", "", "姓名", "张三")
    assert (branch("study", "add").code, left) == (0, [])
    assert _names(branch) == ["张三"]


def test_many_records_are_told_in_one_line(branch):
    said = branch(*LECTURE, "--all").out
    assert "已登记到学习学时台账 4 条，编号 1 至 4" in said
    assert said.count("\n") == 1


def test_a_file_of_names_goes_into_an_edit_too(branch, tmp_path):
    (tmp_path / "名单.txt").write_text("李四:6\n003\n", encoding="utf8")
    branch("service", "add", "--kind", "义诊", "--on", "2026-10-12", "--title", "进社区", "--member", "张三")
    assert branch("service", "edit", 1, "--member", "@名单.txt").code == 0
    [kept] = branch("service", "list", "--json").json
    assert [(one["name"], one["reason"]) for one in kept["members"]] == [
        ("张三", None),
        ("李四", "6小时"),
        ("王芳", None),
    ]
