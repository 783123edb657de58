"""How pages are made from the program; whether they and the pictures are fresh, `.ci/run docs` says."""

from generator import documents, sentences
from generator.sentences import Sentence


def test_a_key_of_json_never_goes_or_changes_its_type_without_a_line_in_the_changelog():
    """Those of the program are among the complaints of `docs/generate.py --check`."""
    kept = {"check": {"period": {"文字"}, "items[].of": {"整数", "空"}, "items[].none": {"空"}}}
    now = {"check": {"period": {"文字"}, "items[].of": {"整数"}, "items[].none": {"文字"}, "items[].new": {"整数"}}}
    assert documents.broken(now, kept, "") == []
    assert documents.broken({"check": {}}, kept, "`check items[].of`、`check items[].none`") == [
        "check period: 文字 -> gone"
    ]
    now["check"]["period"] = {"整数"}
    assert documents.broken(now, kept, "") == ["check period: 文字 -> 整数"]
    assert documents.broken(now, kept, "`check period` 改为整数") == []


def test_the_frozen_keys_are_read_as_they_are_written():
    kept = documents.frozen()
    assert kept["check"]["items[].state"] == {"文字"}
    assert documents.text() == documents.FROZEN.read_text(encoding="utf8")


def test_sentences_are_found_wherever_they_are_put_together():
    told = {one.text for one in sentences.collect()}
    assert "花名册中没有“…”…。请核对姓名，或先用 partybuild member add 登记" in told  # raised as it stands
    assert "…在 … 还不是本支部党员（… 起），请从名单中去掉或改正日期" in told  # returned by a function
    assert "表中填 …，参加党员名单上是 … 人，请核对" in told  # named beforehand


def test_a_sentence_divides_into_what_is_wrong_and_what_to_do():
    one = Sentence("problem", "values", "“…”看不出是或否，请填写“是”或“否”")
    assert (one.wrong, one.remedy) == ("“…”看不出是或否", "请填写“是”或“否”。")
