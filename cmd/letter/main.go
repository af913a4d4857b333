//go:build !js

// Command letter is all that a person runs in a terminal: register a number,
// write, receive, compare safety numbers, read what the service has to say.
// It wires the client to a key store and a network and decides nothing itself.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"letterlock/cmd/letter/tui"
	"letterlock/internal/fault"
)

// The exit codes.
const (
	exitFailed = 1 // it did not work; the message says what to do
	exitUsage  = 2 // the command line is wrong
	exitLater  = 3 // the message is kept and goes out with a later command
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "letter:", plain(sentence(err)))
	}
	os.Exit(code(err))
}

// commands is the command line.
type commands struct {
	Dir     string `env:"LETTER_DIR" placeholder:"DIR" help:"Folder for keys and messages; several people on one computer have one each. Default: 'letter' in your configuration folder."`
	Verbose bool   `short:"v" help:"Say on standard error what the connection does."`

	Open     openCmd     `cmd:"" default:"withargs" help:"The full-screen client; with --plain, line by line. Also without any command."`
	Register registerCmd `cmd:"" help:"Register a phone number. Without --code, a code is sent by text message and asked for."`
	Send     sendCmd     `cmd:"" help:"Send a text, or a file."`
	Place    placeCmd    `cmd:"" help:"Say where you are: once, or, with --live, for a time."`
	Status   statusCmd   `cmd:"" help:"Status updates: what people show to chosen others for a day."`
	Save     saveCmd     `cmd:"" help:"Fetch a file that somebody sent, and save it. A fetch that was interrupted goes on where it was."`
	Receive  receiveCmd  `cmd:"" help:"Show what is new."`
	History  historyCmd  `cmd:"" help:"Show a conversation, or clear it here."`
	Info     infoCmd     `cmd:"" help:"Show who has a message of yours, and who has read it."`
	Search   searchCmd   `cmd:"" help:"Find messages on this device."`
	Edit     editCmd     `cmd:"" help:"Give a message of yours another text, for a day after it was sent."`
	Unsend   unsendCmd   `cmd:"" help:"Take a message of yours away from everybody, for two days after it was sent."`
	React    reactCmd    `cmd:"" help:"Put an emoji at a message."`
	Group    groupCmd    `cmd:"" help:"Groups: begin, list, change, join, leave."`
	Timer    timerCmd    `cmd:"" help:"Let new messages of a conversation disappear, or see whether they do."`
	Privacy  privacyCmd  `cmd:"" help:"Choose what others see of you, or, without flags, show it."`
	Chats    chatsCmd    `cmd:"" help:"List the conversations, the newest first, with what is unread."`
	Chat     chatCmd     `cmd:"" help:"Talk with somebody, or in a group: lines you type are sent, what comes is shown. Ctrl-D ends."`
	Safety   safetyCmd   `cmd:"" help:"Show the safety number with somebody, to compare with what they see."`
	Device   deviceCmd   `cmd:"" help:"Your devices: show, link, name, unlink."`
	Lock     lockCmd     `cmd:"" help:"Let nobody register your number anew without a PIN."`
	Number   numberCmd   `cmd:"" help:"Change your number."`
	Profile  profileCmd  `cmd:"" help:"Change what others see of you, or, without flags, show it."`
	Notices  noticesCmd  `cmd:"" help:"Show what the service told you: who asked for data about you."`
	Object   objectCmd   `cmd:"" help:"Object to a disclosure that a notice announced."`
	Block    blockCmd    `cmd:"" help:"Stop getting messages from a number. They cannot tell."`
	Unblock  unblockCmd  `cmd:"" help:"Get messages from a number again."`
	Contacts contactsCmd `cmd:"" help:"Your contacts: they stay on your devices. Show, add, import, forget; look up who is here only if you turn it on."`
	Report   reportCmd   `cmd:"" help:"Report somebody to whoever runs the server: messages that you choose, and your words. You see it before it leaves."`
	Export   exportCmd   `cmd:"" help:"Show everything that the service keeps about you."`
	Reach    reachCmd    `cmd:"" help:"Show what could be handed over about you today, by kind of legal process."`
	Webcheck webcheckCmd `cmd:"" help:"Compare the messenger in the browser, as a server hands it out, with its list of files, and that list with yours and with the ledger."`
	Delete   deleteCmd   `cmd:"" help:"Close the account and erase keys and messages in the folder."`
}

// terminal is what a command talks to.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	dir      string
	verbose  bool
	lines    *bufio.Reader
	aloud    bool                // lines follow each other, nothing is drawn over
	watch    func(tui.LineState) // told of the connection; nil: nobody asks
}

// exit carries kong's wish to end, after it printed help.
type exit int

var errUsage = errors.New("usage")

// run is the program; tests call it as main does.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	defer func() {
		if r := recover(); r != nil {
			status, ended := r.(exit)
			if !ended {
				panic(r)
			}
			if status != 0 {
				err = errUsage
			}
		}
	}()
	var c commands
	t := &terminal{in: stdin, out: stdout, err: stderr}
	p, err := kong.New(&c, kong.Name("letter"), kong.Writers(stdout, stderr),
		kong.Description("Write to people so that nobody between you can read it."),
		kong.Exit(func(status int) { panic(exit(status)) }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(t))
	if err != nil {
		return err
	}
	k, err := p.Parse(args)
	if err != nil {
		return errors.Join(errUsage, fault.Wrap(fault.Invalid, "parse command line", err, "%v. See 'letter --help'", err))
	}
	t.verbose = c.Verbose
	if t.dir, err = folder(c.Dir); err != nil {
		return err
	}
	return k.Run()
}

func folder(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	base, err := os.UserConfigDir()
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "find folder", err, "say where keys and messages are with --dir or LETTER_DIR")
	}
	return filepath.Join(base, "letter"), nil
}

// sentence is what the person reads. On their own computer an internal error
// may say its cause: it names no key and no word of a message.
func sentence(err error) string {
	if fault.KindOf(err) == fault.Internal {
		return err.Error()
	}
	return fault.Say(err)
}

func code(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, errLater):
		return exitLater
	}
	return exitFailed
}
