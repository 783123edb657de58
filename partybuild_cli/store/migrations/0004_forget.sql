-- 个人信息保护法第四十七条: a person's data may be erased, history included, and nothing else may rewrite history.
-- While a row stands here an erasure is going on, in one transaction; it may blank what a row says, never which, when and who.
CREATE TABLE erasing (
    change_id INTEGER PRIMARY KEY
);

DROP TRIGGER change_is_final;
DROP TRIGGER change_row_is_final;

CREATE TRIGGER change_is_final BEFORE UPDATE ON change
WHEN NOT EXISTS (SELECT 1 FROM erasing) OR NEW.id <> OLD.id OR NEW.at <> OLD.at OR NEW."user" <> OLD."user"
    OR coalesce(NEW.undoes, 0) <> coalesce(OLD.undoes, 0)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;

CREATE TRIGGER change_row_is_final BEFORE UPDATE ON change_row
WHEN NOT EXISTS (SELECT 1 FROM erasing) OR NEW.change_id <> OLD.change_id OR NEW.place <> OLD.place
    OR NEW.ledger <> OLD.ledger OR NEW.number <> OLD.number OR NEW.action <> OLD.action
    OR (NEW.before IS NULL) <> (OLD.before IS NULL) OR (NEW.after IS NULL) <> (OLD.after IS NULL)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
