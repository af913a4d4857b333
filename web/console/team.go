package console

func (s *console) teamRoutes(in func(string, page)) {}
