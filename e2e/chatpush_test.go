package e2e_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"letterlock/internal/clock"
	"letterlock/internal/testkit/pushservice"
)

// wakeable lets the page notify its person, and finds its service worker.
func (b *tab) wakeable() serviceworker.RegistrationID {
	b.Helper()
	_, err := chromedp.Call(b.ctx, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{Permission: &cdpbrowser.PermissionDescriptor{Name: "notifications"}, Setting: "granted", Origin: b.base})
	must(b.TB, err)
	b.until("navigator.serviceWorker.controller")
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	all := chromedp.Events(ctx, serviceworker.WorkerRegistrationUpdated)
	_, err = chromedp.Call(b.ctx, serviceworker.Enable, cdp.Empty{})
	must(b.TB, err)
	for e, err := range all {
		must(b.TB, err)
		for _, r := range e.Registrations {
			if strings.HasPrefix(r.ScopeURL, b.base) {
				return r.RegistrationID
			}
		}
	}
	b.Fatal("there is no service worker")
	return ""
}

// wake is what the browser does when a push comes for the page.
func (b *tab) wake(id serviceworker.RegistrationID) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: b.base, RegistrationID: id})
	must(b.TB, err)
}

type shown struct{ Title, Body, Lang, Dir, Tag, Icon string }

// notices are the notifications that the person sees now.
func (b *tab) notices() []shown {
	b.Helper()
	return eval[[]shown](b, `navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => all.map((n) => ({ Title: n.title, Body: n.body, Lang: n.lang, Dir: n.dir, Tag: n.tag, Icon: n.icon })))`)
}

// noticed waits for the one notification.
func (b *tab) noticed() shown {
	b.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if all := b.notices(); len(all) == 1 {
			return all[0]
		} else if len(all) > 1 {
			b.Fatalf("%d notifications are shown: %+v", len(all), all)
		}
	}
	b.Fatal("a push came and nothing was shown")
	return shown{}
}

// dismiss takes the notifications away, as the person does.
func (b *tab) dismiss() {
	b.Helper()
	eval[any](b, "navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => all.forEach((n) => n.close()))")
}

// worker is the service worker's own console.
func (b *tab) worker() context.Context {
	b.Helper()
	all, err := chromedp.Targets(b.ctx)
	must(b.TB, err)
	for _, i := range all {
		if i.Type == "service_worker" && strings.HasPrefix(i.URL, b.base) {
			ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(target.ID(i.TargetID)))
			b.Cleanup(cancel)
			return ctx
		}
	}
	b.Fatal("the service worker does not run")
	return nil
}

// subscribes puts a push service of this machine in the place of the browser's.
func (b *tab) subscribes(x *pushservice.Subscriber) {
	b.Helper()
	s, err := json.Marshal(map[string]any{"endpoint": x.Endpoint, "keys": map[string]string{"p256dh": base64.RawURLEncoding.EncodeToString(x.Key), "auth": base64.RawURLEncoding.EncodeToString(x.Auth)}})
	must(b.TB, err)
	eval[any](b, `(() => {
		let now = null;
		const s = { toJSON: () => (`+string(s)+`), unsubscribe: async () => { now = null; return true; } };
		PushManager.prototype.getSubscription = async () => now;
		PushManager.prototype.subscribe = async () => (now = s);
	})(), 0`)
}

