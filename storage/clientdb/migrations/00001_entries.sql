-- +goose Up
CREATE TABLE entry (
    bucket TEXT NOT NULL,
    key    BLOB NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    value  BLOB NOT NULL,
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE entry;
