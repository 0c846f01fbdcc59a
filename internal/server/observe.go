package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

var requestSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
	Name: "leadmeter_request_seconds", Help: "Time to answer, by route and status.",
	Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
}, []string{"route", "status"})

// metrics are the server's own; no label ever holds a customer's data. They are served
// on a listener of their own, so that only who runs the server sees them.
func (s *Server) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(requestSeconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "leadmeter_ledger_queue", Help: "Commands that wait for the ledger's next commit.",
	}, func() float64 { return float64(s.Ledger.Waiting()) }))
	registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "leadmeter_charges_sent_total", Help: "Charges of busy workspaces that another server decided for this one.",
	}, func() float64 { return float64(s.Ledger.Sent()) }))
	registry.MustRegister(&outboxCollector{s: s})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// countFor is how long a count of the outbox is taken for the present one, so that
// asking for metrics costs the database nothing that grows with who asks.
const countFor = time.Second

// outboxCollector counts the outbox when it is asked.
type outboxCollector struct {
	s      *Server
	mu     sync.Mutex
	at     time.Time // of the count, by the process's own clock
	counts map[string]int64
	oldest int64
}

var (
	outboxEffects = prometheus.NewDesc("leadmeter_outbox_effects", "Effects in the outbox, by status.", []string{"status"}, nil)
	outboxAge     = prometheus.NewDesc("leadmeter_outbox_oldest_seconds", "Age of the oldest effect that waits to be sent.", nil, nil)
)

// Describe names the metrics.
func (*outboxCollector) Describe(to chan<- *prometheus.Desc) {
	to <- outboxEffects
	to <- outboxAge
}

// Collect reads them; a database that does not answer leaves them out.
func (c *outboxCollector) Collect(to chan<- prometheus.Metric) {
	counts, oldest, err := c.count()
	if err != nil {
		return
	}
	age := 0.0
	if oldest != 0 {
		age = c.s.Config.Clock().Sub(time.UnixMicro(oldest)).Seconds()
	}
	for _, status := range []string{store.EffectWaiting, store.EffectHeld, store.EffectSent, store.EffectDead} {
		to <- prometheus.MustNewConstMetric(outboxEffects, prometheus.GaugeValue, float64(counts[status]), status)
	}
	to <- prometheus.MustNewConstMetric(outboxAge, prometheus.GaugeValue, max(age, 0))
}

func (c *outboxCollector) count() (counts map[string]int64, oldest int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.at) < countFor {
		return c.counts, c.oldest, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if counts, oldest, err = c.s.Outbox.Counts(ctx); err == nil {
		c.at, c.counts, c.oldest = time.Now(), counts, oldest
	}
	return counts, oldest, err
}

// observe gives every request an id, measures it, logs it without its query or
// any person's data, and answers a panic with a problem.
func (s *Server) observe(next http.Handler) http.Handler {
	secured := strings.HasPrefix(s.Config.PublicURL, "https://")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		id := ident.New("req")
		rec := &recorder{ResponseWriter: w, status: http.StatusOK, id: [1]string{id}}
		header := w.Header()
		header["X-Request-Id"] = rec.id[:]
		if secured {
			header["Strict-Transport-Security"] = hsts
		}
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				slog.Error("request panicked", "request", id, "route", r.Pattern, "panic", fmt.Sprint(p))
				if !rec.wrote {
					http.Error(rec, "Something failed on the server. Request "+id+".", http.StatusInternalServerError)
				}
			}
			route := r.Pattern
			if route == "" {
				route = "none"
			}
			observed(route, rec.status).Observe(time.Since(began).Seconds())
			if rec.status >= 500 {
				slog.Warn("request failed", "request", id, "route", route, "status", rec.status)
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

// hsts keeps browsers on https for a year, where the server is reached by it.
var hsts = []string{"max-age=31536000"}

// answered is a route and the status of an answer. Routes are a table of the server's, so
// there are few of them.
type answered struct {
	route  string
	status int
}

// observers remembers the histogram of each, whose lookup by labels costs several allocations.
var observers sync.Map

func observed(route string, status int) prometheus.Observer {
	key := answered{route, status}
	if known, ok := observers.Load(key); ok {
		return known.(prometheus.Observer)
	}
	o := requestSeconds.WithLabelValues(route, strconv.Itoa(status))
	observers.Store(key, o)
	return o
}

// recorder remembers the status of an answer, and says in those that ask for patience how long to
// wait, where the handler did not.
type recorder struct {
	http.ResponseWriter
	status int
	wrote  bool
	id     [1]string // of the request, as a header holds it
}

func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
		if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
			waits(r.Header(), status)
		}
	}
	r.ResponseWriter.WriteHeader(status)
}

// waits sets Retry-After where it is missing: tries are counted by the minute (throttle), and a
// database that does not answer is mostly back within seconds.
func waits(h http.Header, status int) {
	switch {
	case h.Get("Retry-After") != "":
	case status == http.StatusTooManyRequests:
		h.Set("Retry-After", "60")
	default:
		h.Set("Retry-After", "1")
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	return r.ResponseWriter.Write(b)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
