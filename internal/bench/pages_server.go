package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// process is this program once more, as a server.
type process struct {
	address   string
	took      time.Duration // from its start to its first answer
	transport *http.Transport
	visitors  map[string]*visitor
	keys      map[string]string // of the API, by workspace
	past      filled
	cmd       *exec.Cmd
	ended     chan error
	said      bytes.Buffer
}

// startLimit bounds a server's start.
const startLimit = time.Minute

// startServer starts a server of a database and waits until it answers what a workspace has left.
func startServer(ctx context.Context, database string, past filled, keys map[string]string) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err = errors.Join(err, l.Close()); err != nil {
		return nil, err
	}
	s := &process{address: l.Addr().String(), keys: keys, past: past, transport: &http.Transport{}, visitors: map[string]*visitor{}, ended: make(chan error, 1)}
	s.cmd = exec.CommandContext(ctx, program, "serve", "--listen", s.address, "--metrics-listen", "off", "--trusted-proxies", "127.0.0.0/8")
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "LEADMETER_") || strings.HasPrefix(pair, "LEADMETER_TEST_") {
			s.cmd.Env = append(s.cmd.Env, pair)
		}
	}
	s.cmd.Env = append(s.cmd.Env, "LEADMETER_DATABASE="+database) // where other users of the machine do not see a password in it
	s.cmd.Stdout, s.cmd.Stderr = &s.said, &s.said
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.cmd.Wait() }()
	if err := s.answers(ctx, began, s.visitor(past.Groups[0].Of[0])); err != nil {
		_, ended := s.stop()
		return nil, errors.Join(err, ended)
	}
	s.took = time.Since(began)
	return s, nil
}

// answers waits for the first answer.
func (s *process) answers(ctx context.Context, began time.Time, v *visitor) error {
	for {
		_, err := s.visit(ctx, balancePage, v)
		if err == nil {
			return nil
		}
		if time.Since(began) > startLimit {
			return fmt.Errorf("bench: the server does not answer: %w", err)
		}
		select {
		case ended := <-s.ended:
			s.ended <- ended
			return err
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// stop ends the server and says how much memory it had at most, in bytes.
func (s *process) stop() (memory int64, err error) {
	s.transport.CloseIdleConnections()
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	if err := <-s.ended; err != nil {
		return 0, fmt.Errorf("bench: the server ended: %w\n%s", err, s.said.Bytes())
	}
	return peakMemoryOf(s.cmd.ProcessState), nil
}
