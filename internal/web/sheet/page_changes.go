package sheet

import (
	"net/http"
	"time"

	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// ChangesPage is what was done within a day and can be undone.
type ChangesPage struct {
	frame.Page
	Zone  string
	Deeds []LeadDeed
}

func (v *visit) changes() error {
	deeds, err := v.App.Screens.Deeds(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	p := ChangesPage{Page: v.Page, Zone: v.Zone.String()}
	for _, d := range deeds {
		p.Deeds = append(p.Deeds, LeadDeed{ID: d.ID, What: words.DeedText(d.Kind, d.Things, d.About), Who: d.Who, When: v.Time(d.At), ISO: d.At.Format(time.RFC3339)})
	}
	p.Page.Title, p.Page.Nav = "Recent changes", "changes"
	return v.Show(http.StatusOK, Changes(p))
}
