package lead

import "strings"

// site is one whose profile pages are known.
type site struct {
	hosts []string // subdomains included; the first is the key's
	// profiles are the paths of a person's page, the likelier first: a word stands for
	// itself, "$" is what identifies the person, "$$" that where it has a digit, "*" anything
	// that the person may be told by as well. What follows is a view of the page. Behind "?"
	// stands a parameter that identifies the person. "=" gives the path of the key where
	// it is another.
	profiles []string
	// whole: nothing may follow a profile's path, since that is something of the person's
	// and not a view of them.
	whole bool
	// taken are first words that are pages of the site, and no names.
	taken map[string]bool
}

// nobodys are words that programs write where there is no name.
var nobodys = set("undefined null none nil nan na n-a n/a me unknown unavailable headless false true 0 - _ linkedin-member linkedinmember linkedin.member linkedin_member member profile view edit " +
	"private private-member anonymous login uas in pub dir username user yourname your-name your-profile yourprofile profileid profile-id id test example not-found notfound error object%20object [object%20object]")

// sites are the ones whose pages people are known by.
var sites = []site{
	{hosts: []string{"linkedin.com", "linkedin.cn"}, profiles: []string{
		"in/$", "m/in/$=in/$", "mwlite/in/$=in/$", "mwlite/profile/in/$=in/$", "comm/in/$=in/$", "comm/mwlite/in/$=in/$", "incareer/in/$=in/$", "li/in/$=in/$",
		"sales/lead/$", "sales/people/$=sales/lead/$", "sales/gmail/profile/viewbymemberid/$=profile/view?id",
		"pub/$/*/*/*", "pub/$", "profile/view?id", "m/profile/$=profile/view?id", "comm/profile/view?id=profile/view?id",
		"recruiter/profile/$=profile/view?id", "talent/profile/$", "talent/hire/*/manage/*/profile/$=talent/profile/$",
	}},
	{hosts: []string{"xing.com"}, profiles: []string{"profile/$", "app/profile?name=profile/$", "m/profile/$=profile/$", "profiles/$=profile/$"}},
	{hosts: []string{"facebook.com", "fb.com", "fb.me", "m.me"}, profiles: []string{"profile.php?id", "people/*/$=profile.php?id", "$"},
		taken: set("pages pg groups events search watch marketplace login login.php sharer sharer.php share share.php photo photo.php photos story.php permalink.php public hashtag help policies home.php home people profile.php " +
			"business ads gaming dialog plugins tr l.php media reel stories video videos posts p note notes about legal privacy terms settings friends messages notifications")},
	{hosts: []string{"x.com", "twitter.com"}, profiles: []string{"i/user/$", "intent/user?user_id=i/user/$", "intent/user?screen_name=$", "intent/follow?screen_name=$", "$"},
		taken: set("home search i hashtag explore settings messages notifications login logout signup share intent compose tos privacy about jobs download search-advanced who_to_follow statuses")},
	{hosts: []string{"github.com"}, profiles: []string{"sponsors/$=$", "orgs/*/people/$=$", "$"}, whole: true,
		taken: set("orgs topics search features marketplace about login settings explore sponsors enterprise pricing collections trending notifications pulls issues apps readme join site security customer-stories team new organizations users")},
	{hosts: []string{"gitlab.com"}, profiles: []string{"users/$=$", "$"}, whole: true, taken: set("explore users groups dashboard help search api -")},
	{hosts: []string{"instagram.com"}, profiles: []string{"$"}, taken: set("p reel reels explore stories accounts direct tv about developer web")},
	{hosts: []string{"tiktok.com"}, profiles: []string{"@$"}},
	{hosts: []string{"medium.com"}, profiles: []string{"@$"}},
	{hosts: []string{"threads.net", "threads.com"}, profiles: []string{"@$"}},
	{hosts: []string{"t.me", "telegram.me"}, profiles: []string{"s/$=$", "$"}, taken: set("joinchat share addstickers proxy c s iv")},
	{hosts: []string{"vk.com", "vk.ru"}, profiles: []string{"$"}, taken: set("feed search im groups login share app apps friends video away.php")},
	{hosts: []string{"ok.ru"}, profiles: []string{"profile/$"}},
	{hosts: []string{"crunchbase.com"}, profiles: []string{"person/$"}},
	{hosts: []string{"wellfound.com", "angel.co"}, profiles: []string{"u/$", "p/$=u/$"}},
	{hosts: []string{"viadeo.com", "viadeo.journaldunet.com"}, profiles: []string{"p/$", "profile/$", "*/profile/$=profile/$"}},
	{hosts: []string{"researchgate.net"}, profiles: []string{"profile/$"}},
	{hosts: []string{"orcid.org"}, profiles: []string{"$"}, taken: set("signin register my-orcid about orcid-search")},
	{hosts: []string{"academia.edu"}, profiles: []string{"$"}},
	{hosts: []string{"stackoverflow.com"}, profiles: []string{"users/$"}},
	{hosts: []string{"about.me"}, profiles: []string{"$"}, taken: set("search login signup")},
	{hosts: []string{"zoominfo.com"}, profiles: []string{"p/*/$=p/$"}},
	{hosts: []string{"apollo.io"}, profiles: []string{"people/*/*/$=people/$", "contacts/$"}},
	{hosts: []string{"rocketreach.co"}, profiles: []string{"person/$", "$$"}},
	{hosts: []string{"theorg.com"}, profiles: []string{"org/*/org-chart/$"}},
	{hosts: []string{"bsky.app"}, profiles: []string{"profile/$"}},
}

