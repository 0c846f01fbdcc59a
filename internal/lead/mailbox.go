package lead

import (
	_ "embed"
	"strings"
	"sync"
	"time"
)

// Mailbox is whose an email address is, as far as the address itself tells.
type Mailbox string

// The mailboxes. A PersonalBox is of a provider where anybody may have one; a
// RoleBox is read by the one who has the duty (info@, sales@); a DisposableBox is
// made to be thrown away; a PlaceholderBox stands where there is no address
// (email_not_unlocked@domain.com). These three name no person.
const (
	OwnBox        Mailbox = ""
	PersonalBox   Mailbox = "personal"
	RoleBox       Mailbox = "role"
	DisposableBox Mailbox = "disposable"
	// SharedBox is claimed by people of contradicting names; only the directory knows.
	SharedBox Mailbox = "shared"
	// PlaceholderBox addresses are never kept.
	PlaceholderBox Mailbox = "placeholder"
)

// Shared tells whether people may have the address in common, so that it proves
// nobody to be anybody.
func (m Mailbox) Shared() bool { return m != OwnBox && m != PersonalBox }

// InMailbox is an address with whose it is. One that names no person is never verified, whatever
// its source says, and stands among the work emails, where what is not verified is free: a
// credit buys the way to a person.
func InMailbox(v Value) Value {
	box := MailboxOf(v.Value)
	if !box.Shared() {
		return v
	}
	v.Mailbox, v.Field = box, WorkEmail
	if v.Status == Verified && box != PlaceholderBox {
		v.Status, v.VerifiedAt = Likely, time.Time{}
	}
	if v.Status == Likely && box == DisposableBox {
		v.Status = Unverified
	}
	return v
}

// The domains of disposable addresses: github.com/disposable-email-domains, CC0,
// state of 21 August 2026, one a line.
//
//go:embed disposable.txt
var disposableText string

var disposable = sync.OnceValue(func() map[string]bool { return set(disposableText) })

// freeMail are the providers where anybody may have an address.
var freeMail = set("gmail.com googlemail.com yahoo.com ymail.com rocketmail.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.com.br yahoo.co.in " +
	"yahoo.co.jp yahoo.com.au hotmail.com hotmail.co.uk hotmail.fr hotmail.de hotmail.it hotmail.es outlook.com outlook.fr outlook.de outlook.es live.com " +
	"live.co.uk live.fr live.nl msn.com passport.com icloud.com me.com mac.com aol.com aim.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de " +
	"freenet.de arcor.de posteo.de mailbox.org proton.me protonmail.com protonmail.ch pm.me tutanota.com tuta.io fastmail.com fastmail.fm hey.com zoho.com " +
	"mail.com email.com inbox.com yandex.ru yandex.com ya.ru mail.ru bk.ru list.ru inbox.ru rambler.ru ukr.net qq.com 163.com 126.com sina.com sohu.com foxmail.com " +
	"naver.com daum.net hanmail.net rediffmail.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr libero.it virgilio.it tiscali.it alice.it tin.it " +
	"btinternet.com sky.com virginmedia.com talktalk.net ntlworld.com blueyonder.co.uk comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net " +
	"charter.net earthlink.net juno.com optonline.net shaw.ca rogers.com sympatico.ca telus.net bigpond.com optusnet.com.au uol.com.br bol.com.br terra.com.br " +
	"ig.com.br wp.pl o2.pl interia.pl onet.pl seznam.cz centrum.cz bluewin.ch hispeed.ch telenet.be skynet.be ziggo.nl kpnmail.nl xs4all.nl planet.nl home.nl " +
	"telia.com hushmail.com duck.com")

// MailboxOf tells whose an address in the form of Email is, by the address alone.
func MailboxOf(email string) Mailbox {
	local, domain, found := strings.Cut(email, "@")
	if !found {
		return OwnBox
	}
	if isPlaceholder(local, domain) {
		return PlaceholderBox
	}
	for d := domain; ; {
		if disposable()[d] {
			return DisposableBox
		}
		_, parent, more := strings.Cut(d, ".")
		if !more || !strings.Contains(parent, ".") {
			break
		}
		d = parent
	}
	if isRole(local) {
		return RoleBox
	}
	if freeMail[domain] {
		return PersonalBox
	}
	return OwnBox
}

// isPlaceholder tells an address that stands where there is none.
func isPlaceholder(local, domain string) bool {
	list := placeholders()
	if list[local+"@"+domain] || list[local+"@*"] || list["@"+domain] {
		return true
	}
	switch domain {
	case "example.com", "example.net", "example.org":
		return list[local+"@example"]
	}
	return false
}

// isRole tells the local part of a role address, "sales-emea", "no-reply" and "info2" included.
// A dot parts a person's names, so that "hi.tran" is somebody.
func isRole(local string) bool {
	local, _, _ = strings.Cut(local, "+")
	if i := strings.IndexAny(local, "-_"); i > 0 && roles()[local[:i]] {
		return true
	}
	if strings.ContainsAny(local, "-_.") {
		local = unmarked.Replace(local)
	}
	return roles()[strings.TrimRight(local, "0123456789")]
}

// RoleWord is the word that an address would name a role by, if it were a role address: halle of
// halle3@firm.example. Empty: nothing suggests a role. The address is of a provider where anybody
// may have one, it carries a name of who, short forms included, or it has fewer than four letters
// or more than two digits, as initials and personnel numbers have. Only the directory, which sees
// other people, can tell whether it is a role address.
func RoleWord(email string, who Who) string {
	local, domain, _ := strings.Cut(email, "@")
	local, _, _ = strings.Cut(local, "+")
	digits := 0
	for _, c := range []byte(local) {
		if '0' <= c && c <= '9' {
			digits++
		}
	}
	word := strings.TrimRight(unmarked.Replace(local), "0123456789")
	if digits > 2 || len(word) < 4 || freeMail[domain] || who.Nobody() || carries(email, who.words) {
		return ""
	}
	for _, w := range who.words {
		if carries(email, nicknames()[w]) {
			return ""
		}
	}
	return word
}

var unmarked = strings.NewReplacer("-", "", "_", "", ".", "")
