package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A container's log is a file as a container runtime writes it, one record a
// line: time, stream, F for a whole line or P for a piece of one, text.

const criPiece = 16 << 10 // runtimes cut lines there

func podDir(lab, ns, pod string) string { return filepath.Join(lab, "pods", ns, pod) }

func logPath(lab, ns, pod, container string) string {
	return filepath.Join(podDir(lab, ns, pod), container+".log")
}

func previousPath(lab, ns, pod, container string) string {
	return filepath.Join(podDir(lab, ns, pod), container+".previous.log")
}

func criRecord(when time.Time, stream string, text []byte) []byte {
	stamp := when.UTC().Format("2006-01-02T15:04:05.000000000Z")
	var out []byte
	for len(text) > criPiece {
		out = fmt.Appendf(out, "%s %s P %s\n", stamp, stream, text[:criPiece])
		text = text[criPiece:]
	}
	return fmt.Appendf(out, "%s %s F %s\n", stamp, stream, text)
}

// appendLog writes whole records at the end, in one write.
func appendLog(path string, records []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(records)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
