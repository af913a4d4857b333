package picture

import (
	"context"
	"io"
	"syscall/js"

	"letterlock/internal/promise"
)

// canvas is a small picture in the worker's canvas.
type canvas struct {
	w, h int
	on   js.Value
}

// draw has the browser decode, which puts upright what EXIF says lies on its
// side, and draws it on white.
func draw(r io.Reader, _ head, pix int) (drawn, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	global := js.Global()
	for _, need := range []string{"createImageBitmap", "OffscreenCanvas"} {
		if !global.Get(need).Truthy() {
			return nil, ErrPicture // a browser of before 2023: the picture goes without a small one
		}
	}
	bytes := global.Get("Uint8Array").New(len(raw))
	js.CopyBytesToJS(bytes, raw)
	blob := global.Get("Blob").New([]any{bytes}, map[string]any{"type": Sniff(raw)})
	full, err := promise.Await(context.Background(), global.Call("createImageBitmap", blob, map[string]any{"imageOrientation": "from-image"}))
	if err != nil {
		return nil, ErrPicture
	}
	defer full.Call("close")
	c := canvas{w: full.Get("width").Int(), h: full.Get("height").Int()}
	w, h := shrunk(c.w, c.h, pix)
	c.on = global.Get("OffscreenCanvas").New(w, h)
	pen := c.on.Call("getContext", "2d")
	pen.Set("fillStyle", "#fff")
	pen.Call("fillRect", 0, 0, w, h)
	pen.Set("imageSmoothingQuality", "high")
	pen.Call("drawImage", full, 0, 0, w, h)
	return c, nil
}

func (c canvas) size() (int, int) { return c.w, c.h }

func (c canvas) jpeg(quality int) ([]byte, error) {
	blob, err := promise.Await(context.Background(), c.on.Call("convertToBlob", map[string]any{"type": JPEG, "quality": float64(quality) / 100}))
	if err != nil {
		return nil, ErrPicture
	}
	buffer, err := promise.Await(context.Background(), blob.Call("arrayBuffer"))
	if err != nil {
		return nil, ErrPicture
	}
	bytes := js.Global().Get("Uint8Array").New(buffer)
	out := make([]byte, bytes.Get("length").Int())
	js.CopyBytesToGo(out, bytes)
	return out, nil
}
