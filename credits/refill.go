package credits

// Refill says when there is more of a credit type.
func (c Current) Refill(credit string) (r Refill) {
	if at := c.CancelsAt.UTC(); !c.CancelsAt.IsZero() {
		r.Ends = &at
	}
	end := c.Period.End.UTC()
	next := c.terms.At(c.Period.End)
	if g := next.granted(credit, 0).Total(); !next.Cancelled && (g.Unlimited || g.Amount > 0) {
		r.At = &end
	}
	return r
}

// Refill is when there is more of any credit type.
func (v *View) Refill() (r Refill) {
	for _, c := range v.Credits {
		if r = c.Refill; r.At != nil {
			return r
		}
	}
	return r
}
