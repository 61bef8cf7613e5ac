package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type weather struct {
	c      *client
	mu     sync.Mutex // guards everything below
	f      *fleet
	serial int
	label  string
	agents []string
	props  []string // of the storm, undecided
	laid   []string // pheromones of the storm
	pods   []string
	told   []string // proposals of the storm, decided
	same   bool     // the fleet keeps its size
}

// So many signals, and so many decided proposals, of a storm that keeps the
// fleet's size are there at once.
const spare = 20

func storm(args []string) error {
	fs := flag.NewFlagSet("storm", flag.ExitOnError)
	dir := fs.String("dir", "", "the lab's directory")
	seedNo := fs.Uint64("rng", 1, "same number, same sequence of changes")
	logRate := fs.Float64("log-rate", -1, "log lines per second (default: RATE)")
	workers := fs.Int("connections", 64, "parallel connections")
	same := fs.Bool("same-size", false, "signals and proposals go as they come, and all at the end")
	noPods := fs.Bool("no-pods", false, "leave the pods alone")
	fs.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: scripts/lab storm RATE SECONDS [OPTIONS]   RATE changes per second")
		fs.PrintDefaults()
	}
	n, err := numbers(fs, args, 2)
	if err != nil {
		return err
	}
	if len(n) != 2 {
		fs.Usage()
		return errors.New("storm needs RATE and SECONDS")
	}
	rate, length := n[0], time.Duration(n[1]*float64(time.Second))
	if *logRate < 0 {
		*logRate = rate
	}
	c, err := dial(*dir, *workers)
	if err != nil {
		return err
	}
	now := time.Now()
	w := &weather{c: c, f: &fleet{rng: rand.New(rand.NewPCG(*seedNo, 7)), now: now}, label: fmt.Sprintf("s%x-", now.Unix()&0xffffff), same: *same}
	if err := w.survey(*noPods); err != nil {
		return err
	}
	if len(w.agents) == 0 {
		return errors.New("no agents: seed first")
	}

	var logs int64
	var side sync.WaitGroup
	if *logRate > 0 {
		side.Add(1)
		go func() {
			defer side.Done()
			logs = chatter(*dir, *seedNo, *logRate, length)
		}()
	}

	// Open loop: change k belongs at start + k/rate, whatever became of the
	// ones before it.
	todo := make(chan func() error, 1<<16)
	var done, failed, dropped atomic.Int64
	var sample atomic.Value
	var hands sync.WaitGroup
	for range *workers {
		hands.Add(1)
		go func() {
			defer hands.Done()
			for op := range todo {
				if err := op(); err != nil && code(err) != 404 && code(err) != 409 {
					failed.Add(1)
					sample.Store(err.Error())
				}
				done.Add(1)
			}
		}()
	}
	start := time.Now()
	count := int(rate * length.Seconds())
	for k := range count {
		if wait := time.Until(start.Add(time.Duration(float64(k) / rate * float64(time.Second)))); wait > 0 {
			time.Sleep(wait)
		}
		select {
		case todo <- w.next():
		default:
			dropped.Add(1)
		}
	}
	issued := time.Since(start)
	for op := w.clean(); *same && op != nil; op = w.clean() {
		todo <- op
	}
	atEnd := done.Load()
	close(todo)
	hands.Wait()
	spent := time.Since(start)
	side.Wait()
	fmt.Printf("storm: %d changes asked for at %.1f/s; %d done when the last was due (%.1f/s), all after %.1f s (%.1f/s); %d failed, %d dropped; %d log lines\n",
		count, rate, atEnd, float64(atEnd)/issued.Seconds(), spent.Seconds(), float64(done.Load())/spent.Seconds(), failed.Load(), dropped.Load(), logs)
	if s, ok := sample.Load().(string); ok {
		fmt.Printf("storm: the last failure: %s\n", s)
	}
	return nil
}

