package ledger

import (
	"letterlock/internal/fault"
)

// Backup copies the ledger, secret included, into an empty or absent
// directory, as it is at one moment. To restore is to put the copy in the
// ledger's place, open it, and ask CheckAgainst about the last checkpoint
// that the other half Witnessed.
func (l *Ledger) Backup(dir string) error {
	d := osDisk{dir}
	if err := vacant(d); err != nil {
		return err
	}
	l.witness.Lock()
	defer l.witness.Unlock()
	l.write.Lock()
	defer l.write.Unlock()
	if err := d.mkdir(dirWitnessed); err != nil {
		return backupError(err)
	}
	names, err := l.disk.list(dirWitnessed)
	if err != nil {
		return backupError(err)
	}
	// The settings come last: a directory without them is no ledger yet.
	names = append(names, fileSecret, fileJournal, fileHashes, fileCheckpoints, fileCosigned, fileSettings)
	for _, name := range names {
		if err := copyFile(l.disk, d, name); err != nil {
			return backupError(err)
		}
	}
	return nil
}

func backupError(err error) error {
	return fault.Wrap(fault.Unavailable, "back up ledger", err, "the ledger's backup could not be written: free space where it goes and try again.")
}

// copyFile copies in pieces: a hash file is as large as the ledger is old.
func copyFile(from, to disk, name string) error {
	size, err := from.size(name)
	if err != nil {
		return err
	}
	src, err := from.open(name, false)
	if err != nil {
		return err
	}
	defer src.Close()
	t := tail{disk: to, name: name + ".tmp", torn: true}
	defer t.close()
	piece := make([]byte, 4<<20)
	for t.size < size {
		n := min(int64(len(piece)), size-t.size)
		if _, err := src.ReadAt(piece[:n], t.size); err != nil {
			return err
		}
		if err := t.append(piece[:n]); err != nil {
			return err
		}
	}
	if err := t.ready(); err != nil {
		return err
	}
	return to.rename(name+".tmp", name)
}
