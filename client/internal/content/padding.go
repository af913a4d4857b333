package content

import (
	"fmt"
	"math/bits"
)

// Block is the unit of padding. The smallest padded plaintext has Block-1
// bytes, because the cipher of the Signal protocol adds 1 to 16 bytes up to a
// multiple of 16: so the ciphertext has exactly Block.
//
// 224 is what a text of 160 bytes needs with header, number and encoding
// (26 + 3 + 160 + 17 + 1 = 207), rounded up to 16 with a block to spare for
// what later versions add.
const Block = 224

// padded is the length to which n bytes, the mark among them, are filled: 1, 2, 3, 4,
// 6, 8, 12, 16, ... blocks less one byte. So an observer learns one of about
// two sizes per doubling, and no text grows by more than half but the first.
func padded(n int) int {
	blocks := (n + Block) / Block // n bytes and the cipher's own one, rounded up
	if blocks <= 2 {
		return blocks*Block - 1
	}
	low := 1 << (bits.Len(uint(blocks-1)) - 1) // low < blocks <= 2*low
	if blocks <= low+low/2 {
		return (low+low/2)*Block - 1
	}
	return 2*low*Block - 1
}

// Pad appends the mark 0x80 and zeros.
func Pad(b []byte) []byte {
	out := make([]byte, padded(len(b)+1))
	copy(out, b)
	out[len(b)] = 0x80
	return out
}

// unpad takes mark and zeros away. The length must be one that pad makes:
// a sender who pads otherwise would tell lengths.
func unpad(b []byte) ([]byte, error) {
	i := len(b) - 1
	for i >= 0 && b[i] == 0 {
		i--
	}
	if i < 0 || b[i] != 0x80 || padded(i+1) != len(b) {
		return nil, fmt.Errorf("%w: padding", ErrContent)
	}
	return b[:i], nil
}
