package casefile

import (
	"slices"

	"letterlock/internal/fault"
)

func foldPacked(c *Case, e Event) error {
	if e.Package == nil {
		return errParticulars
	}
	for i := range c.Packages {
		if c.Packages[i].ID == e.Package.ID {
			return conflict("this package exists already")
		}
	}
	for _, x := range e.Package.Served {
		if i := c.grant(x.Grant); i >= 0 {
			c.Grants[i].List.Packed = x.Seq
		}
	}
	c.Packages = append(c.Packages, *e.Package)
	return nil
}

func (c *Case) pack(id PackageID) (*Package, error) {
	i := slices.IndexFunc(c.Packages, func(p Package) bool { return p.ID == id })
	if i < 0 || !c.Packages[i].Destroyed.IsZero() {
		return nil, fault.New(fault.Expired, "find package", "the package is no longer kept here")
	}
	return &c.Packages[i], nil
}

func foldDestroyed(c *Case, e Event) error {
	p, err := c.pack(e.PackageID)
	if err != nil {
		return err
	}
	p.Destroyed = e.At
	return nil
}
