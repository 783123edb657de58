-- From which record of a branch's book a record of the committee's comes (汇总的来源), and what that book said of it when it was
-- collected: the state in which the record was and a mark of each value (records/base/origin.py), nothing that can be read. One
-- row for each collect that brought something new, so that an undo of it leaves the one before.
CREATE TABLE origin (
    ledger TEXT NOT NULL,
    uid TEXT NOT NULL,
    branch_id INTEGER NOT NULL,
    change_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    said TEXT NOT NULL,
    PRIMARY KEY (ledger, uid, branch_id, change_id)
) WITHOUT ROWID;

CREATE INDEX origin_of_branch ON origin (ledger, branch_id);
CREATE INDEX origin_of_record ON origin (ledger, number);
