-- The votes of a meeting, a row each; meeting.votes keeps the words that give no figures. The vote on 转正 beside its day.
CREATE TABLE vote (
    meeting_id INTEGER NOT NULL REFERENCES meeting (id),
    place INTEGER NOT NULL,
    vote_kind TEXT,
    vote_on TEXT,
    voters_due INTEGER,
    voters_present INTEGER,
    votes_for INTEGER,
    votes_against INTEGER,
    votes_abstained INTEGER,
    votes_spoilt INTEGER,
    votes_written INTEGER,
    ballots_given INTEGER,
    ballots_returned INTEGER,
    PRIMARY KEY (meeting_id, place)
) WITHOUT ROWID;
ALTER TABLE development ADD COLUMN full_votes TEXT;
