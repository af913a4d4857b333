-- +goose Up
-- No account: what is here leads to nobody.
CREATE TABLE turns (
	place   BYTEA  NOT NULL PRIMARY KEY,
	seq     BIGINT NOT NULL,
	head    BYTEA  NOT NULL,
	token   BYTEA  NOT NULL,
	changed TEXT   NOT NULL
);

-- +goose Down
DROP TABLE turns;
