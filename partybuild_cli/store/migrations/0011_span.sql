-- What a column that holds for a time (党内职务, 党小组, 岗位类别 …) said before, until the day on which it no longer held.
CREATE TABLE span (
    ledger TEXT NOT NULL,
    record_id INTEGER NOT NULL,
    field TEXT NOT NULL,
    until TEXT NOT NULL,
    value TEXT,
    PRIMARY KEY (ledger, record_id, field, until)
) WITHOUT ROWID;
