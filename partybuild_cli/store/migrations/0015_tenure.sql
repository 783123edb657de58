-- What holds of a member from a day to a day; elections of a branch with approved delays.
CREATE TABLE tenure (
    id INTEGER PRIMARY KEY, member_id INTEGER NOT NULL REFERENCES member (id), kind TEXT NOT NULL, value TEXT, level TEXT,
    started_on TEXT, ended_on TEXT, basis TEXT, note TEXT, extras TEXT, uid TEXT UNIQUE
);
CREATE INDEX tenure_by_member ON tenure (member_id);
CREATE TABLE election (
    id INTEGER PRIMARY KEY, branch_id INTEGER NOT NULL REFERENCES branch (id), elected_on TEXT NOT NULL, term_years INTEGER,
    term_years_qualifier TEXT, votes TEXT, extended_until TEXT, approved_on TEXT, note TEXT, extras TEXT, uid TEXT UNIQUE
);
