//go:build unix && !linux

package testdb

import "syscall"

func attributes(owner *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: owner, Setpgid: true}
}

func room(string) int64 { return 0 }
