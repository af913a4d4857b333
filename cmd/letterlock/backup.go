package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/note"
	"letterlock/ledger"
	"letterlock/storage"
	"letterlock/storage/backup"
)

// only says what a backup does not hold: what waits for delivery, what would let
// somebody in, and counts of today. Service notices that were not delivered yet
// are in it, sealed as they lie: they are kept until the person has them, and
// their grant counts as used (duty D6).
var only = map[string]string{"mailbox_rows": "expires_on IS NULL", "codes": backup.Nothing, "turns": backup.Nothing, "media": backup.Nothing, "media_waits": backup.Nothing, "lookups": backup.Nothing, "release_links": backup.Nothing,
	"traces": backup.Nothing, "trace_events": backup.Nothing, // no trace comes back to life from a backup
	"abuse_reports":  backup.Nothing, // nor a report that was closed
	"resolve_budget": backup.Nothing, "links": backup.Nothing, "sessions": backup.Nothing}

// folders of a half that a backup holds. Ledgers come in ledgerFiles.
var folders = map[string][]string{"carrier": {"keys"}, "desk": {"keys", "blobs", "sealed-blobs"}}

// ledgerFiles of one ledger beside what it has seen, in the order in which they may run ahead of each
// other while the service runs: a file that is copied later holds at least what
// the earlier ones refer to, and the ledger completes the rest when it opens.
var ledgerFiles = []string{"settings", "secret", "cosigned", "checkpoints", "hashes", "journal"}

// databases of a half, by their name in the backup.
func (b base) databases(half string) map[string]storage.Config {
	if half == "carrier" {
		return map[string]storage.Config{"carrier": b.database("carrier", b.conf.Database), "carrier-sealed": b.carrierVault()}
	}
	return map[string]storage.Config{"desk": b.database("desk", b.conf.DeskDatabase), "desk-sealed": b.sealedDatabase()}
}

func (c Config) halves() []string {
	switch c.Role {
	case "carrier", "desk":
		return []string{c.Role}
	}
	return []string{"carrier", "desk"}
}

type backupCmd struct {
	settings
	To        string   `required:"" help:"File to write."`
	Recipient []string `required:"" help:"age public key (age1...) that the backup is sealed to; may be repeated. 'verify keygen' makes one."`
}

// Run writes the backup; the service may be running.
func (b *backupCmd) Run(ctx context.Context, out io.Writer) (err error) {
	conf, err := b.load()
	if err != nil {
		return err
	}
	to, err := recipients(b.Recipient)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(b.To, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Wrap(fault.Invalid, "back up", err, "refusing to write over %s, or it cannot be made: %v", b.To, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(b.To))
		}
	}()
	sealed, err := age.Encrypt(f, to...)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	w := backup.NewWriter(sealed, clock.System.Now())
	if err := (base{conf: conf}).save(ctx, w); err != nil {
		return errors.Join(err, f.Close())
	}
	for _, half := range conf.halves() {
		fmt.Fprintf(out, "%s: saved\n", half)
	}
	return errors.Join(w.Close(), sealed.Close(), f.Sync(), f.Close())
}

func recipients(keys []string) ([]age.Recipient, error) {
	var to []age.Recipient
	for _, k := range keys {
		r, err := age.ParseX25519Recipient(k)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "back up", err, "%q is no age public key (age1...)", k)
		}
		to = append(to, r)
	}
	return to, nil
}

// save copies the halves while they run, what others refer to last: first what
// each half has seen of the other's ledger, then the rows, then the files that
// rows name, then the ledgers, which hold at least what the rows rest on.
func (b base) save(ctx context.Context, w *backup.Writer) error {
	for _, step := range []func(context.Context, *backup.Writer, string) error{b.saveSeen, b.saveTables, b.saveFolders, b.saveLedgers} {
		for _, half := range b.conf.halves() {
			if err := step(ctx, w, half); err != nil {
				return err
			}
		}
	}
	return nil
}

const seen = "witnessed" // of a ledger: the checkpoints of others that it has seen

func (b base) saveSeen(_ context.Context, w *backup.Writer, half string) error {
	return b.saveLedger(w, half, seen)
}

