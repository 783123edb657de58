-- The pioneer index: schemes in use, rounds and their revisions, scores, objections.

-- The text of every scheme that a round was computed by: an old quarter keeps its version.
CREATE TABLE index_scheme (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) WITHOUT ROWID;

-- One row a branch, quarter and revision; `frozen` holds a posting as it was posted, every line and record of it.
CREATE TABLE index_round (
    id INTEGER PRIMARY KEY,
    quarter TEXT NOT NULL,
    branch_id INTEGER NOT NULL REFERENCES branch (id),
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    scheme_id TEXT NOT NULL,
    scheme_version INTEGER NOT NULL,
    posted_from TEXT,
    posted_until TEXT,
    posted_days INTEGER,
    reason TEXT,
    fingerprint TEXT,
    frozen TEXT,
    UNIQUE (quarter, branch_id, revision),
    FOREIGN KEY (scheme_id, scheme_version) REFERENCES index_scheme (id, version)
);

-- The member's name stands here as it was: he may leave, the quarter stays.
CREATE TABLE index_score (
    round_id INTEGER NOT NULL REFERENCES index_round (id),
    member_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    staff_no TEXT,
    place INTEGER,
    score INTEGER,
    vetoed INTEGER NOT NULL,
    days INTEGER NOT NULL,
    PRIMARY KEY (round_id, member_id)
) WITHOUT ROWID;

CREATE INDEX index_score_of_member ON index_score (member_id, round_id, score);

-- 异议: what was said against a posting, who looked into it, and what came of it.
CREATE TABLE index_objection (
    id INTEGER PRIMARY KEY,
    round_id INTEGER NOT NULL REFERENCES index_round (id),
    member_id INTEGER,
    raised_by TEXT NOT NULL,
    raised_on TEXT NOT NULL,
    matter TEXT NOT NULL,
    handled_by TEXT,
    finding TEXT,
    answer TEXT,
    answered_on TEXT
);
