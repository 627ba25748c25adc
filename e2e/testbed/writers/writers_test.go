package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test's own program under another name is what is looked for: with WRITERS_OPEN it opens that
// file, for writing or reading, says so and holds it.
func TestMain(m *testing.M) {
	if path := os.Getenv("WRITERS_OPEN"); path != "" {
		mode := os.O_RDWR
		if os.Getenv("WRITERS_MODE") == "r" {
			mode = os.O_RDONLY
		}
		file, err := os.OpenFile(path, mode, 0)
		if err != nil {
			panic(err)
		}
		os.Stdout.WriteString("open\n")
		io.Copy(io.Discard, os.Stdin)
		file.Close()
		return
	}
	os.Exit(m.Run())
}

const program = "qemu-of-the-test"

func holder(t *testing.T, path, mode string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), program)
	if err := os.Link(self, binary); err != nil {
		text, err := os.ReadFile(self)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(binary, text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(binary, "-name", "guest="+mode)
	command.Env = append(os.Environ(), "WRITERS_OPEN="+path, "WRITERS_MODE="+mode)
	stdin, _ := command.StdinPipe()
	stdout, _ := command.StdoutPipe()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); command.Wait() })
	if _, err := stdout.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
}

func disk(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "disk")
	if err := os.WriteFile(path, bytes.Repeat([]byte{0}, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func ends(t *testing.T, allowed ...string) int {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer stop()
	return watch(ctx, "/proc", program, allowed, 20*time.Millisecond)
}

func name(t *testing.T, path string) string {
	t.Helper()
	var stat syscall.Stat_t
	if err := syscall.Stat(path, &stat); err != nil {
		t.Fatal(err)
	}
	return fileName(stat.Dev, stat.Ino)
}

func TestOneWriterIsNoViolation(t *testing.T) {
	path := disk(t)
	holder(t, path, "w")
	holder(t, path, "r")
	if code := ends(t); code != 0 {
		t.Errorf("ended with %d", code)
	}
	open, err := writers("/proc", program)
	if err != nil || len(open[name(t, path)]) != 1 {
		t.Errorf("the writer was not seen: %v %v", open, err)
	}
}

func TestTwoWritersUnderTwoNamesAreOne(t *testing.T) {
	path := disk(t)
	second := filepath.Join(filepath.Dir(path), "second")
	if err := os.Link(path, second); err != nil {
		t.Fatal(err)
	}
	holder(t, path, "w")
	holder(t, second, "w")
	if code := ends(t); code != 1 {
		t.Errorf("two writers, and it ended with %d", code)
	}
	if code := ends(t, name(t, path)); code != 0 {
		t.Errorf("allowed, and it ended with %d", code)
	}
}

func TestTheFileOfAnotherDiskIsNone(t *testing.T) {
	holder(t, disk(t), "w")
	holder(t, disk(t), "w")
	if code := ends(t); code != 0 {
		t.Errorf("ended with %d", code)
	}
}

func TestALoopDeviceIsItsFileToo(t *testing.T) {
	path := disk(t)
	out, err := exec.Command("losetup", "--find", "--show", path).Output()
	if err != nil {
		t.Skip("no loop device to be had: ", err)
	}
	device := strings.TrimSpace(string(out))
	t.Cleanup(func() { exec.Command("losetup", "--detach", device).Run() })
	holder(t, device, "w")
	holder(t, path, "w")
	if code := ends(t); code != 1 {
		t.Errorf("a writer of the file and one of the loop device, and it ended with %d", code)
	}
}
