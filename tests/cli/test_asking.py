"""Questions at a terminal: an import that cannot tell a column asks, and what it reports goes where it was sent."""

import os
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pty = pytest.importorskip("pty")
ROSTER = "称谓,工号,人员类别,性别,入党时间,所在党支部\n" + "".join(
    f"党员{chr(0x4E00 + n)},T{n},正式党员,女,2010-05,神经内科党支部\n" for n in range(150)
)


@dataclass
class Sitting:
    """A command with somebody at its terminal; standard output is a file."""

    running: subprocess.Popen[bytes]
    terminal: int

    def see(self, until: str = "", wait: float = 20) -> str:
        """What appears on the terminal until a text does, or until nothing has come for so long."""
        shown = b""
        while select.select([self.terminal], [], [], wait)[0]:
            shown += os.read(self.terminal, 4096)
            if until and shown.decode(errors="ignore").rstrip().endswith(until):
                break
        return shown.decode()

    def say(self, line: str) -> None:
        os.write(self.terminal, f"{line}\n".encode())


@pytest.fixture
def sit(branch, tmp_path: Path):
    (tmp_path / "花名册.csv").write_text(ROSTER, encoding="utf8")
    mine, theirs = pty.openpty()
    with (tmp_path / "out").open("wb") as out:
        words = [sys.executable, "-m", "partybuild_cli", "import", "花名册.csv"]
        with subprocess.Popen(words, stdin=theirs, stderr=theirs, stdout=out) as running:
            os.close(theirs)
            yield Sitting(running, mine)
            running.kill()
    os.close(mine)


def test_nothing_turns_in_the_line_of_the_answer(sit, tmp_path):
    asked = sit.see(until="都不是就直接回车：")
    assert "这张表（党员花名册）里，哪一列是“姓名”？" in asked
    assert sit.see(wait=0.5) == ""
    sit.say("9")
    assert "没有这个序号" in sit.see(until="都不是就直接回车：")
    sit.say("1")
    assert sit.running.wait(20) == 0
    told = (tmp_path / "out").read_text(encoding="utf8")
    assert "添加 150" in told
    assert "哪一列" not in told


def test_a_csv_that_is_no_ledger_is_not_called_by_a_star(branch, tmp_path):
    (tmp_path / "杂.csv").write_text("甲,乙\n1,2\n", encoding="utf8")
    refused = branch("import", "杂.csv").err
    assert "没有找到台账。这张表：" in refused


def test_a_file_without_any_content_is_called_that(branch, tmp_path):
    (tmp_path / "空.csv").write_text("\n,,\n", encoding="utf8")
    assert "空.csv 里没有内容" in branch("import", "空.csv").err


def test_a_heading_that_is_nothing_like_it_is_not_proposed(branch, tmp_path):
    (tmp_path / "会议.csv").write_text("日期,议题,天气,主持人\n2026-09-01,研究工作,晴,张三\n", encoding="utf8")
    told = branch("import", "会议.csv", "--ledger", "meeting").out
    assert "加一列“会议类型”" in told
    assert "--map 天气" not in told


def test_everything_that_a_record_needs_is_asked_for(branch, sitting):
    left = sitting("党员大", "九月五日", "二〇二六年九月五日", "研究工作", "", "是", "")
    done = branch("meeting", "add")
    assert done.code == 0, done.err
    assert not left
    assert "2026-09-05 支部党员大会 研究工作" in done.out
    line = "partybuild meeting add --kind 支部党员大会 --on 二〇二六年九月五日 --topic 研究工作 --first-topic 是"
    assert line in done.err
    assert branch("log", "--json").json[0]["command"] == line


def test_choices_are_taken_by_number_or_a_part_and_said_again_where_neither_is(branch, sitting):
    left = sitting("77", "12", "全体", "党", "4", "10.5", "国庆党课", "", "王芳", "王芳(003)", "2", "")
    done = branch("meeting", "add")
    assert (done.code, left) == (0, []), done.err
    assert "请写前面的序号" in done.err
    assert "“党”可能是支部党员大会、党小组会、党课、主题党日，请写序号" in done.err
    assert "有 2 名党员叫“王芳”" in done.err
    assert "改哪一项" not in done.err
    shown = branch("meeting", "show", 1, "--json").json
    assert (shown["kind"], shown["lecturer"], shown["hours"]) == ("党课", "王芳(003)", "2")


def test_a_step_back_leads_to_the_question_before_and_leaving_writes_nothing(branch, sitting):
    left = sitting("党课", "2026-09-05", "返回", "2026-09-06", "国庆", "退出")
    done = branch("meeting", "add")
    assert (done.code, left) == (130, [])
    assert "没有写入任何内容" in done.err
    sitting("党课", "2026-09-05", "返回", "2026-09-06", "国庆", "0", "", "", "")
    assert branch("meeting", "add").code == 0
    [kept] = branch("meeting", "list", "--json").json
    assert (kept["held_on"], kept["present"]) == ("2026-09-06", 4)
    sitting("返回")
    assert branch("service", "add").code == 130


