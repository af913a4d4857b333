// Package client is what runs on a person's device: it seals what they write,
// opens what they get, keeps both with the keys, and talks to the carrier. It
// is the only room that knows content and keys together. It must not know
// where it runs: the database, the network and the clock are given to it
// ([KeyStore], [Transport], clock.Clock), and it builds for the browser.
//
// # Exactly once
//
// Between device and carrier everything travels at least once. A message is
// one for the person because
//
//  1. what Send accepts is in the journal and the outbox in one transaction;
//  2. a row of the outbox is sealed once, and its ciphertext is durable, with
//     the ratchet that made it, before it leaves: a retry repeats the bytes;
//  3. a received envelope is opened, its ratchet moved, the message put into
//     the journal and the envelope's digest remembered in one transaction, and
//     acknowledged after it;
//  4. an envelope whose digest is remembered is acknowledged and nothing else;
//  5. where a message had to be sealed again (the recipient lost a session),
//     sender and message id tell that it is the same.
//
// docs/protocol/client.md has the argument step by step.
//
// # Locks
//
// signal.Device holds one lock for each peer device around a transaction of
// the store; no transaction of this package is opened inside another, and no
// call to the carrier is made inside one.
package client