func (w *weather) survey(noPods bool) error {
	var page struct{ Items []M }
	if err := w.c.get(kgents(home, "agents")+"?limit=5000", &page); err != nil {
		return err
	}
	for _, a := range page.Items {
		if meta(a)["deletionTimestamp"] == nil {
			w.agents = append(w.agents, name(a))
			w.f.agents = append(w.f.agents, a)
		}
	}
	if noPods {
		return nil
	}
	page.Items = nil
	if err := w.c.get(core(home, "pods")+"?limit=5000", &page); err != nil {
		return err
	}
	for _, p := range page.Items {
		w.pods = append(w.pods, name(p))
	}
	return nil
}

// gone removes the oldest of them: it is surely there by now.
func (w *weather) gone(kind string, names *[]string) func() error {
	path := kgents(home, kind, (*names)[0])
	*names = (*names)[1:]
	return func() error { return w.c.remove(path) }
}

// clean removes one object that the storm has made, until none is left.
func (w *weather) clean() func() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case len(w.laid) > 0:
		return w.gone("pheromones", &w.laid)
	case len(w.told) > 0:
		return w.gone("proposals", &w.told)
	case len(w.props) > 0:
		return w.gone("proposals", &w.props)
	}
	return nil
}

// next decides on one change; the returned function makes it.
func (w *weather) next() func() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.f
	f.now = time.Now()
	w.serial++
	agent := pick(f.rng, w.agents)
	switch p := f.rng.IntN(100); {
	case p < 34:
		phase, health, ready, reason := "Running", "HEALTHY", "True", "CognitiveProbeHealthy"
		switch f.rng.IntN(8) {
		case 0:
			phase, health, reason = "Degraded", "DEGRADED", "CognitiveProbeDegrade"
		case 1:
			phase, health, ready, reason = "Degraded", "UNRESPONSIVE", "False", "CognitiveProbeUnresponsive"
		}
		at := f.kopfTime(0)
		patch := M{"status": M{"phase": phase, "cognitiveHealth": health, "lastProbeTime": at, "readyReplicas": f.rng.IntN(4),
			"conditions": condition("Ready", ready, at, reason, fmt.Sprintf("Probe answered in %d ms", 80+f.rng.IntN(7000)))}}
		return func() error { return w.c.merge(kgents(home, "agents", agent, "status"), patch) }
	case p < 46:
		patch := M{"metadata": M{"annotations": M{"kgents.io/step": fmt.Sprint(w.serial)}}}
		return func() error { return w.c.merge(kgents(home, "agents", agent), patch) }
	case p < 74 && w.same && len(w.laid) >= spare:
		return w.gone("pheromones", &w.laid)
	case p < 64 || (p < 74 && (w.same || len(w.laid) == 0)):
		j := f.pheromone(w.serial, w.label)
		j.obj["spec"].(M)["emittedAt"] = f.now.UTC().Format(time.RFC3339)
		j.status = nil
		w.laid = append(w.laid, name(j.obj))
		return func() error { return w.c.post(j.path, j.obj) }
	case p < 74:
		return w.gone("pheromones", &w.laid)
	case p < 80 && w.same && len(w.told) >= spare:
		return w.gone("proposals", &w.told)
	case p < 80 || (p < 87 && len(w.props) == 0):
		j := f.proposal(w.serial, w.label)
		f.props = f.props[:0]
		w.props = append(w.props, name(j.obj))
		r := &runner{c: w.c}
		return func() error { return r.one(j) }
	case p < 87:
		nm := w.props[0]
		w.props = w.props[1:]
		w.told = append(w.told, nm)
		at := f.kopfTime(0)
		var patch M
		if f.rng.IntN(3) == 0 {
			patch = M{"phase": "Rejected", "rejections": S{M{"rejector": "bob", "rejectedAt": at, "reason": "not now"}},
				"conditions": condition("Ready", "False", at, "Rejected", "not now")}
		} else {
			patch = M{"phase": "Approved", "approvals": S{M{"approver": "alice", "approvedAt": at, "comment": "ok"}},
				"conditions": condition("Ready", "True", at, "Approved", "1 approvals received")}
		}
		return func() error { return w.c.merge(kgents(home, "proposals", nm, "status"), M{"status": patch}) }
	case p < 97 || len(w.pods) == 0:
		j := f.agentEvent(agent)
		stamp := f.now.UTC().Format(time.RFC3339)
		j.obj["firstTimestamp"], j.obj["lastTimestamp"] = stamp, stamp
		return func() error { return w.c.post(j.path, j.obj) }
	case p < 99: // a container starts again in its pod
		pod := pick(f.rng, w.pods)
		return func() error { return restart(w.c, pod) }
	default: // a pod is replaced; its successor is not in our list
		i := f.rng.IntN(len(w.pods))
		pod := w.pods[i]
		if len(w.pods) > 4 {
			w.pods = append(w.pods[:i:i], w.pods[i+1:]...)
		}
		return func() error { return w.c.remove(core(home, "pods", pod) + "?gracePeriodSeconds=0") }
	}
}

