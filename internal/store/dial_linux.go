package store

import (
	"syscall"
	"time"
)

// endSilent sets TCP_USER_TIMEOUT (RFC 5482).
func endSilent(socket uintptr, after time.Duration) error {
	const tcpUserTimeout = 18
	return syscall.SetsockoptInt(int(socket), syscall.IPPROTO_TCP, tcpUserTimeout, int(after.Milliseconds()))
}
