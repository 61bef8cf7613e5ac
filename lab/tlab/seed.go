package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	home     = "kgents-agents"
	attic    = "kgents-ephemeral"
	workshop = "fracta"
	kopf     = "kopf.zalando.org/KopfFinalizerMarker"
	labMark  = "terrarium-lab/keep" // a finalizer nobody removes
)

var genera = []string{"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q",
	"R", "S", "T", "U", "V", "W", "X", "Y", "Z", "PSI", "OMEGA"}

var scents = []string{"METAPHOR", "WARNING", "MEMORY", "NARRATIVE", "OPPORTUNITY", "SCARCITY",
	"CAPABILITY", "STATE", "TEST", "INTENT", "DREAM", "CHAOS"}

var payloads = []string{
	"the parser keeps meeting the same broken table",
	"budget for this hour is two thirds gone",
	`{"capability":"summarise","confidence":0.82}`,
	"the river again, this time with three banks",
	`{"queue":41,"oldest_seconds":318}`,
	"tests of the loom pass on the second try only",
	"memory of the spring garden, compacted",
	"wer hört zu? — 誰かいますか",
	"",
}

type change struct {
	kind   string
	risk   float64
	target string
}

var changes = []change{
	{"CODE_PATCH", 0.1, "File"}, {"CODE_FEATURE", 0.3, "File"}, {"CODE_REFACTOR", 0.4, "File"},
	{"CODE_DELETE", 0.5, "File"}, {"CONFIG_UPDATE", 0.2, "ConfigMap"}, {"CONFIG_SECRET", 0.6, "Secret"},
	{"AGENT_DEPLOY", 0.3, "Agent"}, {"AGENT_SCALE", 0.1, "Agent"}, {"AGENT_DELETE", 0.7, "Agent"},
	{"AGENT_UPGRADE", 0.4, "Agent"}, {"MEMORY_MIGRATE", 0.6, "Memory"}, {"MEMORY_COMPACT", 0.3, "Memory"},
	{"MEMORY_DELETE", 0.8, "Memory"}, {"POLICY_UPDATE", 0.5, "Umwelt"}, {"RISK_OVERRIDE", 0.9, "Proposal"},
}

var reasons = []string{
	"The nightly run spends most of its time waiting for this.",
	"Two agents disagree about it; this settles the matter.",
	"Asked for by the people on call after last night.",
	"It has not been read in forty days.",
	"Cheaper, and easier to explain.",
}

// job is one object and what happens to it once it exists.
type job struct {
	path   string // collection
	obj    M
	status M
	end    bool          // delete it right away (a finalizer holds it)
	age    time.Duration // how long ago it was made, where that can be had
}

type runner struct {
	c       *client
	jobs    chan job
	wg      sync.WaitGroup
	done    atomic.Int64
	writes  atomic.Int64
	failed  atomic.Int64
	mu      sync.Mutex
	samples []string
}

func run(c *client, workers int) *runner {
	r := &runner{c: c, jobs: make(chan job, 4*workers)}
	for range workers {
		r.wg.Add(1)
		go func() {
			defer r.wg.Done()
			for j := range r.jobs {
				if err := r.one(j); err != nil {
					r.failed.Add(1)
					r.mu.Lock()
					if len(r.samples) < 5 {
						r.samples = append(r.samples, err.Error())
					}
					r.mu.Unlock()
				}
				r.done.Add(1)
			}
		}()
	}
	return r
}

func (r *runner) one(j job) error {
	var made M
	r.writes.Add(1)
	if err := r.c.call("POST", j.path, kindJSON, j.obj, &made); err != nil && code(err) != 409 {
		return err
	}
	one := j.path + "/" + name(j.obj)
	if j.status != nil {
		r.writes.Add(1)
		var err error
		if made != nil && strings.HasPrefix(j.path, "/apis/kgents.io/") {
			made["status"] = j.status // a plain write is cheaper than a patch
			err = r.c.call("PUT", one+"/status", kindJSON, made, nil)
		}
		if made == nil || code(err) == 409 || !strings.HasPrefix(j.path, "/apis/kgents.io/") {
			err = r.c.merge(one+"/status", M{"status": j.status})
		}
		if err != nil {
			return err
		}
	}
	if j.end {
		r.writes.Add(1)
		return r.c.remove(one)
	}
	return nil
}

func (r *runner) finish() error {
	close(r.jobs)
	r.wg.Wait()
	if n := r.failed.Load(); n > 0 {
		return fmt.Errorf("%d of %d objects failed, among them:\n  %s", n, r.done.Load(), strings.Join(r.samples, "\n  "))
	}
	return nil
}

type fleet struct {
	rng    *rand.Rand
	now    time.Time
	bare   bool
	agents []M
	props  []M
}

func (f *fleet) ago(d time.Duration) string {
	return f.now.Add(-d).UTC().Format(time.RFC3339)
}

