package credits

// room is how much a member may spend of a credit type now, and under each limit.
type room struct {
	rooms  Rooms
	mode   string
	spends Quota // the least of the limits that count for the member
}

// room reads the limits of rules D1 to D4: what the workspace has left, what of
// it is not set aside for others, and what the member's own setting allows.
func (s *state) room(p *poolRow, member string) room {
	workspace := p.available()
	aside := max(0, s.terms.Assigned[p.Credit]-Amount(p.Reserved))
	r := room{mode: FromPool, rooms: Rooms{Workspace: workspace, Pool: workspace.Minus(aside)}}
	r.spends = r.rooms.Pool
	if member == "" {
		return r
	}
	a := s.allocation(member, p.Credit)
	if a.Mode == "" || a.Mode == FromPool {
		return r
	}
	share := s.share(member, p.PeriodStart, p.Credit)
	left := Of(Amount(max(0, a.Amount-share.Used-share.Held)))
	r.mode, r.rooms.Member = a.Mode, &left
	if a.Mode == Assigned {
		r.spends = workspace // what is set aside is the member's own
	}
	if left.Less(r.spends) {
		r.spends = left
	}
	return r
}

// limitedBy names the limit that stops a need (rule D7).
func (r room) limitedBy(need Amount) string {
	switch {
	case r.rooms.Member != nil && !r.rooms.Member.Covers(need):
		return ByMember
	case !r.rooms.Workspace.Covers(need):
		return ByWorkspace
	default:
		return ByPool
	}
}

// afford checks a need against every limit; nil: it can be paid.
func (s *state) afford(p *poolRow, member string, need Amount) *Refusal {
	if s.current.Cancelled {
		return s.cancelled()
	}
	r := s.room(p, member)
	if r.spends.Covers(need) {
		return nil
	}
	by, rooms := r.limitedBy(need), r.rooms // a copy, so that no charge that is made allocates them
	refusal := refuse(Insufficient, "%s", insufficientText(by, p.Credit, need, r.spends.Amount))
	refusal.Credit, refusal.Needed, refusal.Available = p.Credit, need, r.spends.Amount
	refusal.LimitedBy, refusal.Rooms = by, &rooms
	refusal.Assigned = by == ByMember && r.mode == Assigned
	if by != ByMember || need <= Amount(s.allocation(member, p.Credit).Amount) {
		refusal.RefillsAt = s.current.Refill(p.Credit).At
	}
	return refusal
}

func (s *state) cancelled() *Refusal {
	return refuse(Cancelled, "The subscription was cancelled on %s. What was captured stays readable; new captures need a plan.",
		s.current.CancelsAt.In(s.current.zone).Format("Jan 2, 2006"))
}

func insufficientText(by, credit string, need, have Amount) string {
	what := need.String() + " " + credit
	if need == Credit {
		what += " credit is"
	} else {
		what += " credits are"
	}
	switch by {
	case ByMember:
		return what + " needed; the member's own limit leaves " + have.String() + " until the period ends."
	case ByPool:
		return what + " needed; the pool has " + have.String() + " left, because the rest is assigned to other members."
	default:
		return what + " needed; the workspace has " + have.String() + " left until the period ends."
	}
}
