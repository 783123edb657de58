"""`document`: Word documents from the records, by templates that the clerk may change."""

import stat
import zipfile

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
    assert {told[label] for label in ("地点", "主持人", "内容", "决议")} == {"＿＿＿"}
    assert "列席" not in told
    assert stat.S_IMODE((tmp_path / MEETING).stat().st_mode) == 0o600


def test_who_came_is_a_gap_where_nobody_wrote_it_down(year, tmp_path):
    assert year("document", "meeting", 2).code == 0
    told, _ = cells(tmp_path / "会议记录-2026-10-05-党课-2.docx")
    for label in ("应到", "实到", "出席人员", "请假人员及原因", "缺席人员及原因", "主讲人"):
        assert told[label] == "＿＿＿", label


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


def texts(path):
    """Every line of a document: paragraphs, and rows of tables with their cells."""
    document = Document(path)
    rows = ["|".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *rows])


def test_a_notice_names_who_is_due_and_has_a_sheet_to_sign(branch, tmp_path):
    branch("meeting", "add", "--kind", "支委会", "--on", "2026-12-05", "--topic", "研究工作", "--place", "会议室")
    assert branch("document", "notice", 1, "--out", "n.docx").code == 0
    told = texts(tmp_path / "n.docx")
    assert "各位支部委员：" in told
    assert "定于2026年12月5日在会议室召开支委会" in told
    assert "张三、王芳(003)，共2人。" in told
    assert "1|张三||" in told
    assert "李四" not in told


def test_a_posting_says_until_when_and_to_whom(year, tmp_path):
    assert year("document", "posting", "2026Q3", "--out", "p.docx").code == 0
    draft = texts(tmp_path / "p.docx")
    assert "先锋指数公示（草稿）" in draft
    assert "公示时间：＿＿＿至＿＿＿（＿＿＿个工作日）" in draft
    for command in (["compute", "2026Q3"], ["publish", "2026Q3", "--on", "2026-10-09"]):
        done = year("index", *command)
        assert done.code == 0, done.err
    assert year("settings", "set", "reception_desk", "党委办公室").code == 0
    assert year("document", "posting", "2026Q3", "--out", "q.docx").code == 0
    told = texts(tmp_path / "q.docx")
    assert "（草稿）" not in told
    assert "公示时间：2026年10月9日至2026年10月14日（5个工作日）" in told
    assert "受理人：党委办公室　　联系电话：＿＿＿" in told
    assert year("document", "posting", "2026H1").code == 2


def test_a_summary_has_this_period_and_the_last_in_one_sentence(year, tmp_path):
    year(
        "meeting", "add", "--kind", "支部党员大会", "--on", "2026-06-05", "--topic", "第二季度党员大会", "--all-present"
    )
    assert year("document", "summary", "2026Q3", "--out", "s.docx").code == 0
    told = texts(tmp_path / "s.docx")
    assert "2026年第三季度召开支部党员大会1次" in told
    assert "会议出勤率75%（3/4），2026年第二季度100%（4/4）。" in told
    assert "开展志愿服务1次" in told
    assert "2026年第二季度分别为＿＿＿" in told
    assert "支部党员大会|1次|1次" in told
    assert year("document", "summary", "2031").code == 2


def test_a_members_page_holds_what_is_recorded_of_him(year, tmp_path):
    year("study", "add", "--member", "张三", "--on", "2026-03-02", "--topic", "原文", "--hours", "2.5")
    year("dues", "add", "--member", "张三", "--month", "2026-03", "--due", "30", "--paid", "30")
    year("honor", "add", "--title", "优秀党员", "--winner", "张三", "--level", "院级", "--awarded-on", "2026-07-01")
    year("member", "edit", "张三", "--phone", "15400000001")
    assert year("document", "member", "张三", "2026", "--out", "m.docx").code == 0
    told = texts(tmp_path / "m.docx")
    for line in (
        "支部党员大会|1|0|1|0|0",
        "2026年8月1日|进社区|3",
        "2026年7月1日|优秀党员|院级",
        "志愿服务：1次，3小时",
    ):
        assert line in told, line
    assert "2.5学时" in told
    assert "实缴（元）|＿＿＿|＿＿＿|30.00|" in told
    assert "另有1次会议没有逐人登记" in told  # the lecture
    assert "1540" not in told


def test_double_report_names_the_secretary_and_leaves_the_rest(year, tmp_path):
    year("metric", "add", "--subject", "神经内科党支部", "--name", "患者满意度", "--period", "2026", "--actual", "98.2")
    assert year("document", "duty-report", "2026", "--out", "d.docx").code == 0
    told = texts(tmp_path / "d.docx")
    assert "述职人：张三（书记）" in told
    assert "2026年，神经内科党支部患者满意度98.2，目标＿＿＿。" in told


def test_one_command_writes_a_whole_period(year, tmp_path):
    done = year("document", "all", "2026")
    assert done.code == 0, done.err
    names = {path.name for path in (tmp_path / "文书2026").iterdir()}
    assert len(names) == 2 + 4 + 1 + 1 + 4, names
    assert {"神经内科党支部2026年工作总结.docx", "党员年度情况-王芳(003)-2026.docx"} <= names
    assert year("document", "member", "2026").code == 2
    assert year("document", "member", "--all", "2026", "--out", "M").code == 0
    assert len(list((tmp_path / "M").iterdir())) == 4


