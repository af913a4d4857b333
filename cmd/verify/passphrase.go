package main

import (
	"errors"
	"strings"
	"time"

	"filippo.io/age"
)

// maxWork is how much work a package may ask for to try a passphrase: 2^20
// rounds, about a second. A hostile file cannot ask for hours.
const maxWork = 20

func passphrase(text string) ([]age.Identity, error) {
	id, err := age.NewScryptIdentity(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("the passphrase is empty")
	}
	id.SetMaxWorkFactor(maxWork)
	return []age.Identity{id}, nil
}

func today() time.Time { return time.Now().UTC() }
