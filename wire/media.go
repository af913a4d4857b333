package wire

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// Files travel beside envelopes: sealed on the sender's device, put to the
// carrier piece by piece as a blob, fetched from there. The carrier knows a
// blob's padded length and how many devices have not said that they have it.
// Only PathMediaBegin carries a credential; everything after it is done with
// a MediaToken, so that the carrier is not told who fetches.
const (
	PathMediaBegin = "/v1/media/begin" // MediaBegin -> MediaState
	PathMediaDone  = "/v1/media/done"  // MediaDone -> Nothing
	PathMediaDrop  = "/v1/media/drop"  // MediaDrop -> Nothing
	PathMedia      = "/v1/media/blob/" // and a MediaID: PUT one piece -> MediaState; GET, with ranges (RFC 9110 14)
)

// MediaOffset is the header of a PUT that says where the piece begins.
const MediaOffset = "Upload-Offset"

// MediaType is the content type of a blob and its pieces.
const MediaType = "application/octet-stream"

// Limits of files, in bytes unless said otherwise.
const (
	MaxFile     = 2 << 30  // before it is sealed
	MediaPiece  = 4 << 20  // every piece but the last
	MediaChunk  = 64 << 10 // what is sealed at once
	MediaTag    = 16       // what sealing adds to a chunk
	MediaLeast  = 16 << 10 // the shortest file is padded to this
	MaxDone     = 4000     // devices that one blob may wait for
	MediaIDSize = 16
)

// MediaSize is the length of the blob of a file: padded, then sealed chunk by
// chunk. Padding keeps the highest bits of the length only (Padmé: Nikitin et
// al., PETS 2019), so that a length says one of few things, for at most an
// eighth more bytes.
func MediaSize(file int64) int64 {
	n := padded(max(file, MediaLeast))
	return n + MediaTag*((n+MediaChunk-1)/MediaChunk)
}

// MaxMedia is the longest blob.
var MaxMedia = MediaSize(MaxFile)

// MediaPadded is the length to which the file of a blob was padded; ok false:
// no file makes a blob of this length.
func MediaPadded(blob int64) (file int64, ok bool) {
	if blob <= 0 || blob > MaxMedia {
		return 0, false
	}
	chunks := (blob + MediaChunk + MediaTag - 1) / (MediaChunk + MediaTag)
	file = blob - chunks*MediaTag
	return file, file > 0 && MediaSize(file) == blob && padded(max(file, MediaLeast)) == file
}

// padded is Padmé: of a length of e+1 bits, the lowest e-s are rounded up,
// where s is how many bits e has.
func padded(n int64) int64 {
	e := bits.Len64(uint64(n)) - 1
	s := bits.Len(uint(e))
	mask := int64(1)<<(e-s) - 1
	return (n + mask) &^ mask
}

// MediaID names a blob. It is random and says nothing.
type MediaID [MediaIDSize]byte

// NewMediaID draws one.
func NewMediaID() (id MediaID) { rand.Read(id[:]); return id }

// String is 32 hexadecimal digits.
func (id MediaID) String() string { return hex.EncodeToString(id[:]) }

// ParseMediaID reads them, and no other form.
func ParseMediaID(s string) (id MediaID, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) || hex.EncodeToString(b) != s {
		return MediaID{}, errors.New("not the number of a file")
	}
	return MediaID(b), nil
}

// MediaToken lets its bearer do one thing with one blob. The carrier keeps its
// hash. It never prints.
type MediaToken [32]byte

// Hash is what the carrier keeps.
func (t MediaToken) Hash() [32]byte { return sha256.Sum256(t[:]) }

const mediaScheme = "Media "

// Header is the value of the Authorization header.
func (t MediaToken) Header() string { return mediaScheme + base64.RawURLEncoding.EncodeToString(t[:]) }

// ParseMediaToken reads an Authorization header.
func ParseMediaToken(header string) (t MediaToken, err error) {
	bad := errors.New("not the token of a file")
	if len(header) != len(mediaScheme)+43 || header[:len(mediaScheme)] != mediaScheme {
		return t, bad
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(header[len(mediaScheme):])
	if err != nil || len(b) != len(t) {
		return t, bad
	}
	return MediaToken(b), nil
}

// MediaTotal is the length of the blob in the answer "bytes FROM-TO/LENGTH" to a
// call for everything from a byte on; 0: it does not begin there.
func MediaTotal(contentRange string, from int64) int64 {
	s, found := strings.CutPrefix(contentRange, "bytes "+strconv.FormatInt(from, 10)+"-")
	_, length, _ := strings.Cut(s, "/")
	n, err := strconv.ParseInt(length, 10, 64)
	if !found || err != nil {
		return 0
	}
	return n
}

const hidden = "[token]"

// String hides the token.
func (MediaToken) String() string { return hidden }

// GoString hides the token.
func (MediaToken) GoString() string { return hidden }

// Format hides the token whatever the verb.
func (MediaToken) Format(f fmt.State, _ rune) { fmt.Fprint(f, hidden) }

// MarshalText hides the token.
func (MediaToken) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MediaBegin announces a blob, and asks how far it has come if it was announced
// before. The account counts against its quota and is not stored with it.
type MediaBegin struct {
	ID    MediaID    `cbor:"id"`
	Size  int64      `cbor:"size"`  // of the blob: MediaSize of a file
	Owner [32]byte   `cbor:"owner"` // hash of the token that puts and drops it
	Read  [32]byte   `cbor:"read"`  // hash of the token that reads it
	Done  [][32]byte `cbor:"done"`  // for each device that is to fetch it, hash of the token with which it says that it has
}

// MediaState is how many bytes the carrier has.
type MediaState struct {
	Offset int64 `cbor:"offset"`
}

// MediaDone says that a device has the blob. It says so of no device: the
// token is one of many, and burnt with this.
type MediaDone struct {
	ID    MediaID  `cbor:"id"`
	Token [32]byte `cbor:"token"`
}

// MediaDrop takes a blob away for everybody.
type MediaDrop struct {
	ID    MediaID  `cbor:"id"`
	Owner [32]byte `cbor:"owner"` // the token itself
}
