// tlab does the work of scripts/lab that a shell is too slow or too coarse
// for: keys, ports, fleets, storms and pod logs. Standard library only.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fail("usage: tlab pki|ports|wait|seed|storm|tend ...")
	}
	var err error
	args := os.Args[2:]
	switch os.Args[1] {
	case "pki":
		err = makePKI(args)
	case "ports":
		err = freePorts(args)
	case "wait":
		err = waitReady(args)
	case "seed":
		err = seed(args)
	case "storm":
		err = storm(args)
	case "tend":
		err = tend(args)
	default:
		err = fmt.Errorf("no command %q", os.Args[1])
	}
	if err != nil {
		fail(err.Error())
	}
}

func fail(text string) {
	fmt.Fprintln(os.Stderr, "tlab: "+text)
	os.Exit(1)
}
