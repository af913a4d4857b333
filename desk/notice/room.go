package notice

import "letterlock/desk/casefile"

// toRoom has the papers of a case begin their way to the public, now that
// somebody has been told.
func (s *Service) toRoom(c casefile.Case) []casefile.Duty {
	if !s.Room {
		return nil
	}
	return c.RoomDuty(s.Files.Clock.Now())
}
