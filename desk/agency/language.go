package agency

import (
	"context"

	"letterlock/desk/casefile"
	"letterlock/internal/lang"
)

// SetLanguage keeps in which language an officer reads pages, mails and letters.
func (s *Service) SetLanguage(ctx context.Context, id casefile.OfficerID, code string) error {
	if s.tongues().Tongue(code) == nil {
		return invalid("choose one of the languages of this site")
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.Store.Officer(ctx, id)
	if err != nil || o.Language == code {
		return err
	}
	o.Language = code
	if err := s.Acts.Keep(ctx, "officer.language", o.Actor(), string(id), "", o); err != nil {
		return err
	}
	return s.Store.PutOfficer(ctx, o)
}

// tongues are the languages of this service.
func (s *Service) tongues() *lang.Book {
	if s.Book == nil {
		return lang.Default()
	}
	return s.Book
}

// TongueOf is the language of the officer who has a mailbox; nil, English, if
// none has it or none was chosen.
func (s *Service) TongueOf(ctx context.Context, mailbox string) *lang.Tongue {
	o, err := s.Store.OfficerByMailbox(ctx, mailbox)
	if err != nil {
		return nil
	}
	return s.tongues().Tongue(o.Language)
}