// TestAClosedPageIsWoken: the switch says what it tells to whom, and says so if
// this browser cannot be woken; the carrier wakes who is away with a push that
// says nothing; the service worker shows it in the person's language, once; a
// click brings the page to the front; and the switch can be turned off.
func TestAClosedPageIsWoken(t *testing.T) {
	w := chatWorld(t)
	ana, ben := browse(t, w, w.Person("Ana", phone(0))), w.Person("Ben", phone(1))
	ana.register()
	must(t, ben.Register(t.Context()))
	id := ana.wakeable()

	ana.wake(id) // before the page taught its worker any words
	if n := ana.noticed(); n.Title != "Letterlock" || n.Body != "New message" || n.Tag != "new" || n.Icon != ana.base+"/icon-192.png" {
		t.Errorf("the notification is %+v", n)
	}

	ana.dismiss()

	// A browser without a push service, as this one.
	const disclosed = "The maker of your browser learns when something comes for this browser, not from whom or what."
	ana.press("Settings")
	ana.says(disclosed)
	ana.until("hand.field('Tell me that something came') && !hand.field('Tell me that something came').disabled")
	eval[any](ana, `(() => { const real = PushManager.prototype.subscribe; PushManager.prototype.subscribe = function (o) { window.asked = [...o.applicationServerKey, o.userVisibleOnly ? 1 : 0]; return real.call(this, o); }; })(), 0`)
	ana.fill("Tell me that something came", "on")
	ana.says("This browser has no service that could wake it, or cannot reach it now.")
	ana.until("!hand.field('Tell me that something came').checked")
	eval[any](ana, "hand.field('Tell me that something came').scrollIntoView({ block: 'center' }), 0")
	ana.picture("wake-none")
	ana.checked("a browser that cannot be woken")

	// One with a push service.
	service := pushservice.New(t, clock.System, false)
	asked := eval[[]int](ana, "window.asked")
	carrier := make([]byte, len(asked)-1)
	for i := range carrier {
		carrier[i] = byte(asked[i])
	}
	if asked[len(carrier)] != 1 {
		t.Error("the page asks for pushes that show nothing")
	}
	at := service.Subscribe(carrier)
	ana.subscribes(at)
	eval[any](ana, "localStorage.setItem('language', 'es'), 0")
	ana.fill("Tell me that something came", "on")
	ana.until("hand.field('Tell me that something came').checked && !hand.field('Tell me that something came').disabled && !document.querySelector('dialog .problem:not(:empty)')")
	ana.picture("wake-on")
	ana.press("Close")
	ana.press("Lock")
	ana.until("document.querySelector('input[type=password]')")
	must(t, ben.Send(t.Context(), ana.person, "are you there?"))
	for end := time.Now().Add(30 * time.Second); len(at.Got()) == 0 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
	}
	if got := at.Got(); len(got) != 1 || len(strings.TrimRight(string(got[0].Text), "\x00")) != 0 {
		t.Fatalf("the push service got %+v", got)
	}
	ana.wake(id)
	ana.wake(id) // what a receipt would cause: it is shown once
	if n := ana.noticed(); n.Body != "New message" {
		t.Errorf("the notification is %+v", n)
	}

	// Unlocked, nothing stays on the screen; and a person's language is theirs.
	ana.fill("Frase", passphrase)
	ana.press("Desbloquear")
	ana.online()
	ana.until("navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => all.length === 0)")
	ana.press("Ajustes")
	ana.until("hand.field('Avisarme de que') && !hand.field('Avisarme de que').disabled")
	ana.subscribes(service.Subscribe(carrier))
	ana.fill("Avisarme de que", "on")
	ana.until("hand.field('Avisarme de que').checked && !hand.field('Avisarme de que').disabled")
	ana.wake(id)
	if n := ana.noticed(); n.Body != "Mensaje nuevo" || n.Lang != "es" || n.Dir != "ltr" {
		t.Errorf("in Spanish the notification is %+v", n)
	}
	sw := ana.worker()
	ctx, cancel := context.WithTimeout(sw, 20*time.Second)
	defer cancel()
	front, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(async () => {
		let front = "nothing";
		WindowClient.prototype.focus = async function () { front = this.url; return this; };
		Clients.prototype.openWindow = async (url) => { front = "another " + url; };
		const [notification] = await self.registration.getNotifications();
		self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
		for (let i = 0; i < 100 && front === "nothing"; i++) await new Promise((r) => setTimeout(r, 20));
		return front;
	})()`, chromedp.EvalAwaitPromise))
	must(t, err)
	if front != ana.base+"/" {
		t.Errorf("a click brings %q to the front", front)
	}
	if n := len(ana.notices()); n != 0 {
		t.Errorf("%d notifications stay after the click", n)
	}
	ana.fill("Avisarme de que", "")
	ana.until("!hand.field('Avisarme de que').checked && !hand.field('Avisarme de que').disabled && !document.querySelector('dialog .problem:not(:empty)')")
}