func restart(c *client, pod string) error {
	var p M
	if err := c.get(core(home, "pods", pod), &p); err != nil {
		return err
	}
	status, _ := p["status"].(M)
	boxes, _ := status["containerStatuses"].(S)
	if len(boxes) == 0 {
		return nil
	}
	box, _ := boxes[0].(M)
	was, _ := box["restartCount"].(float64)
	at := time.Now().UTC().Format(time.RFC3339)
	box["restartCount"], box["ready"], box["started"] = was+1, true, true
	box["lastState"] = M{"terminated": M{"exitCode": 1, "reason": "Error", "startedAt": at, "finishedAt": at, "containerID": ""}}
	box["state"] = M{"running": M{"startedAt": at}}
	return c.merge(core(home, "pods", pod, "status"), M{"status": M{"containerStatuses": boxes}})
}

// ---- what agents say ----------------------------------------------------

// voice is one container's log and the way it talks.
type voice struct {
	path, pod string
	manner    int
	step      int
}

const (
	plain = iota
	structured
	streaming
	looping
	hostile
	silent
)

// chatter appends lines to the pods' logs at a fixed rate.
func chatter(dir string, seedNo uint64, rate float64, length time.Duration) int64 {
	rng := rand.New(rand.NewPCG(seedNo, 99))
	var voices []*voice
	known := map[string]*voice{}
	first := true
	look := func() {
		found, _ := filepath.Glob(filepath.Join(dir, "pods", "*", "*", "*.log"))
		sort.Slice(found, func(i, j int) bool { // agents' pods first
			a, b := strings.Contains(found[i], "/"+home+"/"), strings.Contains(found[j], "/"+home+"/")
			if a != b {
				return a
			}
			return found[i] < found[j]
		})
		voices = voices[:0:0]
		for _, path := range found {
			base := filepath.Base(path)
			if strings.HasSuffix(base, ".previous.log") || base == "d-gent.log" {
				continue
			}
			v := known[path]
			if v == nil {
				v = &voice{path: path, pod: filepath.Base(filepath.Dir(path))}
				switch n := len(known) + 1; {
				case n == 3:
					v.manner = silent
				case n == 4:
					v.manner = looping
				case n == 5, n == 13, n == 21:
					v.manner = hostile
				default:
					v.manner = []int{plain, structured, streaming, structured}[n%4]
				}
				if first && v.manner >= looping {
					fmt.Printf("storm: %s: %s\n", map[int]string{looping: "repeats itself", hostile: "hostile bytes", silent: "silent"}[v.manner], v.pod)
				}
				known[path] = v
			}
			if v.manner != silent {
				voices = append(voices, v)
			}
		}
		first = false
	}
	look()
	start := time.Now()
	var said int64
	for k := 0; ; k++ {
		at := start.Add(time.Duration(float64(k) / rate * float64(time.Second)))
		if at.Sub(start) >= length {
			return said
		}
		if wait := time.Until(at); wait > 0 {
			time.Sleep(wait)
		}
		if k%max(1, int(rate)) == 0 {
			look()
		}
		if len(voices) == 0 {
			continue
		}
		v := pick(rng, voices)
		v.step++
		stream := "stdout"
		if rng.IntN(20) == 0 {
			stream = "stderr"
		}
		if appendLog(v.path, criRecord(time.Now(), stream, v.say(rng))) == nil {
			said++
		}
	}
}

