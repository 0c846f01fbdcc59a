package sheet

import (
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// undo takes a deed back and returns to the page that its button stood on.
func (v *visit) undo() error {
	back := v.PostFormValue("back")
	u, err := v.App.Captures.Undo(v.Context(), v.Scope, v.PathValue("deed"))
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return v.To(back, "warning", words.Capital(frame.ErrorText(err)))
	}
	if err != nil {
		return err
	}
	kind := "success"
	if u.Left > 0 {
		kind = "warning"
	}
	return v.To(back, kind, words.Undone(u.Kind, u.Done, u.Left))
}
