//go:build !js

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"letterlock/client"
	"letterlock/cmd/letter/say"
	"letterlock/internal/fault"
)

// sendFile sends the file of a send command.
func (s *sendCmd) sendFile(ctx context.Context, d *device, what client.Words) (e client.Entry, err error) {
	f, err := os.Open(s.File)
	if err != nil {
		return e, fault.Wrap(fault.Invalid, "send file", err, "%s cannot be read: %v", s.File, cause(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return e, fault.New(fault.Invalid, "send file", "%s is no file", s.File)
	}
	a := client.Attachment{Name: filepath.Base(s.File), Voice: s.Voice, Metadata: s.KeepMetadata, Words: what}
	send := func() (client.Entry, error) {
		a.Body = f
		if s.Group == "" {
			return d.SendFile(ctx, s.To, a)
		}
		g, err := d.which(ctx, s.Group)
		if err != nil {
			return e, err
		}
		return d.SendFileGroup(ctx, g.ID, a)
	}
	e, err = send()
	if !client.Tells(err) || !d.t.asked(sentence(err)+".\nType 'send' to send it as it is: ", "send") {
		return e, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return e, fault.Wrap(fault.Invalid, "send file", err, "%s cannot be read: %v", s.File, cause(err))
	}
	a.Metadata = true
	return send()
}

func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// awaitFile is await for a file: the time counts from the last piece that went.
func (d *device) awaitFile(ctx context.Context, e client.Entry, most time.Duration) (client.Entry, error) {
	limited, cancel := context.WithCancel(ctx)
	defer cancel()
	shown := d.t.progress("Sending " + plain(e.File.Name))
	timer := time.AfterFunc(most, cancel)
	defer timer.Stop()
	last := int64(-1)
	settled := func(client.Progress) bool {
		now, _, err := d.Entry(ctx, e.Seq)
		return err != nil || now.State != client.Waiting
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for tick := time.NewTicker(200 * time.Millisecond); ; {
			select {
			case <-limited.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
			now, found, err := d.Entry(limited, e.Seq)
			if err == nil && found && now.File != nil && now.File.Done > last {
				last = now.File.Done
				timer.Reset(most)
				shown.at(last, now.File.Total())
			}
		}
	}()
	err := d.Client.Run(limited, client.Run{Until: settled, Patience: 6})
	cancel()
	<-watched
	now, _, failed := d.Entry(ctx, e.Seq)
	if failed == nil && now.State == client.Sent && now.File != nil {
		shown.at(now.File.Total(), now.File.Total())
	}
	shown.end()
	if err != nil && !fault.Is(err, fault.Unavailable) {
		return e, err
	}
	return now, failed
}

// bringRest goes on with files whose sending was interrupted.
func (d *device) bringRest(ctx context.Context) error {
	left, err := d.OnTheWay(ctx)
	if err != nil {
		return err
	}
	for _, e := range left {
		if e, err = d.awaitFile(ctx, e, connectTime); err != nil {
			return err
		}
		if e.Kind == client.CardPhoto || e.Kind == client.StatusUpdate {
			continue
		}
		if err := d.t.report(e); err != nil {
			return err
		}
	}
	return nil
}

type saveCmd struct {
	Number uint64 `arg:"" help:"The message's number, as shown after #."`
	To     string `placeholder:"PATH" default:"." help:"Folder or name to save under; nothing is overwritten."`
}

// Run is the command.
func (s *saveCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		e, found, err := d.Entry(ctx, s.Number)
		if err != nil {
			return err
		}
		if !found || e.File == nil {
			return fault.New(fault.NotFound, "save", "#%d is no file, or not here any more", s.Number)
		}
		shown := t.progress("Fetching " + plain(e.File.Name))
		err = d.Fetch(ctx, s.Number, shown.at)
		shown.end()
		if err != nil {
			return err
		}
		path, err := d.save(ctx, e, s.To)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "Saved as %s.\n", plain(path))
		return nil
	})
}

