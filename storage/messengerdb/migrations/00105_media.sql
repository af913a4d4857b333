-- +goose Up
-- No account: what is here leads to nobody.
CREATE TABLE media (
	blob       BYTEA  NOT NULL PRIMARY KEY,
	owner      BYTEA  NOT NULL,
	read_hash  BYTEA  NOT NULL,
	size       BIGINT NOT NULL,
	have       BIGINT NOT NULL,
	expires_on TEXT   NOT NULL
);
CREATE INDEX media_expires ON media (expires_on);

-- One row for each device that has not said that it has the blob.
CREATE TABLE media_waits (
	blob  BYTEA NOT NULL REFERENCES media (blob) ON DELETE CASCADE,
	token BYTEA NOT NULL,
	PRIMARY KEY (blob, token)
);

-- +goose Down
DROP TABLE media_waits;
DROP TABLE media;
