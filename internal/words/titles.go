package words

// titles are the keys that a job title may have, as people read them.
var titles = map[string]string{
	"founder": "Founder or owner", "c_level": "C-level", "vp": "VP", "director": "Director or head", "manager": "Manager", "senior": "Senior", "junior": "Junior",
	"it": "IT", "hr": "Human resources", "support": "Customer service",
}

// TitleKey is a seniority or a function in words.
func TitleKey(key string) string {
	if name := titles[key]; name != "" {
		return name
	}
	return Capital(key)
}
