package directory

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/lead"
)

// merge lays what a row says over what is known of the same person; see
// docs/decisions/0012. since is when the import began that brings the row.
func merge(known, fresh lead.Person, since time.Time) lead.Person {
	fresh.Values = slices.Clone(fresh.Values)
	known.Values = slices.Clone(known.Values)
	if employ(&known, &fresh) { // what an older statement says takes nothing away
		since = time.Time{}
	}
	for _, text := range []struct{ into, from *string }{
		{&known.SourceID, &fresh.SourceID}, {&known.FullName, &fresh.FullName}, {&known.FirstName, &fresh.FirstName},
		{&known.LastName, &fresh.LastName}, {&known.Title, &fresh.Title}, {&known.Company, &fresh.Company},
		{&known.CompanyDomain, &fresh.CompanyDomain}, {&known.CompanyPhone, &fresh.CompanyPhone},
		{&known.LinkedInURL, &fresh.LinkedInURL}, {&known.Location, &fresh.Location}, {&known.Country, &fresh.Country},
		{&known.Industry, &fresh.Industry}, {&known.CompanySize, &fresh.CompanySize},
	} {
		if *text.from != "" {
			*text.into = *text.from
		}
	}
	known.Values = mergeValues(known.Values, fresh.Values, since)
	known.Extra = maps.Clone(known.Extra)
	for k, v := range fresh.Extra {
		if known.Extra == nil {
			known.Extra = map[string]string{}
		}
		if _, held := known.Extra[k]; held || len(known.Extra) < contactfile.MaxExtras {
			known.Extra[k] = v
		}
	}
	return known
}

// employ decides whose employer counts where two statements name different ones: that of
// the newer, whichever came first. Addresses at the other one are former from then on,
// also where the newer brings none. Of two of one instant neither is the older. True: the
// fresh one is.
func employ(known, fresh *lead.Person) (older bool) {
	moved, order := lead.Moved(*known, *fresh), fresh.AsOf.Compare(known.AsOf)
	switch {
	case moved && order > 0:
		leave(known, *fresh)
		known.Company, known.CompanyDomain, known.CompanyPhone, known.Title, known.Industry, known.CompanySize = "", "", "", "", "", ""
		known.Values = slices.DeleteFunc(known.Values, func(v lead.Value) bool { // what the newer row says of a former address counts
			return v.Status == lead.Former && holds(fresh.Values, v.Value)
		})
	case moved && order < 0:
		older = true
		fresh.Values = slices.DeleteFunc(fresh.Values, func(v lead.Value) bool {
			if v.Field == lead.WorkPhone && slices.ContainsFunc(known.ValuesOf(v.Field), func(k lead.Value) bool { return k.Source == v.Source }) {
				return true // its source has another since
			}
			return slices.ContainsFunc(known.Values, func(k lead.Value) bool { return k.Value == v.Value && k.Status != lead.Former }) && lead.LeftBehind(v, *fresh, *known)
		})
		leave(fresh, *known)
		fresh.Company, fresh.CompanyDomain, fresh.CompanyPhone, fresh.Title, fresh.Industry, fresh.CompanySize = "", "", "", "", "", ""
	}
	if order > 0 && (fresh.Company != "" || fresh.CompanyDomain != "" || known.Company == "" && known.CompanyDomain == "") {
		known.AsOf = fresh.AsOf
	}
	return older
}

// leave marks the addresses of a person at an employer as former, but for those that the
// newer statement names.
func leave(old *lead.Person, now lead.Person) {
	for i := range old.Values {
		if v := &old.Values[i]; lead.LeftBehind(*v, *old, now) && !holds(now.Values, v.Value) {
			v.Status, v.VerifiedAt = lead.Former, now.AsOf
		}
	}
}

