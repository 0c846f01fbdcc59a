package account

// What depends on whose a thing is, beside the verb that it takes (permit.go).

// MayDelete tells whether the principal may let a lead disappear that a member captured, and bring
// it back: members theirs, admins and managers anybody's.
func (s *Scope) MayDelete(member string) bool {
	return s.Can(DeleteLeads) && (s.Manages() || s.Role == Manager || member != "" && member == s.Member)
}

// MayDropView tells whether the principal may delete a saved view that a member made: members theirs,
// admins any that is shared.
func (s *Scope) MayDropView(member string) bool {
	return s.Can(EditSheet) && (s.Manages() || member == s.Member)
}
