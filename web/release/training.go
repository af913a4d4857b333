package release

import (
	"net/http"
	"strconv"
	"time"

	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/web/kit"
)

type trainingData struct {
	Until     time.Time // the training counts until then; zero: none does
	Statement string    // to be signed; empty: the day is asked for first
	Ceremony  kit.Ceremony
}

// training asks for the day of the yearly training.
func (s *site) training(v visit) error {
	return s.trainingPage(v, http.StatusOK, kit.NewForm(nil), trainingData{}, nil)
}

func (s *site) trainingPage(v visit, status int, f *kit.Form, x trainingData, problem error) error {
	x.Until = v.trained
	return s.page(v, status, "training.html", kit.Page{Title: "Your yearly training", Here: "/training", Form: f, Err: problem, Data: x,
		Lead: "Nobody signs whose training is over a year old. You state it under your own passkey; the carrier records it and checks it at every signature and every release."})
}

// stated shows the statement for a day, to be signed.
func (s *site) stated(v visit) error {
	f, err := kit.ReadForm(v.Request)
	if err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, f.Need("day", "Give the day on which you completed the training."))
	if f.OK() && err != nil {
		f.Bad("day", "Write the day as year-month-day, such as 2026-11-23.")
	}
	if !f.OK() {
		return s.trainingPage(v, http.StatusBadRequest, f, trainingData{}, nil)
	}
	x, err := v.set.Statement(v.Context(), v.holder, day, s.Clock.Now())
	if again(err) {
		return s.trainingPage(v, fault.KindOf(err).Status(), f, trainingData{}, err)
	}
	if err != nil {
		return err
	}
	return s.trainingPage(v, http.StatusOK, f, trainingData{Statement: x.Text, Ceremony: s.stating(v, x)}, nil)
}

func (s *site) stating(v visit, x door.Statement) kit.Ceremony {
	var ids [][]byte
	for _, k := range v.keys {
		ids = append(ids, k.ID)
	}
	return kit.Ceremony{Action: "/training/sign", Options: s.Site.Get(x.Hash[:], ids...), Button: "Sign this statement", Demo: s.Site.Demo,
		Hidden: map[string]string{"day": x.Day.Format(time.DateOnly), "at": strconv.FormatInt(x.At.Unix(), 10)}, Explain: "Your passkey signs the hash of exactly these words."}
}

// trainingSigned takes the passkey's answer over the statement.
func (s *site) trainingSigned(v visit) error {
	f, err := kit.ReadForm(v.Request)
	if err != nil {
		return err
	}
	day, noDay := time.Parse(time.DateOnly, f.Get("day"))
	at, noTime := strconv.ParseInt(f.Get("at"), 10, 64)
	if noDay != nil || noTime != nil {
		return fault.New(fault.Invalid, "state training", "give the day of the training and read the statement first")
	}
	a, err := passkey.ParseAssertion([]byte(f.Get("answer")))
	if err == nil {
		err = v.set.Train(v.Context(), v.holder, day, time.Unix(at, 0), a)
	}
	if again(err) {
		return s.trainingPage(v, fault.KindOf(err).Status(), kit.NewForm(nil), trainingData{}, err)
	}
	if err != nil {
		return err
	}
	return s.kit.Done(v.ResponseWriter, v.Request, "/grants", kit.Good, "Your training is stated. You may sign until it is a year old.")
}

// tied records that the holder has a tie with a grant: somebody else signs it.
func (s *site) tied(v visit) error {
	return s.withText(v, "tie", "Say what the tie is", v.set.DeclareTie, "Recorded. You do not sign this grant; somebody else does.")
}