func (v *voice) say(rng *rand.Rand) []byte {
	in, out := 200+rng.IntN(9000), 20+rng.IntN(1500)
	stamp := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	line := func(format string, args ...any) []byte { return fmt.Appendf(nil, format, args...) }
	switch v.manner {
	case structured:
		if v.step%7 == 0 {
			return line(`{"level":"warning","ts":%q,"msg":"retrying after 429","attempt":%d}`, stamp, 1+rng.IntN(4))
		}
		return line(`{"level":"info","ts":%q,"msg":"step finished","step":%d,"tool":%q,"usage":{"input_tokens":%d,"output_tokens":%d}}`,
			stamp, v.step, pick(rng, []string{"read_file", "search", "weave", "write_file"}), in, out)
	case streaming:
		switch v.step % 5 {
		case 1:
			return line(`{"type":"assistant","message":{"id":"msg_%06d","role":"assistant","content":[{"type":"tool_use","id":"toolu_%06d","name":"Read","input":{"file_path":"/srv/garden/%d.md"}}],"usage":{"input_tokens":%d,"output_tokens":%d,"cache_read_input_tokens":%d}}}`,
				v.step, v.step, rng.IntN(40), in, out, 3*in)
		case 2:
			return line(`{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_%06d","content":"ok"}]}}`, v.step-1)
		case 0:
			return line(`{"type":"result","subtype":"success","is_error":false,"duration_ms":%d,"num_turns":%d,"total_cost_usd":%.4f,"usage":{"input_tokens":%d,"output_tokens":%d}}`,
				400+rng.IntN(20000), v.step, 0.0001*float64(in), in, out)
		default:
			return line(`{"type":"assistant","message":{"id":"msg_%06d","role":"assistant","content":[{"type":"text","text":%q}],"usage":{"input_tokens":%d,"output_tokens":%d}}}`,
				v.step, pick(rng, reasons), in, out)
		}
	case looping:
		return line(`{"level":"info","msg":"running tool","tool":"read_file","args":{"path":"/state/notes.md"},"usage":{"input_tokens":18211,"output_tokens":64}}`)
	case hostile:
		switch v.step % 8 {
		case 1:
			return []byte("\x1b[2J\x1b[H\x1b[31mall of the screen is mine\x1b[0m")
		case 2:
			return []byte("\x1b]0;title taken\x07\x1b]52;c;c3RvbGVu\x07 clipboard taken")
		case 3:
			return []byte("broken \xff\xfe\xc3\x28 \xed\xa0\x80 \xf4\x90\x80\x80 text")
		case 4:
			return append([]byte("a very long line: "), []byte(strings.Repeat("abcdefghij ", 6000))...)
		case 5:
			return []byte("from right: \u202egnol si siht\u202c, wide: 漢字🌱👩‍👩‍👧, combining: e\u0301\u0323\u0308")
		case 6:
			return []byte("bell \a back \b\b\b nul \x00 return \rover tab\tend \x9b31m c1")
		case 7:
			return []byte(`{"level":"info","msg":"\u001b[5mblinking\u001b[0m","usage":{"input_tokens":-5,"output_tokens":1e400}`)
		}
		return []byte("")
	}
	switch rng.IntN(4) {
	case 0:
		return line("%s INFO %s: step %d, %d tokens in, %d out", stamp, v.pod, v.step, in, out)
	case 1:
		return line("%s WARNING slow answer from morpheus: %d ms", stamp, 900+rng.IntN(9000))
	}
	return line("%s", pick(rng, payloads))
}