def test_who_is_unknown_is_asked_again_before_anything_else(branch, sitting):
    left = sitting("张三三", "张三、李四", "2026-09", "", "50", "50", "")
    done = branch("dues", "add")
    assert (done.code, left) == (0, []), done.err
    assert "花名册中没有“张三三”，是不是张三" in done.err
    assert [one["member"] for one in branch("dues", "list", "--json").json] == ["张三", "李四"]
    assert "partybuild dues add --member 张三、李四 --month 2026-09 --due 50 --paid 50" in done.err


def test_what_cannot_be_written_is_corrected_and_not_typed_anew(branch, sitting):
    branch("dues", "add", "--member", "张三", "--month", "2026-09", "--paid", "50")
    left = sitting("张三", "2026-09", "", "", "50", "", "月份", "2026-10")
    done = branch("dues", "add")
    assert (done.code, left) == (0, []), done.err
    assert "已有这条记录" in done.err
    assert [one["month"] for one in branch("dues", "list", "--json").json] == ["2026-09", "2026-10"]


def test_who_writes_the_whole_line_is_asked_nothing_more(branch, sitting):
    left = sitting()
    done = branch("honor", "add", "--title", "优秀共产党员", "--winner", "张三", "--level", "院级")
    assert (done.code, left, "下次可以" in done.err) == (0, [], False)


def test_what_the_index_counts_by_is_asked_for_behind_what_is_required(branch, sitting):
    left = sitting("优秀共产党员", "张三、李四", "院", "6月30日", "党内", "")
    done = branch("honor", "add")
    assert (done.code, left) == (0, []), done.err
    assert done.err.count("还有吗") == 1
    found = branch("honor", "list", "--json").json
    assert [(one["winner"], one["field"], one["awarded_on"][5:]) for one in found] == [
        ("张三", "党内", "06-30"),
        ("李四", "党内", "06-30"),
    ]


@pytest.mark.parametrize(
    ("ledger", "flags"), [("meeting", ["--kind", "--held-on", "--topic"]), ("dues", ["--member", "--month"])]
)
def test_without_a_terminal_every_missing_option_is_named_at_once(branch, ledger, flags):
    done = branch(ledger, "add")
    assert done.code == 2
    assert all(f"{flag}（" in done.err for flag in flags)


def test_a_group_is_chosen_among_those_that_there_are_and_a_new_one_only_with_a_member(branch, sitting):
    branch("member", "edit", "张三", "--group", "第一党小组", "--correct")
    branch("member", "edit", "李四", "--group", "第二党小组", "--correct")
    left = sitting("学章程", "第三党小组", "2", "0", "")
    done = branch("meeting", "add", "--kind", "党小组会", "--on", "2026-10-12")
    assert (done.code, left, "没有这一个" in done.err) == (0, [], True), done.err
    assert branch("meeting", "show", 1, "--json").json["group"] == "第二党小组"
    left = sitting("钱乙", "010", "2010-01", "", "第三党小组", "")
    done = branch("member", "add", "--category", "正式党员")
    assert (done.code, left) == (0, []), done.err
    assert "第三党小组" in [one.get("group") for one in branch("member", "list", "--all", "--json").json]


def test_enter_corrects_what_the_sentence_names(branch, sitting):
    left = sitting("张三", "10.15", "义诊", "2", "200", "", "2", "", "")
    done = branch("service", "add", "--title", "义诊", "--people-served", "20", "--branch", "神经内科党支部")
    assert left == [], done.err


def test_a_month_and_a_day_that_are_none_are_asked_again(branch, sitting):
    left = sitting("13月", "2026-10", "张三", "上上周", "2026-10-12")
    branch("dues", "add", "--member", "张三", "--month", "2026-09", "--base", "6000")
    done = branch("dues", "pay")
    assert (done.code, left) == (0, []), done.err
    assert branch("dues", "list", "--period", "2026-10", "--json").json[0]["paid"] == "90"


def test_who_pays_for_the_first_time_is_asked_for_the_base(branch, sitting):
    branch("dues", "add", "--member", "张三", "--month", "2026-09", "--base", "6000")
    left = sitting("2026-10", "张三、李四、王芳(003)", "2026-10-12", "一万", "8000", "")
    done = branch("dues", "pay")
    assert (done.code, left) == (0, []), done.err
    paid = {one["member"]: one["paid"] for one in branch("dues", "list", "--period", "2026-10", "--json").json}
    assert paid == {"张三": "90", "李四": "120"}
    assert "不知道缴纳基数，没有登记" in done.err
