package law

// Certified reports whether records that are produced under the row leave only
// with a custodian's certificate. It is so for what courts of the United States
// compel and may take as evidence: not for an emergency, which is voluntary and
// cannot wait; not for what is reported in bands, which is intelligence; and
// not for what is collected as it happens, which is handed over in parts.
// law: FRE 902(11), 902(13)
func (r Row) Certified() bool {
	return r.Jurisdiction == "US" && r.Publication.Kind == Exact && !r.Prospective &&
		r.Stance != StanceVoluntary && r.Stance != StanceSnapshot && r.Stance != StanceDecline
}
