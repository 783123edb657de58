-- A record has an identity of its own besides its number: made once at random, the same in every book and workbook that it
-- comes into. Those of before get one worked out from book, ledger and number (`derived_uid`, store/migrate.py), so that
-- the workbooks that were exported still fit.
-- A row of the history says in which format its documents are (store/documents.py), an entry by which rule it is sealed
-- (store/chain.py).
ALTER TABLE change ADD COLUMN seal INTEGER NOT NULL DEFAULT 1;
ALTER TABLE change_row ADD COLUMN format INTEGER NOT NULL DEFAULT 1;
-- A removed record that comes back is the one that it was.
ALTER TABLE retired ADD COLUMN uid TEXT;
UPDATE retired SET uid = derived_uid(ledger, number);

ALTER TABLE branch ADD COLUMN uid TEXT;
UPDATE branch SET uid = derived_uid('branch', id);
CREATE UNIQUE INDEX branch_uid ON branch (uid);
ALTER TABLE member ADD COLUMN uid TEXT;
UPDATE member SET uid = derived_uid('member', id);
CREATE UNIQUE INDEX member_uid ON member (uid);
ALTER TABLE meeting ADD COLUMN uid TEXT;
UPDATE meeting SET uid = derived_uid('meeting', id);
CREATE UNIQUE INDEX meeting_uid ON meeting (uid);
ALTER TABLE service ADD COLUMN uid TEXT;
UPDATE service SET uid = derived_uid('service', id);
CREATE UNIQUE INDEX service_uid ON service (uid);
ALTER TABLE study ADD COLUMN uid TEXT;
UPDATE study SET uid = derived_uid('study', id);
CREATE UNIQUE INDEX study_uid ON study (uid);
ALTER TABLE dues ADD COLUMN uid TEXT;
UPDATE dues SET uid = derived_uid('dues', id);
CREATE UNIQUE INDEX dues_uid ON dues (uid);
ALTER TABLE development ADD COLUMN uid TEXT;
UPDATE development SET uid = derived_uid('development', id);
CREATE UNIQUE INDEX development_uid ON development (uid);
ALTER TABLE talk ADD COLUMN uid TEXT;
UPDATE talk SET uid = derived_uid('talk', id);
CREATE UNIQUE INDEX talk_uid ON talk (uid);
ALTER TABLE task ADD COLUMN uid TEXT;
UPDATE task SET uid = derived_uid('task', id);
CREATE UNIQUE INDEX task_uid ON task (uid);
ALTER TABLE decision ADD COLUMN uid TEXT;
UPDATE decision SET uid = derived_uid('decision', id);
CREATE UNIQUE INDEX decision_uid ON decision (uid);
ALTER TABLE honor ADD COLUMN uid TEXT;
UPDATE honor SET uid = derived_uid('honor', id);
CREATE UNIQUE INDEX honor_uid ON honor (uid);
ALTER TABLE pairing ADD COLUMN uid TEXT;
UPDATE pairing SET uid = derived_uid('pairing', id);
CREATE UNIQUE INDEX pairing_uid ON pairing (uid);
ALTER TABLE post ADD COLUMN uid TEXT;
UPDATE post SET uid = derived_uid('post', id);
CREATE UNIQUE INDEX post_uid ON post (uid);
ALTER TABLE zone ADD COLUMN uid TEXT;
UPDATE zone SET uid = derived_uid('zone', id);
CREATE UNIQUE INDEX zone_uid ON zone (uid);
ALTER TABLE cultivation ADD COLUMN uid TEXT;
UPDATE cultivation SET uid = derived_uid('cultivation', id);
CREATE UNIQUE INDEX cultivation_uid ON cultivation (uid);
ALTER TABLE conduct ADD COLUMN uid TEXT;
UPDATE conduct SET uid = derived_uid('conduct', id);
CREATE UNIQUE INDEX conduct_uid ON conduct (uid);
ALTER TABLE metric ADD COLUMN uid TEXT;
UPDATE metric SET uid = derived_uid('metric', id);
CREATE UNIQUE INDEX metric_uid ON metric (uid);
ALTER TABLE review ADD COLUMN uid TEXT;
UPDATE review SET uid = derived_uid('review', id);
CREATE UNIQUE INDEX review_uid ON review (uid);
ALTER TABLE rating ADD COLUMN uid TEXT;
UPDATE rating SET uid = derived_uid('rating', id);
CREATE UNIQUE INDEX rating_uid ON rating (uid);
