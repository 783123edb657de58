"""`document`: Word documents from the records, by templates that the clerk may change."""

import stat

import pytest
from docx import Document

MEETING = "会议记录-2026-09-05-支部党员大会-1.docx"


def cells(path):
    """Label -> value of every table of a document, and the text of its paragraphs."""
    document = Document(path)
    found = {}
    for table in document.tables:
        for row in table.rows:
            texts = [cell.text for at, cell in enumerate(row.cells) if at == 0 or cell._tc is not row.cells[at - 1]._tc]
            found |= dict(zip(texts[::2], texts[1::2], strict=False))
    return found, "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_a_meeting_says_what_is_recorded_and_leaves_room_for_the_rest(year, tmp_path):
    done = year("document", "meeting", 1)
    assert (done.code, done.out.strip()) == (0, MEETING), done.err
    told, text = cells(tmp_path / MEETING)
    assert "神经内科党支部支部党员大会记录" in text
    assert (told["时间"], told["主题"], told["应到"], told["实到"]) == ("2026年9月5日", "第三季度党员大会", "4", "3")
    assert (told["请假人员及原因"], told["缺席人员及原因"]) == ("张三（值班）", "无")
    assert {told[label] for label in ("地点", "主持人", "内容", "决议")} == {"＿＿＿＿＿"}
    assert "列席" not in told
    assert stat.S_IMODE((tmp_path / MEETING).stat().st_mode) == 0o600


def test_who_came_is_a_gap_where_nobody_wrote_it_down(year, tmp_path):
    assert year("document", "meeting", 2).code == 0
    told, _ = cells(tmp_path / "会议记录-2026-10-05-党课-2.docx")
    for label in ("应到", "实到", "出席人员", "请假人员及原因", "缺席人员及原因", "主讲人"):
        assert told[label] == "＿＿＿＿＿", label


def test_the_same_records_give_the_same_bytes_and_a_filled_document_is_left_alone(year, tmp_path):
    year("document", "meeting", 1)
    first = (tmp_path / MEETING).read_bytes()
    year("document", "meeting", 1)
    assert (tmp_path / MEETING).read_bytes() == first
    document = Document(tmp_path / MEETING)
    document.add_paragraph("手填的一段")
    document.save(tmp_path / MEETING)
    filled = (tmp_path / MEETING).read_bytes()
    again = year("document", "meeting", 1)
    assert (again.code, "有人改过" in again.err) == (0, True)
    assert (tmp_path / MEETING).read_bytes() == filled
    refused = year("document", "meeting", 1, "--out", tmp_path / MEETING)
    assert (refused.code, "没有覆盖它" in refused.err) == (3, True)


def change(path, old, new):
    document = Document(path)
    for paragraph in document.paragraphs:
        if old in paragraph.text:
            paragraph.text = paragraph.text.replace(old, new)
    document.save(path)


def test_a_changed_template_is_used_from_beside_the_book_and_from_a_folder(year, tmp_path):
    assert year("document", "templates").code == 0
    change(tmp_path / "文书模板" / "会议记录.docx", "{{党支部}}", "某医院{{党支部}}")
    year("document", "meeting", 1, "--out", "一.docx")
    assert "某医院神经内科党支部" in cells(tmp_path / "一.docx")[1]
    assert year("document", "templates", "--out", tmp_path / "T").code == 0
    change(tmp_path / "T" / "会议记录.docx", "{{党支部}}", "【{{主题}}】")
    assert year("document", "meeting", 1, "--out", "二.docx", "--templates", "T").code == 0
    assert "【第三季度党员大会】支部党员大会记录" in cells(tmp_path / "二.docx")[1]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("{{会议主题}}", "“会议主题”不是能填的内容"), ("{{党支部", "标记写得不完整"), ("{% if 主题 %}", "标记写得不完整")],
)
def test_a_template_with_a_slip_is_refused_by_name(year, tmp_path, wrong, said):
    year("document", "templates")
    change(tmp_path / "文书模板" / "会议记录.docx", "{{党支部}}", wrong)
    refused = year("document", "meeting", 1)
    assert (refused.code, said in refused.err, "会议记录.docx" in refused.err) == (3, True, True), refused.err
    (tmp_path / "文书模板" / "会议记录.docx").write_text("not Word")
    refused = year("document", "meeting", 1)
    assert (refused.code, "不是能用的 Word 文档" in refused.err) == (3, True), refused.err


def test_a_template_runs_no_program(year, tmp_path):
    year("document", "templates")
    change(tmp_path / "文书模板" / "会议记录.docx", "{{党支部}}", "{{主题.__class__.__mro__}}")
    refused = year("document", "meeting", 1)
    assert refused.code == 3, refused.out


def test_marks_of_a_record_stay_text(branch, tmp_path):
    content = "血压<140 & “{{主题}}”\n第二段"
    branch("meeting", "add", "--kind", "党课", "--on", "2026-09-05", "--topic", "a<b", "--content", content)
    assert branch("document", "meeting", 1, "--out", "x.docx").code == 0
    assert cells(tmp_path / "x.docx")[0]["内容"] == content
