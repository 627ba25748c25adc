package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// A writer is a process that has a disk open for writing.
type writer struct {
	pid  int
	path string // as the process named it, for people to read
	name string // of its guest, where the command line has one
	node string // the simulated node it runs on
}

func (w writer) String() string {
	return fmt.Sprintf("pid %d guest %s node %s as %s", w.pid, w.name, w.node, w.path)
}

// writers maps each disk that is open for writing to those who have it open. What goes away
// while it looks is no error; not being allowed to look is.
func writers(proc, match string) (map[string][]writer, error) {
	open := map[string][]writer{}
	entries, err := os.ReadDir(proc)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || !matches(proc, pid, match) {
			continue
		}
		if err := writersOf(proc, pid, open); err != nil && !gone(err) {
			return nil, err
		}
	}
	return open, nil
}

// matches goes by the program's file, not by the process's name: QEMU can be told another one.
func matches(proc string, pid int, match string) bool {
	exe, err := os.Readlink(filepath.Join(proc, strconv.Itoa(pid), "exe"))
	return err == nil && strings.HasPrefix(filepath.Base(exe), match)
}

func writersOf(proc string, pid int, open map[string][]writer) error {
	dir := filepath.Join(proc, strconv.Itoa(pid))
	fds, err := os.ReadDir(filepath.Join(dir, "fd"))
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, fd := range fds {
		path := filepath.Join(dir, "fd", fd.Name())
		disks, err := disksOf(path)
		if err != nil || len(disks) == 0 {
			if err != nil && !gone(err) {
				return err
			}
			continue
		}
		if writes, err := forWriting(filepath.Join(dir, "fdinfo", fd.Name())); err != nil || !writes {
			if err != nil && !gone(err) {
				return err
			}
			continue
		}
		target, _ := os.Readlink(path)
		for _, disk := range disks {
			if !seen[disk] {
				seen[disk] = true
				open[disk] = append(open[disk], writer{pid, target, guest(dir), node(dir)})
			}
		}
	}
	return nil
}

// disksOf gives the names of what a file descriptor stands for: none, if it is no disk.
func disksOf(fd string) ([]string, error) {
	var stat syscall.Stat_t
	if err := syscall.Stat(fd, &stat); err != nil {
		return nil, err
	}
	switch stat.Mode & syscall.S_IFMT {
	case syscall.S_IFREG:
		return []string{fileName(stat.Dev, stat.Ino)}, nil
	case syscall.S_IFBLK:
		names := []string{fmt.Sprintf("block:%d:%d", major(stat.Rdev), minor(stat.Rdev))}
		if major(stat.Rdev) == loopMajor {
			if backing, ok := backingFile(fd); ok {
				names = append(names, backing)
			}
		}
		return names, nil
	default:
		return nil, nil
	}
}

func fileName(dev, inode uint64) string {
	return fmt.Sprintf("file:%d:%d:%d", major(dev), minor(dev), inode)
}

// forWriting reads the access mode, which no path tells.
func forWriting(info string) (bool, error) {
	text, err := os.ReadFile(info)
	if err != nil {
		return false, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "flags:"); ok {
			flags, err := strconv.ParseInt(strings.TrimSpace(value), 8, 64)
			return flags&syscall.O_ACCMODE != syscall.O_RDONLY, err
		}
	}
	return false, fmt.Errorf("%s has no flags", info)
}

func guest(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	if err != nil {
		return "?"
	}
	words := strings.Split(string(text), "\x00")
	for i, word := range words {
		if word == "-name" && i+1 < len(words) {
			return words[i+1]
		}
	}
	return "?"
}

// node finds the name that testbed/node/node.sh gives a node's cgroups: lodge-node-<bed>-<name>.
func node(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, "cgroup"))
	if err != nil {
		return "?"
	}
	for part := range strings.FieldsFuncSeq(string(text), func(r rune) bool { return r == '/' || r == '\n' }) {
		if rest, ok := strings.CutPrefix(part, "lodge-node-"); ok {
			if _, name, ok := strings.Cut(rest, "-"); ok {
				return name
			}
			return rest
		}
	}
	return "none"
}

const (
	loopMajor      = 7
	loopGetStatus  = 0x4C05 // LOOP_GET_STATUS64
	loopInfoSize   = 232    // struct loop_info64
	readOnlyNoWait = syscall.O_RDONLY | syscall.O_NONBLOCK | syscall.O_CLOEXEC
)

// backingFile asks the kernel for the file below a loop device.
func backingFile(device string) (string, bool) {
	fd, err := syscall.Open(device, readOnlyNoWait, 0)
	if err != nil {
		return "", false
	}
	defer syscall.Close(fd)
	var info [loopInfoSize]byte
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), loopGetStatus, uintptr(unsafe.Pointer(&info))); errno != 0 {
		return "", false
	}
	dev := *(*uint64)(unsafe.Pointer(&info[0]))
	inode := *(*uint64)(unsafe.Pointer(&info[8]))
	return fileName(dev, inode), true
}

func major(dev uint64) uint64 { return (dev>>8)&0xfff | (dev>>32)&^0xfff }
func minor(dev uint64) uint64 { return dev&0xff | (dev>>12)&^0xff }

func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH)
}
