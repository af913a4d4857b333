package push

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A name may lead inside by the time it is called: the address is looked at
// when it is dialled, whatever was asked for.
func TestAnAddressIsLookedAtWhenItIsDialled(t *testing.T) {
	called := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer inside.Close()
	for _, url := range []string{inside.URL, "http://localhost:" + inside.URL[len("http://127.0.0.1:"):]} {
		_, err := (&Pusher{}).caller().Get(url)
		if !errors.Is(err, errClosed) || called {
			t.Errorf("%s was called: %v", url, err)
		}
	}
	if _, err := (&Pusher{Config: Config{Loopback: true}}).caller().Get(inside.URL); err != nil || !called {
		t.Errorf("the test proves nothing: %v", err)
	}
}

// The example of RFC 8291, section 5 and appendix A.
func TestSealingIsThatOfTheStandard(t *testing.T) {
	raw := func(s string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	own, err := ecdh.P256().NewPrivateKey(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	their, err := ecdh.P256().NewPublicKey(raw("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := sealWith(own, their, raw("BTBZMqHH6r4Tts7J_aSIgg"), raw("DGv6ra1nlYgDCS1FRnbzlw"), []byte("When I grow up, I want to be a watermelon\x02"))
	want := raw("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN")
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%v\n%x\n%x", err, got, want)
	}
}