def test_pdf_needs_an_office_program(year, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = year("document", "meeting", 1, "--pdf")
    assert (refused.code, "没有找到 LibreOffice" in refused.err) == (3, True)


def minutes(path, rows, above=("神经内科党支部支部党员大会会议记录",)):
    """Minutes as another branch has them: a table with labels beside values."""
    document = Document()
    for text in above:
        document.add_paragraph(text)
    width = max(map(len, rows))
    table = document.add_table(len(rows), width)
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
        if len(row) < width:
            table.cell(number, len(row) - 1).merge(table.cell(number, width - 1))
    document.save(path)


def test_minutes_come_back_from_word_unchanged(year, tmp_path):
    year("meeting", "edit", 1, "--content", "一、学习\n二、讨论", "--host", "张三", "--place", "示教室")
    year("document", "meeting", 1, "--out", "m.docx")
    done = year("import", "m.docx", "--json")
    assert done.code == 0, done.err
    (sheet,) = done.json["files"][0]["sheets"]
    assert (sheet["ledger"], sheet["rows"]["unchanged"], done.json["change"]) == ("meeting", 1, None), done.out
    year("document", "meeting", 2, "--out", "n.docx")
    done = year("import", "n.docx", "--json")
    assert done.code == 0, done.err
    assert done.json["files"][0]["sheets"][0]["rows"]["unchanged"] == 1
    assert year("meeting", "show", 2, "--json").json["attendance"] == "unknown"


def test_what_was_filled_in_by_hand_is_read_shown_and_asked_about(year, tmp_path):
    year("document", "meeting", 1, "--out", "m.docx")
    document = Document(tmp_path / "m.docx")
    for row in document.tables[0].rows:
        if row.cells[0].text == "决议":
            row.cells[1].text = "同意计划"
    document.save(tmp_path / "m.docx")
    refused = year("import", "m.docx")
    assert (refused.code, "决议：同意计划" in refused.out, "--yes" in refused.err) == (2, True, True), refused.err
    assert "resolution" not in year("meeting", "show", 1, "--json").json
    assert year("import", "m.docx", "--yes").code == 0
    assert year("meeting", "show", 1, "--json").json["resolution"] == "同意计划"


def test_minutes_of_another_hand_are_one_meeting(year, tmp_path):
    rows = [
        ["会议时间", "2026年11月3日", "会议地点", "示教室"],
        ["主持人", "张三", "记录人", "王芳(003)"],
        ["应到人数", "4", "实到人数", "3"],
        ["会议主题", "学习讨论"],
        ["参会人员", "张三、王芳(003)、王芳(004)"],
        ["缺席人员及原因", "李四（夜休）"],
        ["会议内容", "张三领学。\n大家讨论。"],
        ["会议决议", ""],
    ]
    minutes(tmp_path / "记录.docx", rows)
    done = year("import", "记录.docx", "--yes")
    assert done.code == 0, done.out + done.err
    told = year("meeting", "show", 3, "--json").json
    assert (told["kind"], told["held_on"], told["topic"]) == ("支部党员大会", "2026-11-03", "学习讨论")
    assert (told["due"], told["present"], told["content"]) == (4, 3, "张三领学。\n大家讨论。")
    assert [one["name"] for one in told["on_leave"]] == ["李四"]


def test_a_word_document_without_a_table_is_refused_with_what_to_do(year, tmp_path):
    document = Document()
    document.add_paragraph("会议纪要，没有表格")
    document.save(tmp_path / "x.docx")
    refused = year("import", "x.docx")
    assert (refused.code, "没有表格" in refused.err) == (3, True)


def test_insertions_and_controls_are_read_and_what_was_struck_out_is_not(year, tmp_path):
    minutes(tmp_path / "x.docx", [["时间", "2026-11-03", "主题", "A"], ["主持人", "B", "记录人", "C"], ["内容", "D"]])
    marks = {
        "A": '</w:t></w:r><w:ins w:id="1" w:author="x"><w:r><w:t>学习</w:t></w:r></w:ins><w:r><w:t>',
        "B": '</w:t></w:r><w:del w:id="2" w:author="x"><w:r><w:delText>李四</w:delText></w:r></w:del><w:r><w:t>张三',
        "C": "</w:t></w:r><w:sdt><w:sdtContent><w:r><w:t>王芳(003)</w:t></w:r></w:sdtContent></w:sdt><w:r><w:t>",
        "D": "第一段</w:t><w:br/><w:t>第二段",
    }
    with zipfile.ZipFile(tmp_path / "x.docx") as source, zipfile.ZipFile(tmp_path / "y.docx", "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "word/document.xml":
                for old, new in marks.items():
                    data = data.replace(f"<w:t>{old}</w:t>".encode(), f"<w:t>{new}</w:t>".encode())
            target.writestr(name, data)
    done = year("import", "y.docx", "--yes")
    assert done.code == 0, done.out + done.err
    told = year("meeting", "show", 3, "--json").json
    assert (told["topic"], told["host"], told["recorder"], told["content"]) == (
        "学习",
        "张三",
        "王芳(003)",
        "第一段\n第二段",
    )
