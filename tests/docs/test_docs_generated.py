"""What is made from the program is as the program is now: pages, tables, pictures."""

import generate
import screens
from generator import sentences
from generator.sentences import Sentence


def test_generated_pages_are_fresh():
    assert [path.name for path in generate.stale()] == [], "run: python docs/generate.py"


def test_every_sentence_has_a_remedy_and_every_remedy_a_sentence():
    assert generate.complaints() == []


def test_pictures_show_what_the_screen_shows():
    assert [path.name for path in screens.stale()] == [], "run: python docs/screens.py"


def test_sentences_are_found_wherever_they_are_put_together():
    told = {one.text for one in sentences.collect()}
    assert "花名册中没有“…”…。请核对姓名，或先用 partybuild member add 登记" in told  # raised as it stands
    assert "…在 … 还不是本支部党员（… 起），请从名单中去掉或改正日期" in told  # returned by a function
    assert "表中填 …，参加党员名单上是 … 人，请核对" in told  # named beforehand


def test_a_sentence_divides_into_what_is_wrong_and_what_to_do():
    one = Sentence("problem", "values", "“…”看不出是或否，请填写“是”或“否”")
    assert (one.wrong, one.remedy) == ("“…”看不出是或否", "请填写“是”或“否”。")
