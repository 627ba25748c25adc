// Writers watches for the one thing that must never happen: two processes that have one disk open
// for writing.
//
//	writers [-interval 100ms] [-match qemu] [-allow DEV:INO|MAJ:MIN,...]
//
// It looks at the open files of every QEMU of the machine, in whatever namespaces, and compares
// device numbers, never paths: a VM has a private /dev with inodes of its own, and a file may have
// many names. A file is known by its file system and inode, a block device by its number, and a
// loop device counts as its backing file too. Files that a process has from its parent's pipe,
// sockets and character devices are no disks.
//
// It prints a line for each violation and ends with 1 as soon as it has seen one. On SIGTERM or
// SIGINT it says how often it looked, the longest time that it did not, and how many writers it
// saw, and ends with 0: a checker that saw nothing proves nothing, so read that line.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	interval := flag.Duration("interval", 100*time.Millisecond, "time between two looks")
	match := flag.String("match", "qemu", "the start of the names of the programs to look at")
	allow := flag.String("allow", "", "disks that may have several writers, by commas, as violations name them")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: writers [-interval 100ms] [-match qemu] [-allow DISK,...]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	os.Exit(watch(ctx, "/proc", *match, strings.Split(*allow, ","), *interval))
}

func watch(ctx context.Context, proc, match string, allowed []string, interval time.Duration) int {
	var looks, most int
	var gap time.Duration
	last := time.Now()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	fmt.Printf("%s watching\n", last.Format(time.RFC3339Nano))
	for {
		open, err := writers(proc, match)
		if err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			return 2
		}
		now := time.Now()
		if gap < now.Sub(last) {
			gap = now.Sub(last)
		}
		last = now
		looks++
		if most < len(open) {
			most = len(open)
		}
		if report(now, open, allowed) {
			return 1
		}
		select {
		case <-ctx.Done():
			fmt.Printf("%s no violation: %d looks, longest gap %d ms, at most %d disks open for writing\n",
				time.Now().Format(time.RFC3339Nano), looks, gap.Milliseconds(), most)
			return 0
		case <-tick.C:
		}
	}
}

// report prints each disk with more than one writer and says whether there was one.
func report(now time.Time, open map[string][]writer, allowed []string) bool {
	violated := false
	for disk, by := range open {
		if len(by) < 2 || slices.Contains(allowed, disk) {
			continue
		}
		violated = true
		fmt.Printf("%s VIOLATION %s has %d writers:", now.Format(time.RFC3339Nano), disk, len(by))
		for _, w := range by {
			fmt.Printf(" [%s]", w)
		}
		fmt.Println()
	}
	return violated
}
