// Package tui is the full-screen terminal client: chats, conversations, people,
// groups, devices and notices on one screen, by keyboard. It shows what a
// client knows and asks the client to act; it keeps nothing itself and must not
// know where the client's store and network are.
//
// Everything goes through one [Model]. A page on its stack reads through a
// scope, in the background, and hands back what changes the screen as a step,
// which the model takes one at a time: no page shares anything with another
// goroutine. What other people wrote reaches the terminal through row.String
// alone, which lets no control character pass.
package tui
