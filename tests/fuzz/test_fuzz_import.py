"""A sample of `python -m tests.fuzz`, which tries them by the thousand."""

from pathlib import Path

from tests.fuzz.judging import make_book, try_one


def test_sixty_mutated_workbooks_are_imported_or_refused(tmp_path: Path):
    whole = make_book(tmp_path)
    tried = [try_one(seed, whole, tmp_path / "try") for seed in range(60)]
    assert [wrong for _, wrong in tried if wrong] == []
    assert {ending for ending, _ in tried} >= {"written", "refused", "problems"}
