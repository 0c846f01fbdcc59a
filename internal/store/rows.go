package store

// The rows of the ledger, as they stand in the database. Times are microseconds
// since 1970 in UTC, amounts are millionths of a credit. What they mean is said
// in package credits and nowhere else.

// Account is a workspace's place in the ledger: its terms and its last sequence number.
type Account struct {
	Workspace    string
	Seq          int64  // of its newest entry; entries count 1, 2, 3 … without a gap
	Terms        []byte // JSON of credits.Terms, in a row of its own
	TermsVersion int64
	LastAt       int64  // of its newest decision; the account's time never goes back
	NextExpiry   int64  // no open hold expires before it; 0: there is none
	Pools        string // the newest pool of each credit type; see PoolsText
}

// Pool is what a workspace used and holds of one credit type in one period.
type Pool struct {
	Workspace            string
	PeriodStart          int64
	Credit               string
	PeriodEnd            int64
	Used, Held, Reserved int64
	Allowance            int64 // as it stood when the row was last written; -1 is unlimited
	Rolled               int64 // brought along from the period before
	CarryNum, CarryDen   int64 // remainder of fractional prices, below one millionth
}

// Share is one member's part of a Pool.
type Share struct {
	Workspace, Member string
	PeriodStart       int64
	Credit            string
	Used, Held        int64
}

// Allocation is what an admin set for a member and credit type.
type Allocation struct {
	Workspace, Member, Credit string
	Mode                      string // limit or assigned; pool has no row
	Amount                    int64
}

// Hold is credits set aside.
type Hold struct {
	Workspace, ID, Member, Credit string
	PeriodStart                   int64
	Amount, Remaining             int64
	ExpiresAt, CreatedAt          int64
	State                         string // open, settled, released or expired
	Channel                       string
	Capture                       string // that it was placed for; empty: none
}

// Reveal is the outcome of one field of one person for one workspace: what
// ownership is decided from, and the values as delivered.
type Reveal struct {
	Workspace, Person, Field string
	Outcome                  string
	At                       int64
	Values                   string // JSON, opaque to the ledger
}

// Entry is one line of the ledger. It is never changed or deleted.
type Entry struct {
	Workspace    string
	Seq          int64
	At           int64
	Day          int // local date in the workspace's zone, as 20260301
	PeriodStart  int64
	Kind, Credit string
	Amount       int64
	Waived       int64  // what a free rule saved
	BalanceAfter *int64 // available then; nil is unlimited
	Member       string
	Person       string
	Field        string
	Outcome      string
	Channel      string
	Hold         string
	Grant        string
	Note         string // a charge's description by the caller
	Capture      string // that it is of; empty: none
}

// Receipt is what a request with an idempotency key came to.
type Receipt struct {
	Workspace, Key string
	Fingerprint    []byte
	At             int64
	Answer         []byte
}

// AutoSpend is what the setting that unlocks at every capture spent in a day.
type AutoSpend struct {
	Workspace string
	Day       int
	Credit    string
	Spent     int64
}

// GrantRow is an add-on as the operator gave it.
type GrantRow struct {
	Workspace, ID, Credit, Kind, Note string
	Amount                            int64
	PeriodStart, CreatedAt, EndsAt    int64 // EndsAt 0: until ended
}

// LeadRow is a person on a workspace's lead sheet; without a Person it only puts a
// lead that exists on a list. The person's texts are as they
// were when last captured: what was captured stays readable.
type LeadRow struct {
	Workspace, ID, Person, Member                       string
	FullName, Title, Company, Domain, Location, Profile string
	List                                                string // to be put on; empty: none
	At                                                  int64
}
