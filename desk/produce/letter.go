package produce

import (
	"errors"
	"io"
)

func (p *Packer) writeLetter(w io.Writer, in Input, allowed reach, t *tally) error {
	return errors.New("no letter can be set")
}

func (p *Packer) writeSheet(w io.Writer, in Input) error { return errors.New("no sheet can be set") }

func writeSheetText(w io.Writer, in Input) error { return errors.New("no sheet can be set") }
