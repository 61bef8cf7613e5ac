package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// tend DIR PORT gives every pod a log of its own for as long as it lives, by
// telling kwok which file it is, and answers on PORT for what is forwarded to
// a pod's port 8080.
func tend(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: tlab tend DIR PORT")
	}
	lab, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	c, err := dial(lab, 16)
	if err != nil {
		return err
	}
	go answer(args[1])
	t := &tender{c: c, lab: lab, known: map[string]bool{}}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		os.Exit(0)
	}()
	for {
		if err := t.follow(); err != nil {
			fmt.Fprintln(os.Stderr, "tend:", err)
		}
		time.Sleep(500 * time.Millisecond)
	}
}

type tender struct {
	c     *client
	lab   string
	known map[string]bool
}

func (t *tender) follow() error {
	var list struct {
		Metadata struct{ ResourceVersion string }
		Items    []M
	}
	if err := t.c.get("/api/v1/pods?resourceVersion=0", &list); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, pod := range list.Items {
		seen[space(pod)+"/"+name(pod)] = true
		t.adopt(pod)
	}
	for key := range t.known {
		if !seen[key] {
			t.forget(filepath.Dir(key), filepath.Base(key))
		}
	}
	resp, err := t.c.open(context.Background(), "GET",
		"/api/v1/pods?watch=1&allowWatchBookmarks=true&resourceVersion="+list.Metadata.ResourceVersion, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		return fmt.Errorf("watching pods: %s", resp.Status)
	}
	in := json.NewDecoder(resp.Body)
	for {
		var event struct {
			Type   string
			Object M
		}
		if err := in.Decode(&event); err != nil {
			return nil // closed in good time, or the server went away: list again
		}
		switch event.Type {
		case "ADDED", "MODIFIED":
			t.adopt(event.Object)
		case "DELETED":
			t.forget(space(event.Object), name(event.Object))
		case "ERROR":
			return nil
		}
	}
}

func (t *tender) adopt(pod M) {
	ns, nm := space(pod), name(pod)
	key := ns + "/" + nm
	if t.known[key] {
		return
	}
	spec, _ := pod["spec"].(M)
	containers, _ := spec["containers"].(S)
	notes, _ := meta(pod)["annotations"].(M)
	trouble, _ := notes["terrarium-lab/trouble"].(string)
	if err := os.MkdirAll(podDir(t.lab, ns, nm), 0o700); err != nil {
		fmt.Fprintln(os.Stderr, "tend:", err)
		return
	}
	var logs S
	for _, item := range containers {
		box, _ := item.(M)
		cname, _ := box["name"].(string)
		entry := M{"containers": S{cname}, "logsFile": logPath(t.lab, ns, nm, cname), "follow": true}
		if err := start(logPath(t.lab, ns, nm, cname), nm, cname, ""); err != nil {
			fmt.Fprintln(os.Stderr, "tend:", err)
			return
		}
		if trouble == "crashloop" || trouble == "oom" {
			entry["previousLogsFile"] = previousPath(t.lab, ns, nm, cname)
			start(previousPath(t.lab, ns, nm, cname), nm, cname, trouble) //nolint:errcheck
		}
		logs = append(logs, entry)
	}
	err := t.c.post("/apis/kwok.x-k8s.io/v1alpha1/namespaces/"+ns+"/logs", M{
		"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Logs",
		"metadata": M{"name": nm, "namespace": ns},
		"spec":     M{"logs": logs},
	})
	if err != nil && code(err) != 409 {
		fmt.Fprintln(os.Stderr, "tend:", err)
		return
	}
	t.known[key] = true
}

func (t *tender) forget(ns, nm string) {
	delete(t.known, ns+"/"+nm)
	if err := t.c.remove("/apis/kwok.x-k8s.io/v1alpha1/namespaces/" + ns + "/logs/" + nm); err != nil && code(err) != 404 {
		fmt.Fprintln(os.Stderr, "tend:", err)
	}
	os.RemoveAll(podDir(t.lab, ns, nm))
}

// start writes what a container says first, unless the file is there.
func start(path, pod, container, trouble string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_APPEND|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	now := time.Now().Add(-3 * time.Second)
	lines := []string{pod + ": " + container + " starting", "state at /state, listening on :8080"}
	switch trouble {
	case "crashloop":
		lines = append(lines, "Traceback (most recent call last):",
			`  File "<frozen runpy>", line 189, in _run_module_as_main`,
			"ModuleNotFoundError: No module named 'agents.d.sidecar'")
	case "oom":
		lines = append(lines, "loading 1843200 vectors")
	}
	var out []byte
	for i, line := range lines {
		stream := "stdout"
		if i >= 2 {
			stream = "stderr"
		}
		out = append(out, criRecord(now.Add(time.Duration(i)*400*time.Millisecond), stream, []byte(line))...)
	}
	_, err = f.Write(out)
	return err
}

// answer plays an agent's HTTP port.
func answer(port string) {
	began := time.Now()
	mux := http.NewServeMux()
	reply := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v) //nolint:errcheck
	}
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) {
		reply(w, M{"status": "healthy", "uptime_seconds": int(time.Since(began).Seconds())})
	})
	mux.HandleFunc("POST /health/cognitive", func(w http.ResponseWriter, r *http.Request) {
		reply(w, M{"status": "healthy", "response": "HEALTHY"})
	})
	// as the ping agent's and the U-gent's servers; "sulk" is refused
	heard := func(key string, answer func(text string) M) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var said M
			if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&said); err != nil {
				http.Error(w, err.Error(), http.StatusUnprocessableEntity)
				return
			}
			text, _ := said[key].(string)
			if text == "sulk" {
				w.WriteHeader(http.StatusConflict)
				reply(w, M{"detail": "not now"})
				return
			}
			reply(w, answer(text))
		}
	}
	mux.HandleFunc("POST /invoke", heard("message", func(text string) M {
		return M{"message": text, "echo": "Echo: " + text, "latency_ms": 1}
	}))
	mux.HandleFunc("POST /execute", heard("prompt", func(text string) M {
		return M{"status": "executed", "result": "did " + text, "confidence": 0.9}
	}))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		reply(w, M{"service": "lab agent", "path": r.URL.Path})
	})
	if err := http.ListenAndServe("127.0.0.1:"+port, mux); err != nil {
		fail(err.Error())
	}
}