// save writes a file that is here under its safe name, or the next that is free.
func (d *device) save(ctx context.Context, e client.Entry, to string) (path string, err error) {
	r, err := d.OpenFile(ctx, e.Seq)
	if err != nil {
		return "", err
	}
	out, err := create(to, e.File.SafeName())
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "save", err, "the file cannot be saved under %s: %v", to, cause(err))
	}
	_, err = io.Copy(out, &cancellable{ctx, r})
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return "", errors.Join(fault.Wrap(fault.Unavailable, "save", err, "the file was not saved: %v", cause(err)), os.Remove(out.Name()))
	}
	return out.Name(), nil
}

type cancellable struct {
	ctx context.Context
	io.Reader
}

func (c *cancellable) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(b)
}

// create makes a new file: in a folder under the name given, or under the path
// itself. Where there is one already, a number is added.
func create(to, name string) (*os.File, error) {
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		to = filepath.Join(to, name)
	}
	ext := filepath.Ext(to)
	for i := 1; ; i++ {
		path := to
		if i > 1 {
			path = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(to, ext), i, ext)
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if !errors.Is(err, fs.ErrExist) || i == 1000 {
			return f, err
		}
	}
}

// progress shows on standard error how far something is: on one line of a
// terminal, else a line every tenth.
type progress struct {
	t     *terminal
	what  string
	live  bool
	tenth int64
	shown bool
}

func (t *terminal) progress(what string) *progress {
	f, ok := t.err.(*os.File)
	return &progress{t: t, what: what, live: ok && term.IsTerminal(int(f.Fd())), tenth: -1}
}

func (p *progress) at(done, total int64) {
	if total <= 0 {
		return
	}
	if p.live {
		p.shown = true
		fmt.Fprintf(p.t.err, "\r\x1b[K%s: %d %%, %s of %s", p.what, done*100/total, size(done), size(total))
		return
	}
	if now := done * 10 / total; now > p.tenth {
		p.tenth = now
		fmt.Fprintf(p.t.err, "%s: %d %%\n", p.what, done*100/total)
	}
}

func (p *progress) end() {
	if p.shown {
		fmt.Fprintln(p.t.err)
	}
}

var kinds = map[client.FileKind]string{client.Document: "file", client.Photo: "photo", client.Video: "video", client.Voice: "voice message"}

// file is what a message that is a file shows before its caption.
func (d *device) file(e client.Entry) string {
	f := e.File
	if f == nil || e.Deleted {
		return ""
	}
	what := kinds[f.Kind] + " "
	if f.Name != "" {
		what += plain(f.Name) + ", "
	}
	what += size(f.Size)
	if f.Width > 0 {
		what += fmt.Sprintf(", %d x %d", f.Width, f.Height)
	}
	if f.Length > 0 {
		what += ", " + (time.Duration(f.Length) * time.Millisecond).Round(time.Second).String()
	}
	if f.Kind == client.Voice && len(f.Wave) > 0 {
		what += " " + say.Bars(f.Wave, 32)
	}
	switch f.State {
	case client.There:
		what += fmt.Sprintf("; 'letter save %d' fetches it", e.Seq)
	case client.Here:
		if e.Kind == client.Incoming {
			what += "; here"
		}
	case client.Bringing:
		what += fmt.Sprintf("; %d %% sent", f.Done*100/f.Total())
	case client.Lost:
		what += "; not at the server any more"
	case client.Broken:
		what += "; WARNING: what came is not what was sent, and was not kept"
	}
	if e.Text == "" {
		return "[" + what + "]"
	}
	return "[" + what + "] "
}

type fileJSON struct {
	Kind   string           `json:"kind"`
	Name   string           `json:"name,omitempty"`
	Type   string           `json:"type,omitempty"`
	Size   int64            `json:"size"`
	Width  int              `json:"width,omitempty"`
	Height int              `json:"height,omitempty"`
	Length uint32           `json:"milliseconds,omitempty"`
	Wave   []int            `json:"wave,omitempty"`
	Thumb  []byte           `json:"thumbnail,omitempty"` // JPEG
	State  client.FileState `json:"state"`
}

func fileRecord(f *client.File) *fileJSON {
	if f == nil {
		return nil
	}
	out := &fileJSON{Kind: kinds[f.Kind], Name: f.Name, Type: f.Type, Size: f.Size, Width: f.Width, Height: f.Height, Length: f.Length, Thumb: f.Thumb, State: f.State}
	for _, h := range f.Wave {
		out.Wave = append(out.Wave, int(h))
	}
	return out
}
