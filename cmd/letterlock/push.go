package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"letterlock/internal/fault"
	"letterlock/messenger/gateway"
	"letterlock/messenger/mailbox"
	"letterlock/messenger/push"
	"letterlock/wire"
)

// pushKey is the operator's key for Web Push (VAPID). A browser subscribes with
// its public half: with another key nobody who subscribed is woken any more.
func pushKey(dir string) (*ecdsa.PrivateKey, error) {
	b, err := keyFile(dir, "push", func() ([]byte, error) {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(k)
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
	})
	if err != nil {
		return nil, fmt.Errorf("key push: %w", err)
	}
	if block, _ := pem.Decode(b); block != nil {
		if k, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if k, ok := k.(*ecdsa.PrivateKey); ok && k.Curve == elliptic.P256() {
				return k, nil
			}
		}
	}
	return nil, fault.New(fault.Invalid, "read key", "refusing to run with a damaged key file push: restore it from the backup")
}

// openPush makes what wakes devices; nil: the operator wants none.
func (c *carrier) openPush(ctx context.Context, b base) error {
	contact := b.conf.PushContact
	switch {
	case b.conf.Push == "off":
		return nil
	case b.conf.Push != "on":
		return fault.New(fault.Invalid, "read config", "push is on or off")
	case contact == "":
		contact = b.conf.Origin("")
	case !strings.HasPrefix(contact, "mailto:") && !strings.HasPrefix(contact, "https://"):
		return fault.New(fault.Invalid, "read config", "push_contact begins with mailto: or https://")
	}
	key, err := pushKey(b.keys("carrier"))
	if err != nil {
		return err
	}
	c.pusher, err = push.New(ctx, push.Config{Store: c.db, Clock: b.clock, Key: key, Contact: contact, Loopback: b.conf.Demo, Log: b.log,
		Connected: func(a wire.Address) bool { return c.boxes.Connected(a) }})
	if err == nil {
		c.runs = append(c.runs, c.pusher.Run)
	}
	return err
}

// waker is the pusher as the mailboxes see it.
func (c *carrier) waker() mailbox.Waker {
	if c.pusher == nil {
		return nil
	}
	return c.pusher
}

// wakes says in what clients learn first whether they can be woken.
func (c *carrier) wakes(info *wire.Info) gateway.Pusher {
	if c.pusher == nil {
		return nil
	}
	info.PushKey = c.pusher.PublicKey()
	return c.pusher
}
