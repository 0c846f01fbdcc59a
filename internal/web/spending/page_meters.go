package spending

import (
	"strconv"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/capture"
)

// meters are what is free today, of the member and of the workspace (rule C13).
func (v *visit) meters(p *UsagePage, zone *time.Location) error {
	m, err := v.App.Desk.Meters(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	for _, of := range []struct{ kind, name string }{{credits.MeterLookups, "Lookups"}, {credits.MeterFreeDeliveries, "Free verified emails"}} {
		text := "workspace " + meterText(m.Workspace[of.kind])
		if mine, ok := m.Mine[of.kind]; ok {
			text = "you " + meterText(mine) + ", " + text
		}
		p.Meters = append(p.Meters, MeterLine{of.name, text})
	}
	p.MetersFree = m.FreesAt.In(zone).Format("Monday 2 Jan, 15:04")
	return nil
}

func meterText(m capture.Meter) string {
	if m.Most == nil {
		return strconv.FormatInt(m.Used, 10) + ", no limit"
	}
	return strconv.FormatInt(m.Used, 10) + " of " + strconv.FormatInt(*m.Most, 10)
}
