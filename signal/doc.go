// Package signal is the Signal protocol between two devices, written from the
// published specifications: XEdDSA signatures, PQXDH key agreement with
// Kyber-1024 (session version 4), the Double Ratchet, the sparse post-quantum
// ratchet and sender keys, byte for byte as they are deployed. It knows keys, sessions and messages; it must not know accounts,
// networks, databases or what a message says.
//
// # Use
//
// A program implements [Store] over its own database and makes one [Device]
// for its own address:
//
//	d, err := signal.New(signal.Config{
//		Local: signal.Address{Name: "c0ffee00-…", Device: 1},
//		Store: store,
//		Now:   clock.Now,
//	})
//	err = d.ProcessBundle(ctx, peer, bundle)      // once, before the first message
//	msg, err := d.Encrypt(ctx, peer, plaintext)   // msg.Type and msg.Body travel
//	plaintext, err := d.Decrypt(ctx, peer, msg)
//
// The store must already hold the device's own identity (GenerateIdentity),
// registration id, signed pre-key (GenerateSignedPreKey), Kyber pre-key
// (GenerateKyberPreKey) and, if it likes, one-time pre-keys (GeneratePreKey);
// their Public halves are what the server hands out inside a [Bundle].
//
// # Transactions and locks
//
// Encrypt, Decrypt and ProcessBundle each run as one transaction of the store
// under a lock of that one peer device. A program that must write something of
// its own in the same transaction (the message it has just opened, the
// envelope it is about to send) uses [Device.Update], which takes the lock and
// opens the transaction, and calls EncryptTx, DecryptTx or ProcessBundleTx
// inside:
//
//	err := d.Update(ctx, peer, func(tx signal.Tx) error {
//		plaintext, err := d.DecryptTx(tx, peer, msg)
//		if err != nil {
//			return err
//		}
//		return tx.(*myTx).KeepMessage(plaintext)
//	})
//
// The tx is the very value that the program's own Store passed. When a Tx
// method of this package fails with one of the sentinel errors below it has
// written nothing, so the caller may record the failure and still commit; an
// error of the store itself must be returned, so that everything is undone.
// What EncryptTx returns may leave the machine only after Update returned nil:
// two messages made from one stored state would share their keys.
//
// # Groups
//
// One sealing for many ([Device.EncryptGroup]) needs a chain that the sender has
// given to each receiving device inside an ordinary message ([Device.Distribute],
// [Device.AcceptDistribution]). When a member leaves, every sender makes a new
// one ([Device.Renew]).
//
// # Errors
//
// Test with errors.Is: [ErrNoSession] (fetch a bundle), [ErrDuplicate] (already
// opened: acknowledge and forget), [ErrUntrustedIdentity] (the peer's identity
// key changed: ask the person), [ErrInvalidMessage] (damaged or forged),
// [ErrReplay], [ErrUnknownPreKey], [ErrInvalidKey], [ErrInvalidSignature],
// [ErrInvalidAddress], [ErrInvalidRecord], [ErrInvalidCode],
// [ErrCodeVersion], [ErrNoSenderKey] (ask for the distribution again). No error, log value or printed form of any type carries
// key material, plaintext or ciphertext.
package signal
