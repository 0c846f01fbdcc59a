package bench

import "syscall"

// freeOn is how many bytes are free where a directory is; -1: it is not known.
func freeOn(dir string) int64 {
	var fs syscall.Statfs_t
	if dir == "" || syscall.Statfs(dir, &fs) != nil {
		return -1
	}
	return int64(fs.Bavail) * int64(fs.Bsize)
}
