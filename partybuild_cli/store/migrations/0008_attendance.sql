-- 应到 and 实到 as they were typed where nobody says by name who came (按人数), and 推定 where a book assumed that all came.
CREATE TABLE headcount (
    meeting_id INTEGER NOT NULL REFERENCES meeting (id),
    basis TEXT NOT NULL,
    due INTEGER,
    due_qualifier TEXT,
    present INTEGER,
    present_qualifier TEXT,
    PRIMARY KEY (meeting_id, basis)
) WITHOUT ROWID;

-- Until now everybody who was due was present unless somebody said otherwise: where nobody was named, that was assumed.
INSERT INTO headcount (meeting_id, basis)
SELECT meeting_id, '推定' FROM attendance GROUP BY meeting_id
HAVING sum(state <> '出席' OR reason IS NOT NULL OR made_up IS NOT NULL) = 0;
