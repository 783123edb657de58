"""Words as clerks say them in commands, and what cannot be meant."""

from datetime import date

import pytest
import time_machine
from openpyxl import Workbook


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-25T10:00:00+08:00", tick=True):  # a Wednesday
        yield


def _day(cli, ledger, number, key):
    return cli(ledger, "show", number, "--json").json[key]


@pytest.mark.parametrize(("said", "day"), [("昨天", "2026-11-24"), ("上周五", "2026-11-20"), ("10.15", "2026-10-15")])
def test_a_meeting_is_recorded_by_the_word_for_its_day(branch, said, day):
    done = branch("meeting", "add", "--kind", "主题党日", "--on", said, "--topic", "学习")
    assert done.code == 0, done.err
    assert _day(branch, "meeting", 1, "held_on") == day


def test_an_edit_a_transfer_and_a_look_back_know_the_words_too(branch):
    assert branch("member", "edit", "李四", "--arrived-on", "10月15日").code == 0
    assert _day(branch, "member", "李四", "arrived_on") == "2026-10-15"
    assert branch("member", "transfer", "李四", "--to", "市二院", "--on", "昨天").code == 0
    assert _day(branch, "member", "李四", "left_on") == "2026-11-24"
    assert "昨天" not in branch("member", "list", "--as-of", "昨天").err


def test_a_deadline_without_a_year_lies_ahead_and_is_told(branch):
    done = branch("task", "add", "--area", "整改", "--item", "整改", "--responsible", "张三", "--due-on", "1.15")
    assert done.code == 0, done.err
    assert "“1.15”记作 2027-01-15" in done.err
    assert _day(branch, "task", 1, "due_on") == "2027-01-15"


def test_dues_of_a_month_by_its_word(branch):
    done = branch(
        "dues", "add", "--member", "张三", "--month", "上月", "--due", "50", "--paid", "50", "--paid-on", "10.20"
    )
    assert done.code == 0, done.err
    assert _day(branch, "dues", 1, "month") == "2026-10"
    assert branch("dues", "prepare", "本月").out == "已核定 2026-11 应缴 0 人。\n"


def test_a_period_by_its_word(branch):
    assert branch("check", "上月", "--json").json["period"] == "2026-10"
    assert branch("report", "上半年", "--json").json["period"] == "2026H1"


def test_in_a_workbook_today_is_no_day(branch, tmp_path):
    book = Workbook()
    book.active.append(["会议类型", "时间", "主题", "党支部"])
    book.active.append(["主题党日", "今天", "学习", "神经内科党支部"])
    book.save(tmp_path / "会议.xlsx")
    done = branch("import", "会议.xlsx", "--ledger", "meeting")
    assert (done.code, branch("meeting", "list", "--json").json) == (4, [])


MEETING = ("meeting", "add", "--kind", "主题党日", "--topic", "学习")
SERVICE = ("service", "add", "--kind", "义诊", "--on", "昨天", "--title", "进社区")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*MEETING, "--on", "2028-03-05"), "2028-03-05"),
        ((*MEETING, "--on", "昨天", "--hours", "200"), "24"),
        ((*SERVICE, "--member", "张三", "--hours", "200"), "24"),
        ((*SERVICE, "--member", "张三:200"), "24"),
        (("dues", "add", "--member", "张三", "--month", "上月", "--paid", "99999999"), "99999999"),
        (("dues", "add", "--member", "张三", "--month", "2028-10", "--paid", "50"), "2028-10"),
        (("member", "edit", "张三", "--born-on", "2010-01-01"), "出生"),
        (("member", "edit", "李四", "--full-on", "2020-01-01"), "2026-05-22"),
        (("branch", "add", "--name", "import"), "import"),
        (("branch", "edit", "神经内科党支部", "--name", "list"), "list"),
        (("pairing", "add", "--member", "张三", "--partner", "甲", "--started-on", "昨天", "--ended-on", "上月"), ""),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(branch, words, said):
    before = branch("log", "--json").json
    done = branch(*words)
    assert done.code in (2, 4), done.out
    assert said in done.err
    assert branch("log", "--json").json == before


