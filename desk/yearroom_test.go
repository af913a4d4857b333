package desk_test

import (
	"io/fs"
	"path/filepath"
	"time"

	"letterlock/desk/casefile"
	"letterlock/transparency/room"
)

// In the year, counsel looks at the papers that wait every fifth day: they object
// to half of the cases, and of the others publish what the desk wrote.

func (x *year) keepsPapers() {
	x.conf.Room = &room.Press{Dir: filepath.Join(x.dir, "room")}
}

// papersDays puts counsel's days on the agenda.
func (x *year) papersDays(end time.Time) {
	for t := yearFrom.AddDate(0, 0, 3); t.Before(end); t = t.AddDate(0, 0, 5) {
		x.at(t, x.papers)
	}
}

func (x *year) papers() {
	x.Helper()
	r := x.desk.Room
	for _, e := range must(r.Waiting(x.ctx, x.counsel.ID))(x) {
		n := e.Case.Number
		publish := x.r.IntN(2) == 0
		for _, p := range e.Case.RoomPapers() {
			x.ok(r.SayPaper(x.ctx, x.counsel.ID, n, p.Paper, publish && !p.Attached, "the scan names a street"))
		}
		x.ok(r.Put(x.ctx, x.counsel.ID, n, "everybody was told"))
		if publish {
			x.ok(r.Agree(x.ctx, x.chief.ID, n, x.load(n).Room.Plan.Sum(), "read it"))
			x.shown++
		}
		x.said++
	}
}

// reckonsPapers: of each request of which somebody was told, and of no other,
// counsel has had the papers, once and after everything that withheld them; what
// they published stands in the room, and holds.
func (x *year) reckonsPapers() {
	x.Helper()
	owed := 0
	for _, l := range x.lives {
		var told, packed, due time.Time
		times := 0
		for _, e := range x.load(l.n).Events {
			switch e.Kind {
			case casefile.KTold:
				told = e.At
			case casefile.KPacked:
				packed = e.At
			case casefile.KRoomDue:
				due = e.At
				times++
			}
		}
		switch {
		case times > 1 || times == 1 && (l.n.Sealed() || told.IsZero() || due.Before(told) || due.Before(packed) && l.tapped.IsZero()):
			x.Errorf("%s, %s: papers were put before counsel %d times, on %s; told %s, answered %s", l.n, l.story, times, due.Format(time.DateTime), told.Format(time.DateTime), packed.Format(time.DateTime))
		case times == 0 && (l.story == "open" || l.story == "gagged" || l.story == "endless"):
			x.Errorf("%s, %s: nobody had its papers; told %s, %q", l.n, l.story, told.Format(time.DateTime), x.load(l.n).RoomWithheld(x.clock.Now()))
		}
		owed += times
	}
	all := room.List(x.conf.Room.FS())
	if x.said != owed || len(all) != x.shown {
		x.Errorf("%d papers were due, %d decided; %d published, %d stand in the room", owed, x.said, x.shown, len(all))
	}
	for _, d := range all {
		if lines := room.Check(must(fs.Sub(x.conf.Room.FS(), string(d.ID)))(x), x.ledgerKeys()); !room.Holds(lines) {
			x.Errorf("document %s: %+v", d.ID, lines)
		}
	}
	x.Logf("%d requests had papers for counsel, %d were published", owed, x.shown)
}
