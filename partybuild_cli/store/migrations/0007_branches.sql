-- The branch of a task, a decision, an honour and a pair, which books of several branches tell apart.
ALTER TABLE task ADD COLUMN branch_id INTEGER REFERENCES branch (id);
ALTER TABLE decision ADD COLUMN branch_id INTEGER REFERENCES branch (id);
ALTER TABLE honor ADD COLUMN branch_id INTEGER REFERENCES branch (id);
ALTER TABLE pairing ADD COLUMN branch_id INTEGER REFERENCES branch (id);
-- Which entry of the history taught what a heading means; an undo of the entry takes it back.
ALTER TABLE heading_map ADD COLUMN change_id INTEGER;