def test_a_branch_called_like_a_command_is_refused_at_the_beginning(cli, book_file):
    done = cli("init", "--branch", "list")
    assert (done.code, "list" in done.err, book_file.exists()) == (4, True, False)


def test_several_days_may_have_more_than_a_day_of_hours(branch):
    words = ("study", "add", "--member", "张三", "--topic", "轮训", "--hours", "32", "--studied-on")
    assert branch(*words, "2026-10-12..2026-10-16").code == 0
    assert branch(*words, "2026-09").code == 0
    assert branch(*words, "2026-10-19").code == 4


def test_a_record_that_is_odd_already_can_still_be_edited_elsewhere(branch, tmp_path):
    book = Workbook()
    book.active.append(["会议类型", "时间", "主题", "党支部", "学时"])
    book.active.append(["主题党日", f"{date.today().year + 3}-01-05", "学习", "神经内科党支部", "100"])
    book.save(tmp_path / "会议.xlsx")
    assert branch("import", "会议.xlsx", "--ledger", "meeting").code == 0
    assert branch("meeting", "edit", 1, "--note", "核对过").code == 0


@pytest.fixture
def wards(branch):
    """神经内科党支部 beside 心内科党支部, and 何思齐."""
    assert branch("branch", "add", "--name", "心内科党支部", "--kind", "党支部").code == 0
    added = ("member", "add", "--name", "何思齐", "--staff-no", "009", "--category", "正式党员", "--branch", "心内科")
    assert branch(*added).code == 0
    return branch


def test_a_part_that_only_one_branch_has_names_it_in_a_command(wards):
    assert wards("member", "show", "何思齐", "--json").json["branch"] == "心内科党支部"
    assert [one["name"] for one in wards("member", "list", "--branch", "心内科", "--json").json] == ["何思齐"]
    assert wards("branch", "show", "神经内科", "--json").json["name"] == "神经内科党支部"
    assert {one["branch"] for one in wards("check", "--branch", "心内科", "--json").json["items"]} == {"心内科党支部"}


def test_a_part_of_several_branches_names_none(wards):
    done = wards("member", "list", "--branch", "内科")
    assert (done.code, "神经内科党支部" in done.err, "心内科党支部" in done.err) == (3, True, True)
    assert wards("member", "edit", "何思齐", "--branch", "内科").code == 4


def test_in_a_workbook_a_part_is_no_branch(wards, tmp_path):
    book = Workbook()
    book.active.append(["会议类型", "时间", "主题", "党支部"])
    book.active.append(["主题党日", "2026-11-05", "学习", "神经内科"])
    book.save(tmp_path / "会议.xlsx")
    done = wards("import", "会议.xlsx", "--ledger", "meeting")
    assert (done.code, "没有叫“神经内科”的党组织，是不是神经内科党支部" in done.out + done.err) == (4, True)


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("member", "show", "何思其"), "是不是何思齐"),
        (("member", "show", "何思"), "是不是何思齐"),
        (("member", "list", "--branch", "新内科党支部"), "是不是心内科党支部"),
        (("template", "mebmer"), "member"),
    ],
)
def test_a_near_name_is_proposed(wards, words, near):
    done = wards(*words)
    assert (done.code, near in done.err) == (3 if words[0] == "member" else 2, True)


def test_a_near_name_in_a_text_is_told_and_the_text_is_kept(wards):
    done = wards("honor", "add", "--title", "先进个人", "--winner", "何思其", "--level", "院级", "--on", "昨天")
    assert (done.code, "花名册中没有“何思其”，是不是何思齐" in done.err) == (0, True)
    assert (
        "花名册中没有"
        not in wards("honor", "add", "--title", "优秀", "--winner", "何思齐", "--level", "院级", "--on", "昨天").err
    )


def test_a_transfer_to_a_part_of_a_branch_of_the_book_is_no_other_unit(wards):
    before = wards("log", "--json").json
    done = wards("member", "transfer", "李四", "--to", "心内科", "--on", "昨天")
    assert (done.code, "心内科党支部" in done.err, wards("log", "--json").json) == (4, True, before)
    assert wards("member", "transfer", "李四", "--to", "心内科党支部", "--on", "昨天").code == 0
