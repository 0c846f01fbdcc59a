package provider

import (
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/seal"
)

// Settings is the part of the configuration file about sources.
type Settings struct {
	Providers []Config                `yaml:"providers"`
	Order     map[lead.Field][]string `yaml:"provider_order"`
	Deadline  time.Duration           `yaml:"provider_deadline"`
	// Resting are names of sources that are not asked at the moment and will be again: an answer
	// that one of them is still to give is not given up meanwhile.
	Resting []string `yaml:"-"`
}

// Config is one source. What it leaves out has a default; what a kind does not
// read must be left out. It holds no key.
type Config struct {
	Name         string        `yaml:"name"`
	Kind         string        `yaml:"kind"`
	KeyEnv       string        `yaml:"key_env"` // for the one who looks the key up; not read here
	URL          string        `yaml:"url"`
	Fields       []lead.Field  `yaml:"fields"`
	AllowPrivate bool          `yaml:"allow_private"`
	Timeout      time.Duration `yaml:"timeout"`

	Concurrency int           `yaml:"concurrency"`
	PerSecond   float64       `yaml:"per_second"`
	Burst       int           `yaml:"burst"`
	Daily       int           `yaml:"daily_budget"`
	Retries     *int          `yaml:"retries"`
	PauseAfter  int           `yaml:"pause_after"`
	Pause       time.Duration `yaml:"pause"`
	PollEvery   time.Duration `yaml:"poll_every"`

	MinLikelihood int    `yaml:"min_likelihood"` // kind peopledatalabs
	CallbackURL   string `yaml:"callback_url"`   // kind dropcontact
	HTTP          *HTTP  `yaml:"http"`           // kind generic
}

// HTTP says how a source without an adapter of its own is spoken to. The
// strings of a Request may hold {first_name}, {last_name}, {full_name},
// {company}, {domain}, {linkedin_url}, {email} and {country}; those of Poll
// also {ticket}; those of headers {key} and nothing else.
type HTTP struct {
	Request Request    `yaml:"request"`
	Poll    *Request   `yaml:"poll"`
	Needs   [][]string `yaml:"needs"` // one of these sets must be known of a person
	Answer  Reading    `yaml:"answer"`
}

// Request is one call. Path is appended to the source's url. A member of Query
// or Body whose placeholders are all unknown is left out.
type Request struct {
	Method  string            `yaml:"method"`
	Path    string            `yaml:"path"`
	Headers map[string]string `yaml:"headers"`
	Query   map[string]string `yaml:"query"`
	Body    any               `yaml:"body"`
}

// Reading says where in a reply everything is. A path is names and places with
// dots between, such as data.people.0.name.
type Reading struct {
	Status      map[int]Outcome    `yaml:"status"`       // of HTTP statuses, before the usual meanings
	OutcomePath string             `yaml:"outcome_path"` // a word in the reply that says how it went
	Outcomes    map[string]Outcome `yaml:"outcomes"`     // of those words, in any case
	Person      PersonPaths        `yaml:"person"`
	Values      []ValuePaths       `yaml:"values"`
	Ticket      string             `yaml:"ticket"`
	RetryAfter  string             `yaml:"retry_after"` // seconds
	Cost        string             `yaml:"cost"`
	Reference   string             `yaml:"reference"`
}

// PersonPaths are where a reply describes the person.
type PersonPaths struct {
	FullName      string `yaml:"full_name"`
	FirstName     string `yaml:"first_name"`
	LastName      string `yaml:"last_name"`
	Title         string `yaml:"title"`
	Company       string `yaml:"company"`
	CompanyDomain string `yaml:"company_domain"`
	CompanyPhone  string `yaml:"company_phone"`
	LinkedInURL   string `yaml:"linkedin_url"`
	Location      string `yaml:"location"`
	Country       string `yaml:"country"`
}

// ValuePaths are where a reply has values of one field. Each leads to a list;
// the other paths then begin in every member of it. Only a word that Statuses
// maps to verified makes an email verified.
type ValuePaths struct {
	Field      lead.Field        `yaml:"field"`
	Each       string            `yaml:"each"`
	Value      string            `yaml:"value"`
	Status     string            `yaml:"status"`
	Statuses   map[string]string `yaml:"statuses"`
	VerifiedAt string            `yaml:"verified_at"`
}

// Kind is a kind of source that a Config can name.
type Kind struct {
	Gives   []lead.Field // every field that it may give
	URL     string       // where it is, unless the Config says; empty is that it must
	Keyless bool         // it may be used without a key
	Reads   []string     // which of min_likelihood, callback_url and http it reads
	New     func(Setup) (Provider, error)
}

// Setup is what a kind makes a Provider of. Config.URL and Config.Fields are
// filled in; the URL is https, or http where private addresses are allowed, and
// does not end in a slash.
type Setup struct {
	Config
	Key    seal.Secret
	Client *Client
}
