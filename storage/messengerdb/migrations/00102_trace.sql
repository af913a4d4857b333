-- +goose Up
CREATE TABLE traces (
	hash    BYTEA  NOT NULL PRIMARY KEY,
	account BYTEA  NOT NULL,
	tap_key BYTEA  NOT NULL,
	begins  BIGINT NOT NULL,
	ends    BIGINT NOT NULL,
	seen    BIGINT NOT NULL,
	fetched BIGINT NOT NULL,
	stopped BIGINT NOT NULL,
	reason  TEXT   NOT NULL,
	last    BIGINT NOT NULL,
	taken   BIGINT NOT NULL
);

CREATE TABLE trace_events (
	hash   BYTEA  NOT NULL REFERENCES traces (hash) ON DELETE CASCADE,
	seq    BIGINT NOT NULL,
	sealed BYTEA  NOT NULL,
	PRIMARY KEY (hash, seq)
);

-- +goose Down
DROP TABLE trace_events;
DROP TABLE traces;
