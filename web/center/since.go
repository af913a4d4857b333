package center

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// Since adds to an export the proofs that each ledger continues what the export
// in another folder, and those before that one, showed of it: whoever kept a
// checkpoint from such a copy needs no running program to check the next.
// It refuses if a ledger does not continue.
func Since(ctx context.Context, c *http.Client, origin, earlier, dir string) (files []string, err error) {
	kept, err := filepath.Glob(filepath.Join(earlier, "ledger", "*", "checkpoint"))
	if err != nil || len(kept) == 0 {
		return nil, fault.New(fault.Invalid, "export site", "%s is not an export of this site: it holds no ledger/NAME/checkpoint.", earlier)
	}
	for _, file := range kept {
		older, err := shown(file)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(filepath.Dir(file))
		for _, leaves := range append(sizes(filepath.Dir(file)), older.Size) {
			at := "ledger/" + name + "/since/" + strconv.FormatInt(leaves, 10) + ".json"
			_, body, err := fetch(ctx, c, strings.TrimSuffix(origin, "/")+"/"+at)
			if err != nil {
				return nil, err
			}
			if err := continues(body, leaves, older); err != nil {
				return nil, fault.Wrap(fault.Conflict, "export site", err,
					"The ledger %s does not continue the %d leaves that %s shows. Publish nothing over it before you know why.", name, leaves, earlier)
			}
			if err := write(filepath.Join(dir, filepath.FromSlash(at)), body); err != nil {
				return nil, err
			}
			files = append(files, at)
		}
	}
	return files, nil
}

// sizes are the leaves from which an export holds proofs.
func sizes(ledger string) (out []int64) {
	files, _ := filepath.Glob(filepath.Join(ledger, "since", "*.json"))
	for _, f := range files {
		if n, err := strconv.ParseInt(strings.TrimSuffix(filepath.Base(f), ".json"), 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// continues checks a proof against the checkpoint that was shown, where that is
// the one the proof begins at. The signatures are for whoever reads the copy,
// who has the keys from elsewhere.
func continues(b []byte, leaves int64, older proof.Checkpoint) error {
	given, err := proof.ParseContinuation(b)
	if err != nil || given.Old != leaves {
		return fault.New(fault.Invalid, "export site", "there is no proof from %d leaves", leaves)
	}
	path, err := given.Path()
	if err != nil || leaves != older.Size {
		return err
	}
	newer, err := unsigned([]byte(given.Checkpoint))
	if err != nil {
		return err
	}
	return proof.Consistent(older, newer, path)
}

func shown(file string) (proof.Checkpoint, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return proof.Checkpoint{}, err
	}
	return unsigned(b)
}

// unsigned is the text of a signed checkpoint.
func unsigned(note []byte) (proof.Checkpoint, error) {
	text, _, _ := strings.Cut(string(note), "\n\n")
	return proof.ParseCheckpoint(text + "\n")
}
