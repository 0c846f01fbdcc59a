package frame

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
)

// stillEvery is how often a stream is shown to be alive, in reads of the credential.
const stillEvery = 4

// live is the stream of what changes in the workspace. Each second it is asked again whether
// who is signed in may see it; nothing of the database is held in between.
func (a *App) live(v *Visit) error {
	if !v.streams() {
		return fault.Wrong("Accept", "must be text/event-stream: this address is a stream, for pages that are open")
	}
	changes, leave, err := a.Live.Watch(v.Scope.Workspace.ID, v.Scope.Actor())
	if err != nil {
		return err
	}
	defer leave()
	h := v.W.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // of nginx, which would keep events
	control := http.NewResponseController(v.W)
	say := func(event, data string) error {
		if _, err := fmt.Fprintf(v.W, "event: %s\ndata: %s\n\n", event, data); err != nil {
			return err
		}
		return control.Flush()
	}
	second := time.NewTicker(time.Second)
	defer second.Stop()
	err = say("still", "-")
	for n := 1; err == nil; n++ {
		select {
		case <-v.Context().Done():
			return nil
		case <-a.Stopping:
			return nil
		case c := <-changes:
			err = say("change", string(c))
		case <-second.C:
			if who, bad := a.Accounts.Refresh(v.Context(), v.came); bad != nil || who.Workspace != v.came.Workspace || !mayWatch(v, who) {
				_ = say("end", "-") // a browser that is told so does not come back
				return nil
			}
			if n%stillEvery == 0 {
				err = say("still", "-")
			}
		}
	}
	return nil // the browser is gone
}

// streams: the browser waits for events, and would report a page as an error.
func (v *Visit) streams() bool { return strings.Contains(v.Header.Get("Accept"), "text/event-stream") }

// mayWatch: who is signed in is still who they came as, or the operator who looks on.
func mayWatch(v *Visit, who account.Principal) bool {
	if v.Who.Watching {
		return v.watching()
	}
	return who.Can(account.SeePrices)
}

// header is the balance as the top of every page has it.
func (a *App) header(v *Visit) error {
	return v.Show(http.StatusOK, Balance(v.Page.Balance, false))
}