// siteOf is the site that a host is of; nil: one that is not in the table.
func siteOf(name string) *site {
	for i := range sites {
		for _, h := range sites[i].hosts {
			if name == h || strings.HasSuffix(name, "."+h) {
				return &sites[i]
			}
		}
	}
	if strings.HasPrefix(name, "scholar.google.") {
		return &scholar
	}
	for _, engine := range []string{"google", "bing.com", "duckduckgo.com", "search.yahoo.com", "ecosia.org", "baidu.com"} {
		if under(name, engine) {
			return &engines
		}
	}
	return nil
}

var (
	scholar = site{hosts: []string{"scholar.google.com"}, profiles: []string{"citations?user"}}
	engines site // which have no profiles
)

// key is the key of one of the site's pages; false: it is no person's profile.
func (s *site) key(segments []string, query []param) (string, bool) {
	if len(segments) == 0 || s.taken[segments[0]] && !s.leads(segments[0]) {
		return "", false
	}
	for _, profile := range s.profiles {
		pattern, as, renamed := strings.Cut(profile, "=")
		if !renamed {
			as = pattern
		}
		path, name, _ := strings.Cut(pattern, "?")
		who, length, ok := follow(strings.Split(path, "/"), segments)
		if !ok || s.whole && len(segments) > length || strings.HasPrefix(path, "$") && s.taken[segments[0]] {
			continue
		}
		rest := segments[:length]
		if name != "" {
			who = valueOf(query, name)
		}
		if who, _, _ = strings.Cut(who, ","); who == "" && name != "" { // Sales Navigator marks the search behind a comma
			continue
		}
		if who == "" || nobodys[who] || s.taken[who] {
			return "", false
		}
		return s.hosts[0] + "/" + written(as, who, rest), true
	}
	return "", false
}

// leads tells that a profile's path begins with a word.
func (s *site) leads(word string) bool {
	for _, p := range s.profiles {
		if strings.HasPrefix(p, word+"/") || strings.HasPrefix(p, word+"?") {
			return true
		}
	}
	return false
}

// follow reads segments by a pattern, and returns whom it identifies and how many of them
// it took.
func follow(pattern, segments []string) (who string, length int, ok bool) {
	if len(segments) < len(pattern) {
		return "", 0, false
	}
	for i, p := range pattern {
		segment := segments[i]
		switch {
		case p == "$":
			who = segment
		case p == "$$":
			if who = segment; !strings.ContainsAny(segment, "0123456789") {
				return "", 0, false
			}
		case strings.HasSuffix(p, "$"): // "@$"
			if !strings.HasPrefix(segment, p[:len(p)-1]) {
				return "", 0, false
			}
			who = segment[len(p)-1:]
		case p != "*" && p != segment:
			return "", 0, false
		}
	}
	return who, len(pattern), true
}

func valueOf(query []param, name string) string {
	for _, q := range query {
		if q.name == name {
			return q.value
		}
	}
	return ""
}

// written is the path of a key: as a pattern says, for whom it identifies.
func written(as, who string, segments []string) string {
	path, name, found := strings.Cut(as, "?")
	if found {
		return path + "?" + name + "=" + who
	}
	words := strings.Split(path, "/")
	for i, w := range words {
		switch {
		case strings.HasSuffix(w, "$"):
			words[i] = strings.TrimRight(w, "$") + who
		case w == "*":
			words[i] = segments[i]
		}
	}
	return strings.Join(words, "/")
}