// mergeValues joins two lists of values: each value once, with what is surest and
// newest of it, the best first and at most contactfile.MaxValues a field. A source that speaks
// of a field again is taken to have dropped what it said before and says no more;
// what it verified, or saw bounce, stays until somebody knows better.
func mergeValues(known, fresh []lead.Value, since time.Time) []lead.Value {
	var all []lead.Value
	for _, f := range lead.Fields {
		spoken := map[string]bool{} // sources that speak of the field now
		first := len(all)
		for _, v := range fresh {
			if v.Field != f {
				continue
			}
			spoken[v.Source] = true
			all = joinValue(all, first, v)
		}
		for _, v := range known {
			if v.Field != f {
				continue
			}
			stale := spoken[v.Source] && v.LastSeen.Before(since) && !checked(v) && !holds(all[first:], v.Value)
			if !stale {
				all = joinValue(all, first, v)
			}
		}
		field := all[first:]
		slices.SortStableFunc(field, better)
		all = all[:first+min(len(field), contactfile.MaxValues)]
	}
	return all
}

func holds(values []lead.Value, value string) bool {
	return slices.ContainsFunc(values, func(v lead.Value) bool { return v.Value == value })
}

// joinValue adds a value to those from first on, or joins it with its like.
func joinValue(all []lead.Value, first int, v lead.Value) []lead.Value {
	for i := first; i < len(all); i++ {
		if all[i].Value == v.Value {
			all[i] = surer(all[i], v)
			return all
		}
	}
	return append(all, v)
}

// checked tells a value of which somebody found out whether it is right.
func checked(v lead.Value) bool {
	return v.Status == lead.Verified || v.Status == lead.Bounced || v.Status == lead.Former
}

// surer is the better known of two statements about one value, whichever came
// first. It is commutative, so that the order of rows and files does not matter.
func surer(a, b lead.Value) lead.Value {
	sure, other := a, b
	if sureness(b, a) > 0 {
		sure, other = b, a
	}
	if other.LastSeen.After(sure.LastSeen) {
		sure.LastSeen = other.LastSeen
	}
	if other.Mailbox == lead.SharedBox {
		sure.Mailbox = lead.SharedBox
	}
	return sure
}

// sureness compares two statements: one that was checked counts more than one that
// was not, among those the newer, and of one instant the bounce.
func sureness(a, b lead.Value) int {
	by := func(v lead.Value) (int, time.Time, int) {
		switch v.Status {
		case lead.Verified:
			return 1, v.VerifiedAt, 2
		case lead.Bounced:
			return 1, v.VerifiedAt, 3
		case lead.Former:
			return 1, v.VerifiedAt, 4
		case lead.Likely:
			return 0, time.Time{}, 1
		}
		return 0, time.Time{}, 0
	}
	checkedA, atA, rankA := by(a)
	checkedB, atB, rankB := by(b)
	return cmp.Or(cmp.Compare(checkedA, checkedB), atA.Compare(atB), cmp.Compare(rankA, rankB), a.VerifiedAt.Compare(b.VerifiedAt), a.LastSeen.Compare(b.LastSeen), -cmp.Compare(a.Source, b.Source))
}

// better orders values for showing: what is verified first and newest first, what
// bounced last, a person's own address before a role address.
func better(a, b lead.Value) int {
	rank := func(v lead.Value) int {
		switch v.Status {
		case lead.Verified:
			return 0
		case lead.Likely:
			return 1
		case lead.Bounced, lead.Former:
			return 4
		}
		return 2
	}
	shared := func(v lead.Value) int {
		if v.Mailbox.Shared() && v.Status != lead.Bounced && v.Status != lead.Former {
			return 3
		}
		return rank(v)
	}
	order := cmp.Or(cmp.Compare(shared(a), shared(b)), cmp.Compare(rank(a), rank(b)))
	if order == 0 && a.Status == lead.Verified {
		order = b.VerifiedAt.Compare(a.VerifiedAt)
	}
	return cmp.Or(order, b.LastSeen.Compare(a.LastSeen))
}
