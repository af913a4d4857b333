package say

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"letterlock/client"
	"letterlock/internal/fault"
)

// Spot reads "38.7223,-9.1393".
func Spot(s string, within uint32) (client.Spot, error) {
	lat, lon, both := strings.Cut(strings.ReplaceAll(s, " ", ""), ",")
	a, errA := strconv.ParseFloat(lat, 64)
	o, errO := strconv.ParseFloat(lon, 64)
	if !both || errA != nil || errO != nil || math.Abs(a) > 90 || math.Abs(o) > 180 || math.IsNaN(a+o) {
		return client.Spot{}, fault.New(fault.Invalid, "read a place", "%q is no place: give latitude and longitude in degrees, such as 38.7223,-9.1393", Plain(s))
	}
	return client.Spot{Latitude: int32(math.Round(a * 1e7)), Longitude: int32(math.Round(o * 1e7)), Within: within}, nil
}

// Geo is a point as an address of RFC 5870 that a map can open.
func Geo(s client.Spot) string {
	uri := fmt.Sprintf("geo:%s,%s", Degrees(s.Latitude), Degrees(s.Longitude))
	if s.Within > 0 {
		uri += fmt.Sprintf(";u=%d", s.Within)
	}
	return uri
}

// Degrees writes ten-millionths of a degree.
func Degrees(v int32) string { return strconv.FormatFloat(float64(v)/1e7, 'f', -1, 64) }
