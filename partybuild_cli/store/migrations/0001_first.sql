-- The first shape of the book. Days are text YYYY[-MM[-DD]], decimals whole ten-thousandths, yes/no 0 and 1.

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- The last number given in each ledger, and the numbers of removed records: a number is never used for another record.
CREATE TABLE counter (
    ledger TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE retired (
    ledger TEXT NOT NULL,
    identity TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (ledger, identity)
) WITHOUT ROWID;

-- 变更日志: append-only; each entry is chained to the one before by its hash.
CREATE TABLE change (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    "user" TEXT NOT NULL,
    command TEXT NOT NULL,
    undoes INTEGER REFERENCES change (id),
    hash TEXT NOT NULL
);

CREATE TABLE change_row (
    change_id INTEGER NOT NULL REFERENCES change (id),
    place INTEGER NOT NULL,
    ledger TEXT NOT NULL,
    number INTEGER NOT NULL,
    action TEXT NOT NULL,
    before TEXT,
    after TEXT,
    PRIMARY KEY (change_id, place)
) WITHOUT ROWID;

CREATE INDEX change_row_of_record ON change_row (ledger, number, change_id);

CREATE TRIGGER change_is_final BEFORE UPDATE ON change BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER change_stays BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER change_row_is_final BEFORE UPDATE ON change_row BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER change_row_stays BEFORE DELETE ON change_row BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;

-- Headings that a clerk has confirmed, by the signature of the sheet they stood in.
CREATE TABLE heading_map (
    signature TEXT NOT NULL,
    heading TEXT NOT NULL,
    field TEXT NOT NULL,
    PRIMARY KEY (signature, heading)
) WITHOUT ROWID;

-- 党组织
CREATE TABLE branch (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT,
    parent TEXT,
    founded_on TEXT,
    elected_on TEXT,
    term_years INTEGER,
    term_years_qualifier TEXT,
    brand TEXT,
    departments TEXT,
    extras TEXT
);

-- 党员花名册
CREATE TABLE member (
    id INTEGER PRIMARY KEY,
    branch_id INTEGER NOT NULL REFERENCES branch (id),
    name TEXT NOT NULL,
    staff_no TEXT,
    id_number TEXT,
    gender TEXT,
    ethnicity TEXT,
    born_on TEXT,
    education TEXT,
    degree TEXT,
    category TEXT NOT NULL,
    joined_on TEXT,
    full_on TEXT,
    party_post TEXT,
    "group" TEXT,
    department TEXT,
    position TEXT,
    title TEXT,
    staff_kind TEXT,
    standing TEXT,
    arrived_on TEXT,
    left_on TEXT,
    left_to TEXT,
    exempt_reason TEXT,
    phone TEXT,
    note TEXT,
    extras TEXT
);

-- 三会一课台账
CREATE TABLE meeting (
    id INTEGER PRIMARY KEY,
    branch_id INTEGER NOT NULL REFERENCES branch (id),
    "group" TEXT,
    kind TEXT NOT NULL,
    held_on TEXT NOT NULL,
    topic TEXT NOT NULL,
    place TEXT,
    host TEXT,
    recorder TEXT,
    lecturer TEXT,
    guests TEXT,
    hours INTEGER,
    first_topic INTEGER,
    content TEXT,
    resolution TEXT,
    votes TEXT,
    evidence TEXT,
    note TEXT,
    extras TEXT
);

-- 志愿服务台账
CREATE TABLE service (
    id INTEGER PRIMARY KEY,
    branch_id INTEGER NOT NULL REFERENCES branch (id),
    held_on TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    place TEXT,
    partner TEXT,
    brand TEXT,
    organizer TEXT,
    others INTEGER,
    others_qualifier TEXT,
    hours INTEGER,
    people_served INTEGER,
    people_served_qualifier TEXT,
    evidence TEXT,
    note TEXT,
    extras TEXT
);

-- 学习学时台账
CREATE TABLE study (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES member (id),
    studied_on TEXT NOT NULL,
    kind TEXT,
    topic TEXT NOT NULL,
    organizer TEXT,
    hours INTEGER NOT NULL,
    note TEXT,
    extras TEXT
);

-- 党费收缴台账
CREATE TABLE dues (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES member (id),
    month TEXT NOT NULL,
    base INTEGER,
    due INTEGER,
    paid INTEGER,
    paid_on TEXT,
    state TEXT,
    note TEXT,
    extras TEXT
);

-- 发展党员台账
CREATE TABLE development (
    id INTEGER PRIMARY KEY,
    branch_id INTEGER REFERENCES branch (id),
    name TEXT NOT NULL,
    id_number TEXT,
    department TEXT,
    applied_on TEXT,
    talked_on TEXT,
    activist_on TEXT,
    candidate_on TEXT,
    reviewed_on TEXT,
    trained_on TEXT,
    trained_hours INTEGER,
    prechecked_on TEXT,
    voted_on TEXT,
    votes TEXT,
    approved_on TEXT,
    sworn_on TEXT,
    full_applied_on TEXT,
    full_voted_on TEXT,
    full_approved_on TEXT,
    note TEXT,
    extras TEXT
);

-- 谈心谈话台账
CREATE TABLE talk (
    id INTEGER PRIMARY KEY,
    talked_on TEXT NOT NULL,
    talker_id INTEGER NOT NULL REFERENCES member (id),
    subject_id INTEGER NOT NULL REFERENCES member (id),
    kind TEXT,
    content TEXT,
    note TEXT,
    extras TEXT
);

-- 任务清单台账
CREATE TABLE task (
    id INTEGER PRIMARY KEY,
    area TEXT NOT NULL,
    item TEXT NOT NULL,
    source TEXT,
    measures TEXT,
    leader TEXT,
    department TEXT,
    responsible TEXT NOT NULL,
    started_on TEXT,
    due_on TEXT,
    progress TEXT,
    done_on TEXT,
    verified_by TEXT,
    evidence TEXT,
    note TEXT,
    extras TEXT
);

-- 三重一大台账
CREATE TABLE decision (
    id INTEGER PRIMARY KEY,
    item TEXT NOT NULL,
    kind TEXT NOT NULL,
    met_on TEXT NOT NULL,
    meeting TEXT,
    consultations INTEGER,
    consultations_qualifier TEXT,
    opinions INTEGER,
    opinions_qualifier TEXT,
    adopted INTEGER,
    adopted_qualifier TEXT,
    due INTEGER,
    due_qualifier TEXT,
    present INTEGER,
    present_qualifier TEXT,
    votes TEXT,
    outcome TEXT,
    amount INTEGER,
    responsible TEXT,
    due_on TEXT,
    progress TEXT,
    published INTEGER,
    extras TEXT
);

-- 荣誉台账
CREATE TABLE honor (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    winner TEXT NOT NULL,
    level TEXT NOT NULL,
    awarded_by TEXT,
    awarded_on TEXT,
    "number" TEXT,
    field TEXT,
    extras TEXT
);

-- 结对帮带台账
CREATE TABLE pairing (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    giver TEXT NOT NULL,
    receiver TEXT NOT NULL,
    started_on TEXT,
    ended_on TEXT,
    goal TEXT,
    extras TEXT
);

-- 党员示范岗台账
CREATE TABLE post (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES member (id),
    place TEXT NOT NULL,
    set_on TEXT,
    plate TEXT,
    deeds TEXT,
    published INTEGER,
    removed_on TEXT,
    extras TEXT
);

-- 党员责任区台账
CREATE TABLE zone (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    ward TEXT NOT NULL,
    head_id INTEGER NOT NULL REFERENCES member (id),
    duties TEXT,
    extras TEXT
);

-- 双带头人双培养台账
CREATE TABLE cultivation (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES member (id),
    track TEXT NOT NULL,
    measures TEXT,
    responsible TEXT,
    started_on TEXT,
    ended_on TEXT,
    result TEXT,
    extras TEXT
);

-- 加分扣分台账
CREATE TABLE conduct (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES member (id),
    happened_on TEXT NOT NULL,
    kind TEXT NOT NULL,
    times INTEGER,
    times_qualifier TEXT,
    basis TEXT,
    points INTEGER,
    decided_by TEXT,
    decided_on TEXT,
    note TEXT,
    extras TEXT
);

-- 指标台账
CREATE TABLE metric (
    id INTEGER PRIMARY KEY,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    period TEXT NOT NULL,
    actual INTEGER NOT NULL,
    target INTEGER,
    unit TEXT,
    extras TEXT
);

-- 民主评议台账
CREATE TABLE review (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES member (id),
    year TEXT NOT NULL,
    grade TEXT,
    opinion TEXT,
    decided_on TEXT,
    extras TEXT
);

-- 先锋指数评议
CREATE TABLE rating (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES member (id),
    quarter TEXT NOT NULL,
    part TEXT NOT NULL,
    rater TEXT,
    score INTEGER NOT NULL,
    reason TEXT,
    extras TEXT
);

-- Where a member belonged before: one row a past branch; the present one stands in member itself.
CREATE TABLE stay (
    member_id INTEGER NOT NULL REFERENCES member (id),
    branch_id INTEGER NOT NULL REFERENCES branch (id),
    arrived_on TEXT,
    left_on TEXT NOT NULL,
    left_to TEXT,
    PRIMARY KEY (member_id, left_on)
) WITHOUT ROWID;

-- 出席 请假 缺席, one row a member and meeting; keys begin with the member, as the index asks by member.
CREATE TABLE attendance (
    member_id INTEGER NOT NULL REFERENCES member (id),
    meeting_id INTEGER NOT NULL REFERENCES meeting (id),
    state TEXT NOT NULL,
    reason TEXT,
    made_up TEXT,
    PRIMARY KEY (member_id, meeting_id)
) WITHOUT ROWID;

CREATE INDEX attendance_of_meeting ON attendance (meeting_id, member_id);

CREATE TABLE participation (
    member_id INTEGER NOT NULL REFERENCES member (id),
    service_id INTEGER NOT NULL REFERENCES service (id),
    hours INTEGER,
    organizer INTEGER NOT NULL,
    note TEXT,
    PRIMARY KEY (member_id, service_id)
) WITHOUT ROWID;

CREATE INDEX participation_of_service ON participation (service_id, member_id);

-- Members named in a text of any record (responsible, winner, lecturer): `role` is the column's key.
CREATE TABLE person (
    ledger TEXT NOT NULL,
    record_id INTEGER NOT NULL,
    role TEXT NOT NULL,
    member_id INTEGER NOT NULL REFERENCES member (id),
    PRIMARY KEY (ledger, record_id, role, member_id)
) WITHOUT ROWID;

CREATE INDEX person_of_member ON person (member_id, ledger, role, record_id);

-- Dated entries below any record: visits of a pair, quarterly assessments of a post or zone.
CREATE TABLE entry (
    ledger TEXT NOT NULL,
    record_id INTEGER NOT NULL,
    on_day TEXT NOT NULL,
    content TEXT,
    PRIMARY KEY (ledger, record_id, on_day)
) WITHOUT ROWID;

CREATE INDEX member_by_branch ON member (branch_id, id);
CREATE INDEX member_by_staff_no ON member (staff_no);
CREATE INDEX member_by_name ON member (name);
CREATE INDEX meeting_by_branch ON meeting (branch_id, held_on, kind);
CREATE INDEX meeting_by_day ON meeting (held_on, kind, branch_id, hours);
CREATE INDEX service_by_day ON service (held_on, kind, branch_id, hours);
CREATE INDEX service_by_branch ON service (branch_id, held_on);
CREATE INDEX study_by_member ON study (member_id, studied_on, kind, hours);
CREATE INDEX dues_by_member ON dues (member_id, month, paid_on, paid, state);
CREATE INDEX talk_by_subject ON talk (subject_id, talked_on);
CREATE INDEX conduct_by_member ON conduct (member_id, happened_on, kind);
CREATE INDEX rating_by_member ON rating (member_id, quarter, part, score, rater);
CREATE INDEX review_by_member ON review (member_id, year);
CREATE INDEX honor_by_day ON honor (awarded_on);
CREATE INDEX task_by_deadline ON task (due_on);
