package spqr

// The field GF(2^16) of the chunk code: addition is XOR, reduction by
// x^16+x^12+x^3+x+1. What is coded travels in the clear, so that nothing here
// needs to take the same time for every value.
//
// spec: deployed 5.3
const polynomial = 0x1100B

func multiply(a, b uint16) uint16 {
	var product uint32
	x := uint32(a)
	for ; b != 0; b >>= 1 {
		if b&1 != 0 {
			product ^= x
		}
		if x <<= 1; x&0x10000 != 0 {
			x ^= polynomial
		}
	}
	return uint16(product)
}

// invert is a to the power of 2^16-2; 0 has no inverse and yields 0.
func invert(a uint16) uint16 {
	out := uint16(1)
	for range 15 {
		a = multiply(a, a)
		out = multiply(out, a)
	}
	return out
}

// weights are what the values at points must be multiplied with, and added, to
// give the value at x (Lagrange). x is none of the points.
func weights(points []uint16, x uint16) []uint16 {
	out := make([]uint16, len(points))
	for i, p := range points {
		above, below := uint16(1), uint16(1)
		for j, q := range points {
			if i != j {
				above, below = multiply(above, x^q), multiply(below, p^q)
			}
		}
		out[i] = multiply(above, invert(below))
	}
	return out
}
