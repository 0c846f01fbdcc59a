package testdb

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
)

// NewReplicated starts a primary and a standby that confirms every commit before the primary does. They
// have one port, at addresses of the machine's own, so that a name may lead to one or the other.
func NewReplicated(t testing.TB) (primary, standby *Cluster) {
	t.Helper()
	Want(t, "postgres")
	first, second := twoAddresses(t)
	primary, err := start(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(primary.Close)
	primary.Crash()
	primary.listens = first
	if err := primary.Start(); err != nil {
		t.Fatal(err)
	}
	standby = primary.copied(t, second)
	for _, sql := range []string{"ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"} {
		if err := primary.exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return primary, standby
}

// twoAddresses are two addresses of this machine with one port that is free.
func twoAddresses(t testing.TB) (first, second netip.AddrPort) {
	t.Helper()
	one, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skipf("this machine has no second address of its own: %v", err)
	}
	defer one.Close()
	first = netip.MustParseAddrPort(one.Addr().String())
	return first, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.3"), first.Port())
}

// copied starts a standby of a primary.
func (c *Cluster) copied(t testing.TB, at netip.AddrPort) *Cluster {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "leadmeter-pg-")
	if err != nil {
		t.Fatal(err)
	}
	s := &Cluster{bin: c.bin, dir: dir, durable: true, listens: at}
	t.Cleanup(s.Close)
	if err := s.own(); err != nil {
		t.Fatal(err)
	}
	from := fmt.Sprintf("host=%s port=%d user=postgres", c.listens.Addr(), c.listens.Port())
	if out, err := s.command("pg_basebackup", "-R", "--checkpoint=fast", "--no-sync", "-D", s.dir+"/data", "-d", from).CombinedOutput(); err != nil {
		t.Fatalf("pg_basebackup: %v %s", err, out)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// Promote makes a standby the primary.
func (c *Cluster) Promote(t testing.TB) {
	t.Helper()
	if err := c.exec(context.Background(), "SELECT pg_promote()"); err != nil {
		t.Fatal(err)
	}
}

// Demote starts a primary that was stopped as a standby, which takes no writes.
func (c *Cluster) Demote(t testing.TB) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, "data", "standby.signal"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.chown(filepath.Join(c.dir, "data", "standby.signal")); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
}

func (c *Cluster) chown(file string) error {
	if c.owner == nil {
		return nil
	}
	return os.Chown(file, int(c.owner.Uid), int(c.owner.Gid))
}

// Run runs one statement of the cluster's superuser.
func (c *Cluster) Run(t testing.TB, sql string) {
	t.Helper()
	if err := c.exec(context.Background(), sql); err != nil {
		t.Fatal(err)
	}
}
