package api

import (
	"reflect"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
)

// The document names the book that a workspace has where none is named.
func TestTheUsualBookIsTheDocumentsDefault(t *testing.T) {
	body, _ := reflect.TypeFor[newWorkspace]().FieldByName("Body")
	book, found := body.Type.FieldByName("PriceBook")
	if got := book.Tag.Get("default"); !found || got != credits.UsualBook {
		t.Errorf("the default is %q, want %q", got, credits.UsualBook)
	}
}