// kopfTime is how the operators write times.
func (f *fleet) kopfTime(d time.Duration) string {
	t := f.now.Add(-d).UTC().Add(time.Duration(f.rng.IntN(1e6)) * time.Microsecond)
	return t.Format("2006-01-02T15:04:05.000000") + "+00:00"
}

func (f *fleet) within(d time.Duration) time.Duration {
	return time.Duration(f.rng.Int64N(int64(d)))
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func condition(kind, status, at, reason, message string) S {
	return S{M{"type": kind, "status": status, "lastTransitionTime": at, "reason": reason, "message": message}}
}

func kgentsObject(kind, name string, spec M) M {
	return M{"apiVersion": "kgents.io/v1", "kind": kind,
		"metadata": M{"name": name, "namespace": home}, "spec": spec}
}

func handled(obj M) { // what kopf leaves on what it has seen
	m := meta(obj)
	m["finalizers"] = S{kopf}
	text, _ := json.Marshal(M{"spec": obj["spec"]})
	m["annotations"] = M{"kopf.zalando.org/last-handled-configuration": string(text) + "\n"}
}

// agent number i; the first dozen cover every state there is.
func (f *fleet) agent(i int, counts map[string]int) job {
	genus := genera[f.rng.IntN(len(genera))]
	if i < len(genera) {
		genus = genera[(i*11)%len(genera)]
	}
	low := strings.ToLower(genus)
	counts[genus]++
	nm := fmt.Sprintf("%s-gent-%d", low, counts[genus])
	memory := f.rng.IntN(3) > 0
	spec := M{"genus": genus, "image": pick(f.rng, []string{"python:3.12-slim", "kgents/agent:0.9", "kgents/agent:1.0-rc2"}),
		"replicas": 1 + f.rng.IntN(3), "deployMode": pick(f.rng, []string{"FULL", "FULL", "PLACEHOLDER"}),
		"symbiont": M{"memory": M{"enabled": memory, "type": pick(f.rng, []string{"RELATIONAL", "VECTOR", "BICAMERAL", "EPHEMERAL"})}},
	}
	if f.rng.IntN(3) == 0 {
		spec["networkPolicy"] = M{"allowEgress": f.rng.IntN(2) == 0, "allowedPeers": S{pick(f.rng, genera), pick(f.rng, genera)}}
	}
	if f.rng.IntN(4) == 0 {
		spec["config"] = M{"temperature": 0.1 * float64(f.rng.IntN(10)), "loom": pick(f.rng, []string{"warp", "weft"})}
	}
	age := time.Hour + f.within(9*24*time.Hour)
	since := f.within(50 * time.Minute)
	status := M{"phase": "Pending", "observedGeneration": 1, "deployment": low + "-gent", "service": low + "-gent",
		"cognitiveHealth": "UNKNOWN",
		"conditions":      condition("Ready", "False", f.kopfTime(since), "DeploymentCreated", "Deployment created, waiting for pods")}
	if memory {
		status["memory"] = nm + "-memory"
	}
	probed := func(phase, health, ready, reason, message string, n int) {
		spec["health"] = M{"type": "COGNITIVE_PROBE"}
		status["phase"], status["cognitiveHealth"] = phase, health
		status["lastProbeTime"], status["readyReplicas"] = f.kopfTime(f.within(40*time.Second)), n
		status["conditions"] = condition("Ready", ready, f.kopfTime(f.within(40*time.Second)), reason, message)
	}
	role := i
	if i >= 12 {
		role = 10 + f.rng.IntN(16)
	}
	j := job{path: kgents(home, "agents"), age: age}
	switch role {
	case 1, 12, 13, 14, 15, 16:
		probed("Running", "HEALTHY", "True", "CognitiveProbeHealthy", "Probe answered in 214 ms", spec["replicas"].(int))
	case 2, 17:
		probed("Degraded", "DEGRADED", "True", "CognitiveProbeDegrade", "Slow answer: 6230 ms", 1)
	case 3, 18:
		probed("Degraded", "UNRESPONSIVE", "False", "CognitiveProbeUnresponsive", "Connection failed: [Errno -2] Name or service not known", 0)
	case 4, 19:
		status = M{"phase": "Failed", "conditions": condition("Ready", "False", f.kopfTime(since), "ValidationFailed",
			"entrypoint 'agents."+low+".mian' is not a module")}
		spec["entrypoint"] = "agents." + low + ".mian"
	case 5:
		status = M{"phase": "Failed", "conditions": condition("Ready", "False", f.kopfTime(since), "CreationFailed",
			`deployments.apps is forbidden: exceeded quota: kgents-agents-quota`)}
	case 6, 20:
		spec["deployMode"], status = "DRY_RUN", M{"phase": "Pending"}
	case 7:
		j.end = true
	case 8: // as the older resource definition had it: most of this is pruned now
		spec = M{"genus": genus, "replicas": 2, "sidecar": M{"enabled": true, "image": "python:3.12-slim"},
			"resources": M{"cpu": "100m", "memory": "256Mi"}}
		status = M{"phase": "Running", "observedGeneration": 1, "readyReplicas": 2, "replicas": 2,
			"conditions": condition("Available", "True", f.ago(since), "Reconciled", "manifests applied")}
	case 9: // the operator has not met it
		status = nil
	}
	obj := kgentsObject("Agent", nm, spec)
	if status != nil {
		handled(obj)
		// nobody is here to take kopf's finalizer off again
		delete(meta(obj), "finalizers")
		if j.end {
			meta(obj)["finalizers"] = S{labMark}
		}
	}
	j.obj, j.status = obj, status
	f.agents = append(f.agents, obj)
	return j
}

func (f *fleet) anyAgent() string {
	if len(f.agents) == 0 {
		return "b-gent-1"
	}
	return name(pick(f.rng, f.agents))
}

func (f *fleet) pheromone(i int, label string) job {
	kind := scents[i%len(scents)]
	age := f.within(time.Hour)
	spec := M{"type": kind, "source": f.anyAgent(), "initialIntensity": math.Round((0.2+0.8*f.rng.Float64())*100) / 100,
		"halfLifeMinutes": pick(f.rng, []float64{0.5, 2, 5, 10, 10, 10, 20, 45, 240}),
		"emittedAt":       f.ago(age)}
	if text := pick(f.rng, payloads); text != "" {
		spec["payload"] = text
	}
	if f.rng.IntN(3) == 0 {
		spec["target"] = f.anyAgent()
	}
	if f.rng.IntN(5) == 0 {
		spec["ttl_seconds"] = 60 * (10 + f.rng.IntN(120))
	}
	switch {
	case kind == "CHAOS":
		spec["payload"] = pick(f.rng, []string{`{"action":"network_partition"}`, `{"action":"resource_pressure"}`})
	case i%17 == 4: // long gone, and still here
		age = 58 * time.Minute
		spec["emittedAt"], spec["halfLifeMinutes"] = f.ago(age), 0.5
	case i%19 == 5: // no origin of time: never decays for the operator
		delete(spec, "emittedAt")
	case i%23 == 6: // first generation
		delete(spec, "emittedAt")
		spec["intensity"], spec["decay_rate"] = 0.41, 0.05
	case i%29 == 7:
		spec["position"] = M{"x": f.rng.Float64(), "y": f.rng.Float64(), "z": f.rng.Float64()}
	}
	j := job{path: kgents(home, "pheromones"), age: age, obj: kgentsObject("Pheromone", fmt.Sprintf("%s-%s%d", strings.ToLower(kind), label, i), spec)}
	if i%9 != 8 {
		j.status = M{"phase": "ACTIVE", "sensed_by": S{}}
	}
	return j
}

func log2(x float64) float64 { return math.Log2(x) }

func (f *fleet) proposal(i int, label string) job {
	ch := changes[i%len(changes)]
	target := M{"kind": ch.target, "name": f.anyAgent()}
	switch ch.target {
	case "File":
		target["name"] = pick(f.rng, []string{"agents/g/grammar.py", "agents/m/weave.py", "infra/loom.yaml", "docs/garden.md"})
	case "ConfigMap", "Secret":
		target["name"] = pick(f.rng, []string{"loom-settings", "claude-auth", "sensorium"})
	case "Memory":
		target["name"] = f.anyAgent() + "-memory"
	case "Proposal":
		target["name"] = fmt.Sprintf("proposal-%s%d", label, i/2)
	}
	size := M{}
	added, removed, files, tadd, trem := 0, 0, 0, 0, 0
	if strings.HasPrefix(ch.kind, "CODE") || f.rng.IntN(3) == 0 {
		added, removed, files = f.rng.IntN(400), f.rng.IntN(150), 1+f.rng.IntN(14)
		tadd, trem = f.rng.IntN(9), f.rng.IntN(4)
		size = M{"linesAdded": added, "linesRemoved": removed, "filesChanged": files, "testsAdded": tadd, "testsRemoved": trem}
	}
	need := f.rng.IntN(4)
	tgent := f.rng.IntN(3) > 0
	spec := M{"changeType": ch.kind, "target": target, "proposer": f.anyAgent(),
		"description": fmt.Sprintf("%s for %v", strings.ToLower(strings.ReplaceAll(ch.kind, "_", " ")), target["name"]),
		"rationale":   pick(f.rng, reasons),
		"magnitude":   size,
		"reviewRequirements": M{"autoMerge": f.rng.IntN(2) == 0, "requiredApprovers": need, "tGentValidation": tgent,
			"requiredReviewers": S{"ops"}},
	}
	if f.rng.IntN(3) == 0 {
		spec["ttlSeconds"] = 3600 * (1 + f.rng.IntN(48))
	}
	if f.rng.IntN(2) == 0 {
		spec["riskBudget"] = M{"maxCumulativeRisk": 0.5}
	}
	obj := kgentsObject("Proposal", fmt.Sprintf("proposal-%s%d", label, i), spec)
	f.props = append(f.props, obj)
	j := job{path: kgents(home, "proposals"), obj: obj, age: f.within(40 * time.Second)}
	state := i % 10
	if state == 0 {
		return j // no operator has seen it
	}
	handled(obj)
	delete(meta(obj), "finalizers")

	impact := float64(added + removed + 10*files)
	factor, cover := 1.0, 1.0
	if impact > 0 {
		factor = 1 + 0.1*log2(impact+1)
	}
	if net := float64(tadd - trem); net > 0 {
		cover = math.Max(0.5, 1-0.05*log2(net+1))
	} else if net < 0 {
		cover = math.Min(1.5, 1+0.1*log2(-net+1))
	}
	velocity := 0.1 + 0.5*f.rng.Float64()
	risk := math.Min(1, ch.risk*(1+velocity)*factor*cover)
	level := "CRITICAL"
	for _, step := range []struct {
		top  float64
		name string
	}{{0.2, "LOW"}, {0.5, "MEDIUM"}, {0.8, "HIGH"}} {
		if risk <= step.top {
			level = step.name
			break
		}
	}
	at := f.within(45 * time.Minute)
	j.age = at
	status := M{"phase": "Reviewing", "approvals": S{}, "rejections": S{},
		"riskAssessment": M{"baseRisk": ch.risk, "velocityPenalty": velocity, "magnitudeFactor": factor,
			"testCoverage": cover, "cumulativeRisk": risk, "riskLevel": level, "calculatedAt": f.kopfTime(at)},
		"conditions": condition("Ready", "False", f.kopfTime(at), "AwaitingReview", fmt.Sprintf("Risk %.3f, waiting for review", risk))}
	if tgent {
		status["tGentValidation"] = M{"requested": true, "pheromoneEmitted": "review-" + name(obj), "result": "PENDING"}
	} else {
		status["tGentValidation"] = M{"requested": false, "result": "SKIPPED"}
	}
	approve := func(n int) {
		var list S
		for k := range n {
			list = append(list, M{"approver": []string{"alice", "bob", "carol", "dora"}[k%4],
				"approvedAt": f.ago(at - time.Duration(k+1)*time.Second), "comment": pick(f.rng, []string{"ok", "read twice", ""})})
		}
		status["approvals"] = list
	}
	if n := f.rng.IntN(need + 1); n > 0 && n < need {
		approve(n)
	}
	switch state {
	case 3:
		if tgent {
			status["tGentValidation"] = M{"requested": true, "pheromoneEmitted": "review-" + name(obj), "result": "PASSED",
				"testsPassed": 12 + f.rng.IntN(90), "validatedAt": f.ago(at / 2)}
		}
	case 4:
		if tgent {
			status["tGentValidation"] = M{"requested": true, "pheromoneEmitted": "review-" + name(obj), "result": "FAILED",
				"testsPassed": 31, "testsFailed": 1 + f.rng.IntN(6), "validatedAt": f.ago(at / 2),
				"report": "test_weave_keeps_order: expected 3 threads, found 4"}
		}
	case 5:
		approve(max(1, need))
		status["phase"] = "Approved"
		status["conditions"] = condition("Ready", "True", f.kopfTime(at/2), "Approved", fmt.Sprintf("%d approvals received", max(1, need)))
	case 6:
		status["phase"] = "Approved"
		status["conditions"] = condition("AutoMergeEligible", "True", f.kopfTime(at), "LowRisk", fmt.Sprintf("Risk %.3f below threshold 0.2", risk))
	case 7:
		status["phase"] = "Rejected"
		status["rejections"] = S{M{"rejector": "alice", "rejectedAt": f.ago(at / 2), "reason": "not while the harvest runs"}}
		status["conditions"] = condition("Ready", "False", f.ago(at/2), "Rejected", "not while the harvest runs")
	case 8:
		status["phase"] = "Expired"
		status["conditions"] = condition("Ready", "False", f.kopfTime(at/3), "Expired", "Proposal expired after 3600s")
	case 9:
		if i%20 == 9 {
			status["phase"] = "Merged"
			status["executionResult"] = M{"success": true, "executedAt": f.ago(at / 3), "executedBy": "alice", "output": "applied by hand", "rollbackAvailable": true}
		}
	}
	j.status = status
	return j
}

func review(p M) job { // the pheromone the operator lays for a proposal
	st, _ := p["spec"].(M)
	t, _ := st["target"].(M)
	text, _ := json.Marshal(M{"proposal": name(p), "changeType": st["changeType"], "target": fmt.Sprint(t["kind"], "/", t["name"]), "risk": 0.7, "riskLevel": "HIGH"})
	obj := kgentsObject("Pheromone", "review-"+name(p), M{"type": "INTENT", "source": "proposal-operator", "intensity": 1,
		"decay_rate": 0.05, "ttl_seconds": 3600, "payload": string(text)})
	meta(obj)["labels"] = M{"app.kubernetes.io/part-of": "kgents", "app.kubernetes.io/managed-by": "proposal-operator", "kgents.io/proposal": name(p)}
	return job{path: kgents(home, "pheromones"), obj: obj, status: M{"phase": "ACTIVE", "sensed_by": S{}}}
}

func (f *fleet) event(ns, kind, api, target, typ, reason, message, component string, count int) job {
	age := f.within(40 * time.Minute)
	return job{path: core(ns, "events"), obj: M{"apiVersion": "v1", "kind": "Event",
		"metadata":       M{"name": fmt.Sprintf("%s.%016x", target, f.rng.Uint64()), "namespace": ns},
		"involvedObject": M{"kind": kind, "apiVersion": api, "name": target, "namespace": ns},
		"type":           typ, "reason": reason, "message": message, "count": count,
		"source":         M{"component": component},
		"firstTimestamp": f.ago(age + 5*time.Minute), "lastTimestamp": f.ago(age)}}
}

func (f *fleet) agentEvent(target string) job {
	switch f.rng.IntN(6) {
	case 0:
		return f.event(home, "Agent", "kgents.io/v1", target, "Warning", "ProbeSlow", "cognitive probe took 6230 ms", "agent-operator", 1+f.rng.IntN(30))
	case 1:
		return f.event(home, "Agent", "kgents.io/v1", target, "Warning", "BudgetNearlySpent", "92% of the token budget of this hour is used", "morpheus", 1)
	case 2:
		return f.event(home, "Agent", "kgents.io/v1", target, "Normal", "Woken", "a pheromone of type INTENT arrived", "sensorium", 1)
	default:
		j := f.event(home, "Agent", "kgents.io/v1", target, "Normal", "Logging", "Timer 'cognitive_probe' succeeded.", "kopf", 1)
		meta(j.obj)["name"] = fmt.Sprintf("kopf-event-%016x", f.rng.Uint64())
		return j
	}
}

func labels(genus string) M {
	return M{"app.kubernetes.io/name": strings.ToLower(genus) + "-gent", "app.kubernetes.io/part-of": "kgents",
		"app.kubernetes.io/managed-by": "agent-operator", "kgents.io/genus": genus}
}

func container(name, image, cpu, memory string) M {
	return M{"name": name, "image": image, "resources": M{"limits": M{"cpu": cpu, "memory": memory}, "requests": M{"cpu": "25m", "memory": "64Mi"}}}
}

func podSpec(genus, image string, memory bool, node int) M {
	boxes := S{container("logic", image, "500m", "512Mi")}
	boxes[0].(M)["env"] = S{M{"name": "KGENTS_GENUS", "value": genus}, M{"name": "KGENTS_STATE_PATH", "value": "/state"}}
	if memory {
		boxes = append(boxes, container("d-gent", "python:3.12-slim", "50m", "128Mi"))
	}
	return M{"nodeName": fmt.Sprintf("node-%d", node), "containers": boxes, "automountServiceAccountToken": false,
		"terminationGracePeriodSeconds": 1}
}

// deployments of the first agent of each genus, as its operator makes them.
func (f *fleet) deployments(uid func(string) string) []job {
	var out []job
	seen := map[string]bool{}
	for i, a := range f.agents {
		spec := a["spec"].(M)
		genus := spec["genus"].(string)
		if seen[genus] || spec["deployMode"] == "DRY_RUN" || len(out) >= 60 {
			continue
		}
		seen[genus] = true
		memory := false
		if s, ok := spec["symbiont"].(M); ok {
			memory, _ = s["memory"].(M)["enabled"].(bool)
		}
		replicas := spec["replicas"]
		image, _ := spec["image"].(string)
		if image == "" {
			image = "python:3.12-slim"
		}
		notes := M{}
		pods := podSpec(genus, image, memory, i%3)
		switch n := len(out); {
		case n == 2:
			notes = M{"terrarium-lab/trouble": "imagepull", "terrarium-lab/container": "logic"}
		case n == 3:
			notes = M{"terrarium-lab/trouble": "oom", "terrarium-lab/container": "logic", "terrarium-lab/restarts": "14"}
		case n == 5: // nobody schedules it
			delete(pods, "nodeName")
		case n == 6: // more than the quota allows
			pods["containers"].(S)[0].(M)["resources"] = M{"limits": M{"cpu": "600", "memory": "1Gi"}, "requests": M{"cpu": "25m"}}
		case memory && n%3 != 1: // the sidecar that cannot start
			notes = M{"terrarium-lab/trouble": "crashloop", "terrarium-lab/container": "d-gent",
				"terrarium-lab/restarts": strconv.Itoa(3 + f.rng.IntN(40))}
		}
		l := labels(genus)
		out = append(out, job{path: "/apis/apps/v1/namespaces/" + home + "/deployments", obj: M{
			"apiVersion": "apps/v1", "kind": "Deployment",
			"metadata": M{"name": l["app.kubernetes.io/name"], "namespace": home, "labels": l,
				"ownerReferences": S{M{"apiVersion": "kgents.io/v1", "kind": "Agent", "name": name(a), "uid": uid(name(a)),
					"controller": true, "blockOwnerDeletion": true}}},
			"spec": M{"replicas": replicas, "selector": M{"matchLabels": l},
				"template": M{"metadata": M{"labels": l, "annotations": notes}, "spec": pods}},
		}})
	}
	return out
}

func (f *fleet) batch(ns, nm string, l, notes M, outcome, image string, node int) job {
	pods := M{"nodeName": fmt.Sprintf("node-%d", node), "restartPolicy": "Never", "automountServiceAccountToken": false,
		"containers": S{container(map[bool]string{true: "agent", false: "executor"}[ns == workshop], image, "500m", "512Mi")}}
	tnotes := M{}
	if outcome != "" {
		tnotes["terrarium-lab/job"] = outcome
	}
	return job{path: "/apis/batch/v1/namespaces/" + ns + "/jobs", obj: M{"apiVersion": "batch/v1", "kind": "Job",
		"metadata": M{"name": nm, "namespace": ns, "labels": l, "annotations": notes},
		"spec":     M{"backoffLimit": 0, "template": M{"metadata": M{"labels": l, "annotations": tnotes}, "spec": pods}}}}
}

var tasks = []string{"weave-index", "read-harvest-notes", "fix-flaky-loom", "port-garden-map", "summarise-week",
	"audit-memory", "rename-threads", "trim-archive", "write-changelog", "probe-morpheus", "triage-inbox", "measure-drift"}

func seed(args []string) error {
	fs := flag.NewFlagSet("seed", flag.ExitOnError)
	dir := fs.String("dir", "", "the lab's directory")
	seedNo := fs.Uint64("rng", 1, "same number, same fleet")
	pods := fs.Int("pods", -1, "pods to have at least (default: those of the deployments, none above 2000 agents)")
	crs := fs.Bool("crs-only", false, "custom resources only")
	bare := fs.Bool("no-status", false, "leave every status unwritten")
	api := fs.Bool("api", false, "make custom resources through the API even if they are many; default above 5000 agents is to write them to etcd")
	workers := fs.Int("connections", 48, "parallel connections")
	fs.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: scripts/lab seed N [OPTIONS]   N agents, N/2 pheromones, N/2 proposals and more")
		fs.PrintDefaults()
	}
	n, err := numbers(fs, args, 1)
	if err != nil {
		return err
	}
	total := 24
	if len(n) > 0 {
		total = int(n[0])
	}
	c, err := dial(*dir, *workers)
	if err != nil {
		return err
	}
	f := &fleet{rng: rand.New(rand.NewPCG(*seedNo, 20251213)), now: time.Now().Truncate(time.Second), bare: *bare}
	began := time.Now()
	r := run(c, *workers)
	var d *direct
	if total > 5000 && !*api {
		if d, err = openDirect(*dir, f.now, 8); err != nil {
			return err
		}
	}
	expected := int64(2*total + 2*min(total, 40))
	stop := make(chan struct{})
	go func() {
		tick := time.NewTicker(5 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				if d != nil {
					continue
				}
				fmt.Fprintf(os.Stderr, "seed: %d of about %d objects, %.0f writes/s\n", r.done.Load(), expected,
					float64(r.writes.Load())/time.Since(began).Seconds())
			}
		}
	}()
	put := func(j job) {
		if f.bare {
			j.status = nil
		}
		if d != nil {
			if err := d.one(j); err != nil {
				fail(err.Error())
			}
			return
		}
		r.jobs <- j
	}
	counts := map[string]int{}
	for i := range total {
		put(f.agent(i, counts))
	}
	for i := range total / 2 {
		put(f.pheromone(i, ""))
	}
	for i := range total / 2 {
		put(f.proposal(i, ""))
	}
	for i, p := range f.props {
		if i >= 20 {
			break
		}
		if i%10 == 1 || i%10 == 2 {
			put(review(p))
		}
	}
	for i := 0; i < len(f.agents) && i < 40; i += 3 {
		a := f.agents[i]
		genus := a["spec"].(M)["genus"].(string)
		m := kgentsObject("Memory", name(a)+"-memory", M{"owner": genus + "-gent", "retention_policy": "COMPOST",
			"type": pick(f.rng, []string{"RELATIONAL", "VECTOR", "BICAMERAL", "EPHEMERAL"}), "size": pick(f.rng, []string{"256Mi", "1Gi"})})
		meta(m)["labels"] = M{"app.kubernetes.io/part-of": "kgents", "app.kubernetes.io/managed-by": "agent-operator",
			"kgents.io/genus": genus, "kgents.io/owner": name(a)}
		put(job{path: kgents(home, "memories"), obj: m})
		if i%6 == 0 {
			put(job{path: kgents(home, "umwelts"), obj: kgentsObject("Umwelt", name(a)+"-world", M{"agent": name(a),
				"persona":               M{"warmth": 0.7, "directness": 0.4},
				"affordances":           S{"self.memory.*", "void.pheromone.sense"},
				"constraints":           M{"token_budget": 20000, "rate_limit_per_minute": 30},
				"pheromone_sensitivity": M{"sense": S{"WARNING", "MEMORY"}, "emit": S{"MEMORY"}}, "context": M{"project": "lab"}})})
		}
	}
	beat := f.kopfTime(9 * time.Second)
	put(job{path: kgents(home, "agentservers"), obj: kgentsObject("AgentServer", "main", M{"gateway": M{"replicas": 1}, "pheromones": M{"enabled": true}}),
		status: M{"phase": "Running", "observedGeneration": 1, "deployment": "main-terrarium", "service": "main-terrarium",
			"endpoint": "http://main-terrarium." + home + ".svc.cluster.local", "readyReplicas": 1, "registeredAgents": 0, "activeObservers": 0,
			"pendingSemaphores": 0, "lastHeartbeat": beat, "conditions": condition("Ready", "True", beat, "AllReplicasReady", "1/1 replicas ready")}})
	put(job{path: kgents(home, "morpheusgateways"), obj: kgentsObject("MorpheusGateway", "morpheus", M{
		"providers": S{M{"name": "anthropic", "prefix": "claude-", "secretRef": M{"name": "claude-auth"}}, M{"name": "ollama", "prefix": "local-", "endpoint": "http://ollama:11434"}},
		"rateLimit": M{"requestsPerMinute": 60}})})
	if err := r.finish(); err != nil {
		close(stop)
		return err
	}
	close(stop)
	if d != nil {
		n, err := d.finish()
		fmt.Printf("seed: %d objects of kgents.io in %.1f s, written to etcd\n", n, time.Since(began).Seconds())
		if err != nil {
			return err
		}
	} else {
		first := time.Since(began)
		fmt.Printf("seed: %d objects of kgents.io in %.1f s, %d writes, %.0f writes/s\n", r.done.Load(), first.Seconds(),
			r.writes.Load(), float64(r.writes.Load())/first.Seconds())
	}

	if !*crs && (*pods >= 0 || total <= 2000) {
		if err := f.workloads(c, *workers, *pods); err != nil {
			return err
		}
	}
	return nil
}

