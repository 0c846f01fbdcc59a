package provider

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Doc is a JSON value of unknown shape, or none. Every method takes every
// shape: what is not there is empty.
type Doc struct{ value any }

// At goes down by the names of members and, where a name is a number, by place
// in a list. What is not there is an empty Doc.
func (d Doc) At(path ...string) Doc {
	for _, step := range path {
		switch v := d.value.(type) {
		case map[string]any:
			d.value = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return Doc{}
			}
			d.value = v[i]
		default:
			return Doc{}
		}
	}
	return d
}

// Has tells whether there is a member of the name, null too.
func (d Doc) Has(name string) bool {
	members, _ := d.value.(map[string]any)
	_, has := members[name]
	return has
}

// Text is a string or number as one bounded line; other shapes have none.
func (d Doc) Text() string {
	switch v := d.value.(type) {
	case string:
		return plain(v)
	case json.Number:
		return plain(v.String())
	}
	return ""
}

// Word is Text in lower case, for comparing with what a documentation names.
func (d Doc) Word() string { return strings.ToLower(d.Text()) }

// True tells whether the value is true itself, not something like it.
func (d Doc) True() bool { return d.value == true }

// Int is a whole number, written as one or as its text.
func (d Doc) Int() (int, bool) {
	n, err := strconv.Atoi(d.Text())
	return n, err == nil
}

// List is the values of a list, at most 50 of them; one value that is no list
// is a list of itself, and null is none.
func (d Doc) List() []Doc {
	const most = 50
	switch v := d.value.(type) {
	case nil:
		return nil
	case []any:
		list := make([]Doc, 0, min(len(v), most))
		for _, value := range v[:min(len(v), most)] {
			list = append(list, Doc{value})
		}
		return list
	}
	return []Doc{d}
}
