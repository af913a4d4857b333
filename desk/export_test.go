package desk

// Drawn is the draw itself.
var Drawn = drawn
