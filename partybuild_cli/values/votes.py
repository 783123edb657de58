"""Votes (表决): one line each, kind and object in front: 接收预备党员（何思齐）：应到20，实到15，赞成11，反对2，弃权2.

A kind is read where the cell names it, never from the words of a topic; words that give no figures stay as they are.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.text import Choice, unspaced


class VoteKind(StrEnum):
    """表决种类: which of the rules judges it."""

    ORDINARY = "一般"
    ADMISSION = "接收预备党员"
    FULL = "转正"
    EXTENSION = "延长预备期"
    CANCELLED = "取消预备党员资格"
    ELECTION = "选举"


VOTE_KIND = Choice(
    VoteKind,
    {
        "一般决议 一般事项 决议": "一般", "接收 接收党员 吸收预备党员 预备党员接收": "接收预备党员",
        "预备党员转正 转为正式党员": "转正", "取消预备党员": "取消预备党员资格", "换届选举 补选 换届": "选举",
    },
)  # fmt: skip


class Vote(NamedTuple):
    """One vote of a meeting; `place` is its place among them. Written assents (会前书面意见) are among `votes_for`."""

    place: int
    vote_kind: str | None = None
    vote_on: str | None = None
    voters_due: int | None = None
    voters_present: int | None = None
    votes_for: int | None = None
    votes_against: int | None = None
    votes_abstained: int | None = None
    votes_spoilt: int | None = None
    votes_written: int | None = None
    ballots_given: int | None = None
    ballots_returned: int | None = None

    @property
    def called(self) -> str:
        """Kind and object: 接收预备党员（何思齐）."""
        return (self.vote_kind or "") + (f"（{self.vote_on}）" if self.vote_on else "")

    def figures(self) -> dict[str, int]:
        """The figures that are known."""
        return {key: number for key, number in self._asdict().items() if key in FIGURES and number is not None}

    def text(self) -> str:
        """As a cell says it, and as it is read back."""
        sentence = "，".join(f"{FIGURES[key][0]}{number}" for key, number in self.figures().items())
        return f"{self.called}：{sentence}" if self.called else sentence

    def faults(self) -> list[str]:
        """Figures that contradict each other: none may exceed what holds it, written opinions come on top of those present."""
        known, present, returned = self.figures(), self.voters_present, self.ballots_returned
        due = known.get("voters_due", max(known.values(), default=0))
        found = [f"{FIGURES[key][0]}{number}多于应到{due}" for key, number in known.items() if number > due]
        ballots = [known[key] for key in ("votes_for", "votes_against", "votes_abstained") if key in known]
        cast, written = sum(ballots) + (self.votes_spoilt or 0), self.votes_written or 0
        if present is not None and cast > present + written:
            found.append(f"各项票数合计{cast}，多于实到{present}")
        elif len(ballots) == 3 and cast < (present or 0) and returned is None:
            found.append(f"赞成、反对、弃权合计{cast}，少于实到{present}")
        if returned is not None and cast > returned + written:
            found.append(f"各项票数合计{cast}，多于收回{returned}")
        if returned is not None and self.ballots_given is not None and returned > self.ballots_given:
            found.append(f"收回{returned}票，多于发出{self.ballots_given}票")
        return found


#: Figure -> what it is called, and the words that name it. The longer words win, since 不同意 ends in 同意.
FIGURES: dict[str, tuple[str, ...]] = {
    "voters_due": ("应到", "应到会有表决权党员", "应到会有表决权", "应到有表决权", "应到会", "有表决权"),
    "voters_present": ("实到", "实到会有表决权党员", "实到会有表决权", "实到有表决权", "实到会", "到会"),
    "votes_for": ("赞成", "同意"),
    "votes_against": ("反对", "不同意", "不赞成"),
    "votes_abstained": ("弃权",),
    "votes_spoilt": ("废票", "无效票"),
    "votes_written": ("书面意见", "会前书面意见"),
    "ballots_given": ("发出", "发出选票", "发出表决票", "发出票"),
    "ballots_returned": ("收回", "收回选票", "收回表决票", "收回票"),
}
_KEY = {word: key for key, words in FIGURES.items() for word in words}
_NAMED = re.compile(
    rf"({'|'.join(sorted(_KEY, key=len, reverse=True))})(?:票数|人数|人|票|数|党员|人)?\s*[:为]?\s*(\d+)(?![.\d])\s*[张票人名份]?"
)
_FILLER = re.compile(r"[\s,、;。.:()]|其中|会议|党员|表决|采取|无记名|举手|投票|方式|未通过|通过|结果|本次|情况")
_HEAD = re.compile(r"([^()]*)\((.+)\)")
#: Sentences that name the kind and on whom.
_SAID = (
    (re.compile(r"(?:同意|讨论)?接收(.{2,8}?)(?:同志)?(?:为|成为)(?:中共)?预备党员"), VoteKind.ADMISSION),
    (re.compile(r"(?:同意|讨论)?(.{2,8}?)(?:同志)?(?:按期|如期)?(?:转正|转为(?:中共)?正式党员)"), VoteKind.FULL),
    (re.compile(r"选举(.{2,8}?)(?:同志)?(?:为|担任).*"), VoteKind.ELECTION),
)
_SPEAKS = re.compile(r"[票]|通过|赞成|同意|反对|弃权|表决")


def unanimous(words: str) -> bool:
    """Whether words say that all who were there agreed."""
    return bool(re.search(r"(?<![未没不])(?:一致|全票|全体)(?:表决|举手)?(?:通过|同意|赞成)", unspaced(words)))


class Ballots(NamedTuple):
    """The votes of a cell, and the words that give no figures."""

    votes: tuple[Vote, ...] = ()
    unread: str = ""

    def __bool__(self) -> bool:
        return bool(self.votes or self.unread)

    def wordy(self) -> list[str]:
        """The votes that are told in words alone: lines that speak of votes, or all there is where nothing was read."""
        lines = self.unread.splitlines()
        return [line for line in lines if _SPEAKS.search(line)] or ([] if self.votes else lines[:1])

    def text(self) -> str:
        """A line a vote, then the words."""
        return "\n".join([*(vote.text() for vote in self.votes), *([self.unread] if self.unread else [])])

    def documents(self) -> list[dict[str, str | int | None]]:
        """As `--json` prints them: a vote each, by field, and `unread` for the words."""
        rare = ("votes_spoilt", "votes_written", "ballots_given", "ballots_returned")  # told where they are known
        told = [
            {key: said for key, said in [*vote._asdict().items()][1:] if said is not None or key not in rare}
            for vote in self.votes
        ]
        return [*told, {"unread": self.unread}] if self.unread else told

    def with_vote(self, new: Vote) -> "Ballots":
        """The same with one vote more, or with the one of that kind on that matter as it is now."""
        kept = [vote for vote in self.votes if (vote.vote_kind, vote.vote_on) != (new.vote_kind, new.vote_on)]
        return Ballots(placed([*kept, new]), self.unread)


def placed(votes: Sequence[Vote]) -> tuple[Vote, ...]:
    """The votes, each with its place."""
    return tuple(vote._replace(place=at) for at, vote in enumerate(votes, 1))


def read_votes(text: str) -> Ballots:
    """The votes that a cell names; a part without a head of its own goes on with the vote before, unless it repeats a figure."""
    votes: list[Vote] = []
    unread: list[str] = []
    for part in filter(None, map(str.strip, re.split(r"[;；\n]", text))):
        vote, rest = _one(unspaced(part)) or (None, part)
        known = vote.figures() if vote else {}
        if vote and votes and not vote.called and not known.keys() & votes[-1].figures().keys():
            votes[-1] = Vote(**{**votes[-1]._asdict(), **known})
        elif vote:
            votes.append(vote)
        unread += [rest] if rest else []
    return Ballots(placed(votes), "\n".join(unread))


def _one(plain: str) -> tuple[Vote, str] | None:
    """One vote and the words left over; None where no figure is named, or numbers are left over."""
    if (first := _NAMED.search(plain)) is None:
        return None
    head, body = plain[: first.start()], plain[first.start() :]
    found: dict[str, int] = {}
    for word, number in _NAMED.findall(body):
        if len(number) > 6 or found.setdefault(_KEY[word], int(number)) != int(number):
            return None
    rest = _NAMED.sub("", body)
    left = _FILLER.sub("", rest)
    if re.search(r"\d", left) or re.search(r"\d", head.rpartition(":")[2]) or "缓" in left:
        return None
    kind, on = _headed(head)
    return Vote(0, kind, on, **found), rest.strip(",、。.: ") if left else ""


def _headed(head: str) -> tuple[str | None, str | None]:
    """The kind and the object that stand in front of the figures."""
    said = head.strip(",、。.: ")
    if said in VOTE_KIND.meanings:
        return VOTE_KIND.meanings[said], None
    if (both := _HEAD.fullmatch(said)) and both[1] in {"", *VOTE_KIND.meanings}:
        return VOTE_KIND.meanings.get(both[1]), both[2]
    for sentence, kind in _SAID:
        if named := sentence.fullmatch(said):
            return str(kind), named[1]
    return None, (said if _FILLER.sub("", said) else None)


def vote_of(cells: dict[str, str]) -> Vote:
    """A vote from words by field, as options give them. ValueProblem for a kind or a figure that is none, or figures at odds."""
    kind = VOTE_KIND.parse(cells.pop("vote_kind", None))
    on = re.sub(r"[;；\n:：]", "，", cells.pop("vote_on", "")).strip() or None
    found: dict[str, int] = {}
    for key, said in cells.items():
        number = re.fullmatch(r"(\d{1,6})[人票张名份]?", unspaced(said))
        if number is None:
            raise ValueProblem(f"{FIGURES[key][0]}“{said}”不是人数或票数，请写整数")
        found[key] = int(number[1])
    if not found:
        raise ValueProblem("没有写人数和票数，请写 --voters-due、--voters-present、--votes-for 等")
    vote = Vote(0, kind, on, **found)
    if faults := vote.faults():
        raise ValueProblem(f"{'；'.join(faults)}，请核对")
    return vote
