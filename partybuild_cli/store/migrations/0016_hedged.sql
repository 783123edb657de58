-- How the source hedged a measured figure: 近2万, 600余, 十余.
ALTER TABLE metric ADD COLUMN actual_qualifier TEXT;
