package provider_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
)

// later is a source that is ready some time after it was asked.
func later(name string, after time.Duration, a provider.Answer, fields ...lead.Field) *fake {
	var begun time.Time
	return &fake{
		name: name, gives: fields,
		ask: func(context.Context, provider.Query) provider.Answer {
			begun = time.Now()
			return provider.Answer{Outcome: provider.Pending, Ticket: name + "-1", RetryAfter: 2 * time.Second}
		},
		poll: func(context.Context, string) provider.Answer {
			if time.Since(begun) < after {
				return provider.Answer{Outcome: provider.Pending, Ticket: name + "-1", RetryAfter: 2 * time.Second}
			}
			return own(name, a)
		},
	}
}

var sure = found(email("ada@engines.example", lead.Verified))

func TestPendingIsWaitedForWhileOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := later("slow", 5*time.Second, sure, lead.WorkEmail)
		next := says("next", outcome(provider.NotFound), lead.WorkEmail)
		phones := says("phones", found(mobile), lead.MobilePhone)
		begun := time.Now()
		r := waterfall(t, 20*time.Second, provider.Options{}, quick, slow, next, phones).Find(t.Context(), ada(lead.WorkEmail, lead.MobilePhone))
		if took := time.Since(begun); took != 6*time.Second || len(slow.polls) != 3 || r.Ticket != nil {
			t.Errorf("%v, polled %v, ticket %v", took, slow.polls, r.Ticket)
		}
		if r.Field(lead.WorkEmail).Verdict != provider.FieldFound || r.Field(lead.MobilePhone).Verdict != provider.FieldFound {
			t.Errorf("%+v", r.Fields)
		}
		if len(next.asks) != 0 || !phones.at[0].Equal(slow.at[0]) {
			t.Errorf("next was asked %d times; phones waited %v", len(next.asks), phones.at[0].Sub(slow.at[0]))
		}
	})
}

func TestDeadlineGivesATicketToResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := later("slow", time.Minute, outcome(provider.NotFound), lead.WorkEmail)
		next := says("next", sure, lead.WorkEmail)
		phones := says("phones", found(mobile), lead.MobilePhone)
		w := waterfall(t, 10*time.Second, provider.Options{}, quick, slow, next, phones)
		begun := time.Now()
		r := w.Find(t.Context(), ada(lead.WorkEmail, lead.MobilePhone))
		if took := time.Since(begun); took > 10*time.Second || took < 8*time.Second {
			t.Errorf("it took %v", took)
		}
		if got := r.Field(lead.WorkEmail); got.Verdict != provider.FieldPending || tries(got) != "slow:pending " || r.Ticket == nil || len(r.Ticket.Waiting) != 1 || r.Ticket.Waiting[0].ID != "slow-1" {
			t.Fatalf("%s after %s, ticket %+v", got.Verdict, tries(got), r.Ticket)
		}
		for round := 0; ; round++ {
			text, err := json.Marshal(r.Ticket)
			if err != nil {
				t.Fatal(err)
			}
			var kept provider.Ticket
			if err := json.Unmarshal(text, &kept); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Second)
			r = w.Resume(t.Context(), kept)
			if r.Ticket == nil {
				break
			}
			if round > 5 {
				t.Fatal("it never ends")
			}
		}
		if got := r.Field(lead.WorkEmail); got.Verdict != provider.FieldFound || tries(got) != "slow:not_found next:found " {
			t.Errorf("%s after %s", got.Verdict, tries(got))
		}
		if got := r.Field(lead.MobilePhone); got.Verdict != provider.FieldFound || len(got.Values) != 1 {
			t.Errorf("what was found before is lost: %+v", got)
		}
		if len(slow.asks) != 1 || len(phones.asks) != 1 || len(next.asks) != 1 {
			t.Errorf("asked %d, %d and %d times", len(slow.asks), len(phones.asks), len(next.asks))
		}
	})
}

// A wait that would outlast the search is not begun.
func TestNoUselessWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := says("slow", provider.Answer{Outcome: provider.Pending, Ticket: "x", RetryAfter: 30 * time.Second}, lead.WorkEmail)
		begun := time.Now()
		r := waterfall(t, 20*time.Second, provider.Options{}, quick, slow).Find(t.Context(), ada(lead.WorkEmail))
		if r.Field(lead.WorkEmail).Verdict != provider.FieldPending || time.Since(begun) != 0 {
			t.Errorf("%s after %v", r.Field(lead.WorkEmail).Verdict, time.Since(begun))
		}
	})
}

// A poll that fails does not lose an answer that is paid for.
func TestPollsThatFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := outcome(provider.Failed)
		slow := later("slow", 0, provider.Answer{}, lead.WorkEmail)
		slow.poll = func(context.Context, string) provider.Answer { return answer }
		w := waterfall(t, time.Hour, provider.Options{}, quick, slow)
		r := w.Find(t.Context(), ada(lead.WorkEmail))
		if r.Field(lead.WorkEmail).Verdict != provider.FieldPending || len(slow.polls) != 3 || r.Ticket == nil {
			t.Fatalf("%s after %d polls", r.Field(lead.WorkEmail).Verdict, len(slow.polls))
		}
		ticket := *r.Ticket
		answer = sure
		if r := w.Resume(t.Context(), ticket); r.Field(lead.WorkEmail).Verdict != provider.FieldFound {
			t.Errorf("resumed: %s", r.Field(lead.WorkEmail).Verdict)
		}
		answer = outcome(provider.OutOfQuota)
		if r := w.Resume(t.Context(), ticket); r.Field(lead.WorkEmail).Verdict != provider.FieldUnknown || r.Ticket != nil {
			t.Errorf("out of quota: %s", r.Field(lead.WorkEmail).Verdict)
		}
		answer = outcome(provider.Pending)
		time.Sleep(25 * time.Hour)
		polls := len(slow.polls)
		if r := w.Resume(t.Context(), ticket); r.Field(lead.WorkEmail).Verdict != provider.FieldUnknown || r.Ticket != nil || len(slow.polls) != polls {
			t.Errorf("a ticket of yesterday: %s", r.Field(lead.WorkEmail).Verdict)
		}
		ticket.Waiting[0].Provider = "gone"
		if r := w.Resume(t.Context(), ticket); r.Ticket == nil || r.Ticket.Waiting[0].Provider != "slow" {
			t.Errorf("a source that is no more is waited for, and not the next one: %+v", r.Ticket)
		}
	})
}

func TestCancelWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := later("slow", time.Hour, sure, lead.WorkEmail)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begun := time.Now()
		r := waterfall(t, time.Hour, provider.Options{}, quick, slow).Find(ctx, ada(lead.WorkEmail))
		if r.Ticket == nil || time.Since(begun) > 3*time.Second {
			t.Errorf("ticket %v after %v", r.Ticket, time.Since(begun))
		}
	})
}

// A message says which ticket is ready, and nothing that is believed.
func TestAccept(t *testing.T) {
	w := waterfall(t, 0, provider.Options{}, quick, says("a", found(), lead.WorkEmail))
	if id, err := w.Accept("a", []byte("t-1")); err != nil || id != "t-1" {
		t.Errorf("%q, %v", id, err)
	}
	if _, err := w.Accept("b", nil); err == nil {
		t.Error("nobody called back")
	}
	if _, err := w.Accept("a", make([]byte, 2<<20)); err == nil {
		t.Error("two megabytes were taken")
	}
}
