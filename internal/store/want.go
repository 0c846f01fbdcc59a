package store

// Want names the rows that a batch of the ledger needs and does not have yet.
type Want struct {
	Accounts    []AccountKey
	Receipts    []ReceiptKey
	Pools       []PoolKey // of periods before that of the account's own
	Shares      []ShareKey
	Allocations []AllocationKey
	Holds       []HoldKey
	Expired     []ExpiredKey
	Reveals     []RevealKey
	AutoSpends  []AutoSpendKey
	// Entries are charges that are reported, with their reports.
	Entries      []EntryKey
	ReportCounts []ReportCountKey
	ReportTotals []ReportTotalKey
	FairUses     []FairUseKey
}

// Keys of the ledger's rows; the workspace is first in each, as in every index.
type (
	AccountKey struct {
		Workspace string
		Version   int64 // of the terms that the caller has; terms are sent only when they differ
	}
	ReceiptKey struct{ Workspace, Key string }
	PoolKey    struct {
		Workspace   string
		PeriodStart int64
		Credit      string
	}
	ShareKey struct {
		Workspace, Member string
		PeriodStart       int64
		Credit            string
	}
	AllocationKey struct{ Workspace, Member, Credit string }
	HoldKey       struct{ Workspace, ID string }
	ExpiredKey    struct {
		Workspace string
		Now       int64
	}
	RevealKey    struct{ Workspace, Person string }
	AutoSpendKey struct {
		Workspace string
		Day       int
		Credit    string
	}
	EntryKey struct {
		Workspace string
		Seq       int64
	}
	ReportCountKey struct {
		Workspace, Member string
		PeriodStart       int64
	}
	ReportTotalKey struct {
		Workspace   string
		PeriodStart int64
		After       int64 // no entry of the period has this number or a lower one
		AtLeast     int64 // charges are counted from so many reports on
	}
)

// Empty reports whether nothing is wanted.
func (w *Want) Empty() bool {
	return len(w.Accounts)+len(w.Receipts)+len(w.Pools)+len(w.Shares)+len(w.Allocations)+
		len(w.Holds)+len(w.Expired)+len(w.Reveals)+len(w.AutoSpends)+len(w.Entries)+len(w.ReportCounts)+len(w.ReportTotals)+len(w.FairUses) == 0
}

// Known reports whether nothing is wanted but accounts, to be locked, and
// receipts, to be absent.
func (w *Want) Known() bool {
	rest := *w
	rest.Accounts, rest.Receipts = nil, nil
	return rest.Empty()
}

// Rows are what a Want found. A key without a row has none.
type Rows struct {
	Accounts    []Account
	Receipts    []Receipt
	Pools       []Pool
	Shares      []Share
	Allocations []Allocation
	Holds       []Hold // by key and expired ones together
	// NextExpiry is, per workspace of Expired, when its next open hold expires
	// after Now; 0: there is none.
	NextExpiry map[string]int64
	Reveals    []Reveal
	AutoSpends []AutoSpend
	// Of entries that were reported: what a report reads of them.
	Entries      []Entry
	Reports      []Report
	ReportCounts []ReportCount
	ReportTotals []ReportTotal
	FairUses     []FairUse
}

// ReportTotal is how much a workspace reported in a period, and of how many charges for
// people's data.
type ReportTotal struct {
	Key              ReportTotalKey
	Reports, Charges int64
}

// ReportCount is how many reports a member made in a period.
type ReportCount struct {
	Key   ReportCountKey
	Count int64
}

// Writes is what a batch of the ledger changes, in one transaction. Rows are
// whole: a row that exists is replaced.
type Writes struct {
	Accounts    []Account
	Pools       []Pool // that are not their account's own, or no more
	Shares      []Share
	Allocations []Allocation // Mode "pool" removes the row
	Holds       []Hold
	Reveals     []Reveal
	AutoSpends  []AutoSpend
	Entries     []Entry
	Receipts    []Receipt
	Grants      []GrantRow
	Leads       []LeadRow
	Reports     []Report
	BadValues   []BadValue
	Audits      []Audit
	FairUses    []FairUse
	// With are changes of rows that are not the ledger's, in the same transaction.
	With []func(tx *Tx) error
}

// Empty reports whether nothing changes.
func (w *Writes) Empty() bool {
	return len(w.Accounts)+len(w.Pools)+len(w.Shares)+len(w.Allocations)+len(w.Holds)+len(w.Reveals)+
		len(w.AutoSpends)+len(w.Entries)+len(w.Receipts)+len(w.Grants)+len(w.Leads)+len(w.Reports)+len(w.BadValues)+len(w.Audits)+len(w.FairUses)+len(w.With) == 0
}
