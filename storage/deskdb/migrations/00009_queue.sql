-- +goose Up
-- What the queue is filtered and sorted by. Open cases are few beside all that
-- ever were: they have an index for each filter and order, and all cases only
-- those that a person looks through the past with.
ALTER TABLE cases ADD COLUMN process TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN country TEXT NOT NULL DEFAULT '';

DROP INDEX cases_due;
DROP INDEX cases_lane;
DROP INDEX cases_assigned;

CREATE INDEX cases_all_due ON cases (due, number);
CREATE INDEX cases_all_filed ON cases (filed, number);
CREATE INDEX cases_all_agency ON cases (agency, filed, number);
CREATE INDEX cases_all_country ON cases (country, filed, number);
CREATE INDEX cases_all_process ON cases (process, filed, number);
CREATE INDEX cases_all_assigned ON cases (assigned, filed, number);
CREATE INDEX cases_all_officer ON cases (officer, filed, number);

CREATE INDEX cases_open_due ON cases (due, number) WHERE is_open = 1;
CREATE INDEX cases_open_lane_due ON cases (lane, due, number) WHERE is_open = 1;
CREATE INDEX cases_open_phase_due ON cases (phase, due, number) WHERE is_open = 1;
CREATE INDEX cases_open_process_due ON cases (process, due, number) WHERE is_open = 1;
CREATE INDEX cases_open_country_due ON cases (country, due, number) WHERE is_open = 1;
CREATE INDEX cases_open_agency_due ON cases (agency, due, number) WHERE is_open = 1;
CREATE INDEX cases_open_assigned_due ON cases (assigned, due, number) WHERE is_open = 1;
CREATE INDEX cases_open_counsel_due ON cases (counsel, due, number) WHERE is_open = 1;

CREATE INDEX cases_open_filed ON cases (filed, number) WHERE is_open = 1;
CREATE INDEX cases_open_lane_filed ON cases (lane, filed, number) WHERE is_open = 1;
CREATE INDEX cases_open_phase_filed ON cases (phase, filed, number) WHERE is_open = 1;
CREATE INDEX cases_open_process_filed ON cases (process, filed, number) WHERE is_open = 1;
CREATE INDEX cases_open_country_filed ON cases (country, filed, number) WHERE is_open = 1;
CREATE INDEX cases_open_agency_filed ON cases (agency, filed, number) WHERE is_open = 1;
CREATE INDEX cases_open_assigned_filed ON cases (assigned, filed, number) WHERE is_open = 1;
CREATE INDEX cases_open_counsel_filed ON cases (counsel, filed, number) WHERE is_open = 1;

-- What a case is searched by: its number, the agency's reference and the
-- docket, letters and digits only. Bytes, so that both engines sort them alike.
CREATE TABLE case_keys (
	key    BYTEA NOT NULL,
	number TEXT  NOT NULL REFERENCES cases (number),
	PRIMARY KEY (key, number)
);
CREATE INDEX case_keys_number ON case_keys (number);