// workloads are Deployments, Jobs, pods, a quota and Events.
func (f *fleet) workloads(c *client, workers, pods int) error {
	began := time.Now()
	uid := func(nm string) string {
		var a M
		if err := c.get(kgents(home, "agents", nm), &a); err != nil {
			return "00000000-0000-0000-0000-000000000000"
		}
		s, _ := meta(a)["uid"].(string)
		return s
	}
	err := c.post(core(home, "resourcequotas"), M{"apiVersion": "v1", "kind": "ResourceQuota",
		"metadata": M{"name": "kgents-agents-quota", "namespace": home}, "spec": M{"hard": M{"limits.cpu": "500", "pods": "20k"}}})
	if err != nil && code(err) != 409 {
		return err
	}
	r := run(c, workers)
	for _, j := range f.deployments(uid) {
		r.jobs <- j
	}
	if len(f.agents) > 0 {
		for i, task := range tasks[:min(len(tasks), max(4, len(f.agents)/4))] {
			l := M{"app": "fracta", "fracta-agent-id": task}
			r.jobs <- f.batch(workshop, "fracta-agent-"+task, l, nil, []string{"", "done", "fail", ""}[i%4], "fracta/agent:latest", i%3)
		}
		stream := "pair-with-ops"
		r.jobs <- job{path: core(workshop, "pods"), obj: M{"apiVersion": "v1", "kind": "Pod",
			"metadata": M{"name": "fracta-stream-" + stream, "namespace": workshop,
				"labels": M{"app": "fracta", "fracta-agent-id": stream, "fracta-stream-pod": "true"}},
			"spec": M{"nodeName": "node-1", "restartPolicy": "Never", "automountServiceAccountToken": false,
				"containers": S{container("agent", "fracta/agent:latest", "500m", "512Mi")}}}}
		for i := range 2 {
			r.jobs <- f.batch(attic, fmt.Sprintf("q-gent-%08x", f.rng.Uint32()),
				M{"app.kubernetes.io/part-of": "kgents", "kgents.io/agent": "q-gent", "kgents.io/job-type": "ephemeral"},
				M{"kgents.io/created-at": strconv.FormatInt(f.now.Unix(), 10), "kgents.io/code-hash": fmt.Sprintf("%016x", f.rng.Uint64())},
				[]string{"done", ""}[i], "python:3.12-slim", i)
		}
		for range min(3*len(f.agents), 300) {
			r.jobs <- f.agentEvent(f.anyAgent())
		}
		for _, p := range f.props[:min(len(f.props), 10)] {
			r.jobs <- f.event(home, "Proposal", "kgents.io/v1", name(p), "Normal", "Logging", "Timer 'expire_proposal' succeeded.", "kopf", 1)
		}
		if len(f.props) > 0 {
			r.jobs <- f.event(home, "Proposal", "kgents.io/v1", name(f.props[0]), "Warning", "ReviewOverdue", "no review for 40 minutes", "proposal-operator", 1)
		}
	}
	if err := r.finish(); err != nil {
		return err
	}
	made := r.done.Load()

	// pods come from the controllers: give them a moment, then say what
	// kubelets would have said about them
	var live []M
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(300 * time.Millisecond) {
		before := len(live)
		live = live[:0]
		settled := true
		if err := c.list("/api/v1/pods", func(p M) {
			live = append(live, p)
			spec, _ := p["spec"].(M)
			status, _ := p["status"].(M)
			if spec["nodeName"] != nil && status["podIP"] == nil {
				settled = false
			}
		}); err != nil {
			return err
		}
		if settled && len(live) > 0 && len(live) == before {
			break
		}
	}
	r = run(c, workers)
	for _, p := range live {
		notes, _ := meta(p)["annotations"].(M)
		spec, _ := p["spec"].(M)
		switch notes["terrarium-lab/trouble"] {
		case "crashloop":
			r.jobs <- f.event(space(p), "Pod", "v1", name(p), "Warning", "BackOff", "Back-off restarting failed container d-gent in pod "+name(p), "kubelet", 5+f.rng.IntN(60))
		case "oom":
			r.jobs <- f.event(space(p), "Pod", "v1", name(p), "Warning", "OOMKilling", "Memory cgroup out of memory: killed process 41 (python)", "kernel-monitor", 14)
		case "imagepull":
			r.jobs <- f.event(space(p), "Pod", "v1", name(p), "Warning", "Failed", "Error: ImagePullBackOff", "kubelet", 9)
		default:
			if spec["nodeName"] == nil {
				r.jobs <- f.event(space(p), "Pod", "v1", name(p), "Warning", "FailedScheduling", "0/3 nodes are available: 3 Insufficient memory.", "default-scheduler", 3)
			} else if f.rng.IntN(2) == 0 {
				r.jobs <- f.event(space(p), "Pod", "v1", name(p), "Normal", "Started", "Started container "+first(spec), "kubelet", 1)
			}
		}
	}
	for i := len(live); i < pods; i++ {
		genus := pick(f.rng, genera)
		obj := podSpec(genus, "python:3.12-slim", false, i%3)
		obj["containers"].(S)[0].(M)["resources"] = M{"limits": M{"cpu": "10m", "memory": "32Mi"}}
		r.jobs <- job{path: core(home, "pods"), obj: M{"apiVersion": "v1", "kind": "Pod",
			"metadata": M{"name": fmt.Sprintf("%s-gent-bulk-%d", strings.ToLower(genus), i), "namespace": home, "labels": labels(genus)},
			"spec":     obj}}
	}
	if err := r.finish(); err != nil {
		return err
	}
	fmt.Printf("seed: %d workloads and events, %d pods in %.1f s\n", made+r.done.Load(), max(len(live), pods), time.Since(began).Seconds())
	return nil
}

// numbers parses flags wherever they stand and returns the plain numbers.
func numbers(fs *flag.FlagSet, args []string, most int) ([]float64, error) {
	var out []float64
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return out, nil
		}
		v, err := strconv.ParseFloat(fs.Arg(0), 64)
		if err != nil || v < 0 || len(out) == most {
			return nil, errors.New("not understood: " + fs.Arg(0))
		}
		out = append(out, v)
		args = fs.Args()[1:]
	}
}

// first is the name of a pod's first container.
func first(spec M) string {
	boxes, _ := spec["containers"].(S)
	if len(boxes) == 0 {
		return ""
	}
	box, _ := boxes[0].(M)
	nm, _ := box["name"].(string)
	return nm
}