func (b base) saveTables(ctx context.Context, w *backup.Writer, half string) error {
	for name, conf := range b.databases(half) {
		db, err := storage.Open(ctx, conf)
		if err != nil {
			return err
		}
		if err := errors.Join(w.Tables(ctx, name, db, only), db.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (b base) saveFolders(_ context.Context, w *backup.Writer, half string) error {
	for _, f := range folders[half] {
		if err := w.Path(half, filepath.Join(b.conf.Data, half), f); err != nil {
			return err
		}
	}
	return nil
}

func (b base) saveLedgers(_ context.Context, w *backup.Writer, half string) error {
	return b.saveLedger(w, half, ledgerFiles...)
}

func (b base) saveLedger(w *backup.Writer, half string, names ...string) error {
	for _, l := range []string{"ledger", "sealed-ledger"} {
		for _, name := range names {
			if err := w.Path(half+"-"+l, filepath.Join(b.conf.Data, half, l), name); err != nil {
				return err
			}
		}
	}
	return nil
}

type restoreCmd struct {
	settings
	From     string   `required:"" type:"existingfile" help:"Backup file."`
	Identity string   `required:"" type:"existingfile" help:"File with the age identity that opens it."`
	Held     []string `type:"existingfile" help:"A checkpoint of this half's ledger that the other half, or anyone else, holds; may be repeated. An older ledger is refused."`
}

// Run restores the halves of the role into a data folder that has none of
// them. It is all or nothing: on a refusal the folder is as it was.
func (r *restoreCmd) Run(ctx context.Context, out io.Writer) (err error) {
	conf, err := r.load()
	if err != nil {
		return err
	}
	for _, half := range conf.halves() {
		if _, err := os.Stat(filepath.Join(conf.Data, half)); err == nil {
			return fault.New(fault.Conflict, "restore", "refusing to restore over %s: move it away first", filepath.Join(conf.Data, half))
		}
	}
	defer func() {
		if err != nil {
			for _, half := range conf.halves() {
				err = errors.Join(err, os.RemoveAll(filepath.Join(conf.Data, half)))
			}
		}
	}()
	if err := makeData(conf.Data); err != nil {
		return err
	}
	b := base{conf: conf, clock: clock.System, log: note.Discard()}
	if err := errors.Join(r.unpack(ctx, b), emptyFolders(conf)); err != nil {
		return err
	}
	if err := r.checkLedgers(b); err != nil {
		return err
	}
	if err := b.buryGrants(ctx); err != nil {
		return err
	}
	fmt.Fprintln(out, "restored. Grants that were open when the backup was made are withdrawn; enrolment links, sessions and mailboxes are not in a backup.")
	return nil
}

func (r *restoreCmd) unpack(ctx context.Context, b base) (err error) {
	f, err := os.Open(r.From)
	if err != nil {
		return err
	}
	defer f.Close()
	idFile, err := os.Open(r.Identity)
	if err != nil {
		return err
	}
	defer idFile.Close()
	ids, err := age.ParseIdentities(idFile)
	if err != nil {
		return fault.Wrap(fault.Invalid, "restore", err, "%s holds no age identity", r.Identity)
	}
	plain, err := age.Decrypt(f, ids...)
	if err != nil {
		return fault.Wrap(fault.Invalid, "restore", err, "the backup does not open with this identity, or is damaged")
	}
	dbs, err := b.openEmpty(ctx)
	if err != nil {
		return err
	}
	defer func() {
		for _, db := range dbs {
			err = errors.Join(err, db.Close())
		}
	}()
	return backup.Restore(ctx, plain, backup.Restorer{
		Table: func(under, _ string) *storage.DB { return dbs[under] },
		File: func(under, rel string) string {
			for _, half := range b.conf.halves() {
				for name, dir := range map[string]string{half: ".", half + "-ledger": "ledger", half + "-sealed-ledger": "sealed-ledger"} {
					if under == name {
						return filepath.Join(b.conf.Data, half, dir, filepath.FromSlash(rel))
					}
				}
			}
			return "" // of a half that is not restored here
		},
	})
}

// emptyFolders makes the folders of ledgers that had nothing in them: a backup
// holds files.
func emptyFolders(c Config) error {
	var errs []error
	for _, half := range c.halves() {
		for _, sealed := range []bool{false, true} {
			if dir := ledgerDir(c, half, sealed); ledger.Exists(dir) {
				errs = append(errs, os.MkdirAll(filepath.Join(dir, seen), 0o700))
			}
		}
	}
	return errors.Join(errs...)
}

// checkLedgers verifies what was restored, and refuses a ledger older than the
// last checkpoint that the other half holds of it.
func (r *restoreCmd) checkLedgers(b base) (err error) {
	opened := map[string]ledgers{}
	defer func() {
		for _, l := range opened {
			err = errors.Join(err, l.close())
		}
	}()
	for _, half := range []string{"carrier", "desk"} {
		if _, err := os.Stat(ledgerDir(b.conf, half, false)); err != nil {
			continue
		}
		l, err := openLedgers(b.conf, half, b.clock, b.log)
		if err != nil {
			return err
		}
		opened[half] = l
	}
	if err := agree(opened["carrier"], opened["desk"]); err != nil {
		return err
	}
	for _, path := range r.Held {
		held, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, half := range b.conf.halves() {
			if err := opened[half].public.CheckAgainst(held); err != nil && !fault.Is(err, fault.Invalid) { // Invalid: not this ledger's
				return err
			}
		}
	}
	return nil
}

// agree refuses halves of which one is older than the other has seen it.
func agree(a, b ledgers) error {
	if a.public == nil || b.public == nil {
		return nil
	}
	for _, p := range [][2]ledgers{{a, b}, {b, a}} {
		held, err := p[1].public.Witnessed(p[0].public.Origin())
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := p[0].public.CheckAgainst(held); err != nil {
			return err
		}
	}
	return nil
}
