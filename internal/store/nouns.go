package store

// The nouns are what the tables are about. A noun has every method on its tables and leads to
// no other noun, so that a package reaches what it names and nothing else; which package may
// name which is in testdata/nouns.txt.
type (
	APIKeys        struct{ *transaction }
	Accounts       struct{ *transaction }
	AddOnRequests  struct{ *transaction }
	Alerts         struct{ *transaction }
	AuditLog       struct{ *transaction }
	BulkJobs       struct{ *transaction }
	Connections    struct{ *transaction }
	Credentials    struct{ *transaction }
	CreditRequests struct{ *transaction }
	Effects        struct{ *transaction }
	Entries        struct{ *transaction }
	FairUses       struct{ *transaction }
	Groups         struct{ *transaction }
	Imports        struct{ *transaction }
	Labels         struct{ *transaction }
	Leads          struct{ *transaction }
	Logins         struct{ *transaction }
	Members        struct{ *transaction }
	Merges         struct{ *transaction }
	People         struct{ *transaction }
	Providers      struct{ *transaction }
	Pushes         struct{ *transaction }
	Reports        struct{ *transaction }
	Reveals        struct{ *transaction }
	Searches       struct{ *transaction }
	Settings       struct{ *transaction }
	Leases         struct{ *transaction }
	SignIns        struct{ *transaction }
	Suppressions   struct{ *transaction }
	Tables         struct{ *transaction }
	Undos          struct{ *transaction }
	Usage          struct{ *transaction }
	Views          struct{ *transaction }
	Webhooks       struct{ *transaction }
	Workspaces     struct{ *transaction }
)

// APIKeys are the secrets that the API is called with.
func (t *Tx) APIKeys() APIKeys { return APIKeys{(*transaction)(t)} }

// Accounts are the ledger's accounts, what they use and hold and were given, and receipts.
func (t *Tx) Accounts() Accounts { return Accounts{(*transaction)(t)} }

// AddOnRequests are what workspaces asked the operator for beyond their plans.
func (t *Tx) AddOnRequests() AddOnRequests { return AddOnRequests{(*transaction)(t)} }

// Alerts are the warnings a workspace had, when it wants some, and the mails of its usage.
func (t *Tx) Alerts() Alerts { return Alerts{(*transaction)(t)} }

// AuditLog says who changed what, and when.
func (t *Tx) AuditLog() AuditLog { return AuditLog{(*transaction)(t)} }

// BulkJobs are the jobs of many captures, and their rows.
func (t *Tx) BulkJobs() BulkJobs { return BulkJobs{(*transaction)(t)} }

// Connections are browsers with the extension, connected or waiting to be.
func (t *Tx) Connections() Connections { return Connections{(*transaction)(t)} }

// Credentials are what members sign in with beside a password: second factors, passkeys,
// identity providers and mailed links; and what of it a workspace asks for.
func (t *Tx) Credentials() Credentials { return Credentials{(*transaction)(t)} }

// CreditRequests are what members asked their admins for.
func (t *Tx) CreditRequests() CreditRequests { return CreditRequests{(*transaction)(t)} }

// Effects are what the outbox is to do in other systems.
func (t *Tx) Effects() Effects { return Effects{(*transaction)(t)} }

// Entries are the ledger's entries.
func (t *Tx) Entries() Entries { return Entries{(*transaction)(t)} }

// FairUses say how much of a day's fair use members and workspaces took.
func (t *Tx) FairUses() FairUses { return FairUses{(*transaction)(t)} }

// Groups are the groups of members in a workspace.
func (t *Tx) Groups() Groups { return Groups{(*transaction)(t)} }

// Imports are contact files that are read into the directory.
func (t *Tx) Imports() Imports { return Imports{(*transaction)(t)} }

// Labels are the lists and tags that leads are on.
func (t *Tx) Labels() Labels { return Labels{(*transaction)(t)} }

// Leads are the people on a workspace's sheet.
func (t *Tx) Leads() Leads { return Leads{(*transaction)(t)} }

// Logins are passwords, and codes that sign in once.
func (t *Tx) Logins() Logins { return Logins{(*transaction)(t)} }

// Members are the members of workspaces, and the invitations of those who have not come yet.
func (t *Tx) Members() Members { return Members{(*transaction)(t)} }

// Merges are leads that were merged into others.
func (t *Tx) Merges() Merges { return Merges{(*transaction)(t)} }

// People are the directory's people, and the keys they are recognised by.
func (t *Tx) People() People { return People{(*transaction)(t)} }

// Providers are the sources that are asked: their keys, and what they were asked in a day.
func (t *Tx) Providers() Providers { return Providers{(*transaction)(t)} }

// Pushes are pushes of leads to other systems, and the connections they go over.
func (t *Tx) Pushes() Pushes { return Pushes{(*transaction)(t)} }

// Reports are what members said was wrong with a value.
func (t *Tx) Reports() Reports { return Reports{(*transaction)(t)} }

// Reveals are what workspaces were delivered of people, with what was moved to another person
// and what is withheld.
func (t *Tx) Reveals() Reveals { return Reveals{(*transaction)(t)} }

// Searches are what sources are still to answer.
func (t *Tx) Searches() Searches { return Searches{(*transaction)(t)} }

// Leases say who does what only one may do at a time, and which servers there are.
func (t *Tx) Leases() Leases { return Leases{(*transaction)(t)} }

// Settings are the server's own settings.
func (t *Tx) Settings() Settings { return Settings{(*transaction)(t)} }

// SignIns are sign-ins that last, and browser sessions.
func (t *Tx) SignIns() SignIns { return SignIns{(*transaction)(t)} }

// Suppressions are the suppression list, and hiding whom it names.
func (t *Tx) Suppressions() Suppressions { return Suppressions{(*transaction)(t)} }

// Tables are all tables, whatever they are about: for copying a database.
func (t *Tx) Tables() Tables { return Tables{(*transaction)(t)} }

// Undos are what the deeds of a day changed, so that they can be undone.
func (t *Tx) Undos() Undos { return Undos{(*transaction)(t)} }

// Usage is the ledger's entries summed up, and pools.
func (t *Tx) Usage() Usage { return Usage{(*transaction)(t)} }

// Views are a member's views of the sheet, and its columns.
func (t *Tx) Views() Views { return Views{(*transaction)(t)} }

// Webhooks are the addresses that are told of events, and how far each was told.
func (t *Tx) Webhooks() Webhooks { return Webhooks{(*transaction)(t)} }

// Workspaces are workspaces, their test clocks, and the operator's list of them.
func (t *Tx) Workspaces() Workspaces { return Workspaces{(*transaction)(t)} }
