package store

import (
	"context"
	"net"
	"strings"
	"syscall"
	"time"
)

// silent is how long a Postgres may leave what was sent unconfirmed: its machine is gone then, or cut
// off. TCP would wait for a quarter of an hour.
const silent = 5 * time.Second

// dialPostgres connects so that a machine that is gone is noticed.
func dialPostgres(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 3 * time.Second, Interval: time.Second, Count: 3}}
	if strings.HasPrefix(network, "tcp") {
		d.Control = func(_, _ string, c syscall.RawConn) (err error) {
			failed := c.Control(func(socket uintptr) { err = endSilent(socket, silent) })
			return errorOf(failed, err)
		}
	}
	return d.DialContext(ctx, network, address)
}
