package words

// deeds are what was done, and what is said once it is undone of one thing and of many.
var deeds = map[string]struct{ name, one, many string }{
	"leads.deleted":  {"Deleted", "1 lead is back on the sheet.", " leads are back on the sheet."},
	"leads.listed":   {"Put on a list", "1 lead is off the list again.", " leads are off the list again."},
	"leads.tagged":   {"Tagged", "1 lead is without the tag again.", " leads are without the tag again."},
	"lead.changed":   {"Notes, tags or lists changed", "Notes, tags and lists are what they were.", ""},
	"leads.merged":   {"Merged", "They are two leads again.", ""},
	"member.removed": {"Removed", "The member is back. How they signed in stays ended, password and passkeys too: send them a sign-in link.", ""},
	"limits.set":     {"Limits set", "The limit is what it was.", " limits are what they were."},
}

// DeedText says what was done, to how many and to which.
func DeedText(kind string, things int, about string) string {
	text := DeedName(kind)
	switch {
	case kind == "leads.listed" || kind == "leads.tagged":
		return text + " “" + about + "”: " + Plural(things, "lead", "leads")
	case things > 1 && kind == "limits.set":
		return Plural(things, "limit", "limits") + " set"
	case things > 1:
		return text + ": " + Plural(things, "lead", "leads")
	case about != "":
		return text + ": " + about
	}
	return text
}

// DeedName says what was done.
func DeedName(kind string) string { return deeds[kind].name }

// Undone says that a deed was undone, and of how many leads it could not be.
func Undone(kind string, done, left int) string {
	d := deeds[kind]
	text := d.one
	if done != 1 && d.many != "" {
		text = Count(done) + d.many
	}
	if left > 0 {
		text += " " + Plural(left, "lead is", "leads are") + " left as they are now: suppressed, erased or changed since."
	}
	return text
}
