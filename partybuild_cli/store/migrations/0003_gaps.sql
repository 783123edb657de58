-- What the checks and the figures ask beyond the first ledgers.

-- 党课计划 a year and 按季交纳党费 are the branch's own settings.
ALTER TABLE branch ADD COLUMN lectures_per_year INTEGER;
ALTER TABLE branch ADD COLUMN lectures_per_year_qualifier TEXT;
ALTER TABLE branch ADD COLUMN dues_quarterly INTEGER;

-- 流动 失联 停止党籍 begin on a day; 不计入应到会 has a reason and the day of its approval.
ALTER TABLE member ADD COLUMN suspended_on TEXT;
ALTER TABLE member ADD COLUMN away_on TEXT;
ALTER TABLE member ADD COLUMN away_to TEXT;
ALTER TABLE member ADD COLUMN lost_on TEXT;
ALTER TABLE member ADD COLUMN excluded_reason TEXT;
ALTER TABLE member ADD COLUMN excluded_on TEXT;

-- 公示 and 延长预备期, and what an applicant takes along into the roster.
ALTER TABLE development ADD COLUMN gender TEXT;
ALTER TABLE development ADD COLUMN ethnicity TEXT;
ALTER TABLE development ADD COLUMN born_on TEXT;
ALTER TABLE development ADD COLUMN staff_kind TEXT;
ALTER TABLE development ADD COLUMN posted_on TEXT;
ALTER TABLE development ADD COLUMN extension_months INTEGER;

-- What a posting card prints (示范岗公示牌).
ALTER TABLE post ADD COLUMN duties TEXT;
ALTER TABLE post ADD COLUMN pledge TEXT;

CREATE INDEX dues_by_month ON dues (month, member_id);
CREATE INDEX talk_by_day ON talk (talked_on);
CREATE INDEX decision_by_day ON decision (met_on);
