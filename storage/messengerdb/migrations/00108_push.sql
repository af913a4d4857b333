-- +goose Up
CREATE TABLE push_subscriptions (
	account  BYTEA  NOT NULL,
	device   BIGINT NOT NULL,
	endpoint TEXT   NOT NULL,
	p256dh   BYTEA  NOT NULL,
	auth     BYTEA  NOT NULL,
	PRIMARY KEY (account, device),
	FOREIGN KEY (account, device) REFERENCES devices (account, device) ON DELETE CASCADE
);

-- +goose Down
DROP TABLE push_subscriptions;
