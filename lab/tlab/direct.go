package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Large fleets go to etcd directly, in the form in which the API server
// stores custom resources, through etcd's JSON gateway. The server learns of
// them by its own watch. Besides being many times faster this is the only way
// to objects that are older than the lab.

const (
	batchOps   = 100     // etcd takes 128 operations in one transaction
	batchBytes = 1 << 20 // and 1.5 MiB
)

type keyValue struct {
	key   string
	value []byte
}

type direct struct {
	url  string
	http *http.Client
	now  time.Time
	put  chan keyValue
	wg   sync.WaitGroup
	mu   sync.Mutex
	err  error
	n    int64
}

func openDirect(dir string, now time.Time, workers int) (*direct, error) {
	set, err := settings(dir)
	if err != nil {
		return nil, err
	}
	d := &direct{url: "http://127.0.0.1:" + set["PORT_ETCD"] + "/v3/kv/txn", now: now, put: make(chan keyValue, 4*batchOps),
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}}
	for range workers {
		d.wg.Add(1)
		go d.work()
	}
	return d, nil
}

func (d *direct) work() {
	defer d.wg.Done()
	var ops []any
	size := 0
	flush := func() {
		if len(ops) == 0 {
			return
		}
		body, _ := json.Marshal(M{"success": ops})
		err := d.send(body)
		d.mu.Lock()
		if err != nil {
			d.err = err
		} else {
			d.n += int64(len(ops))
		}
		d.mu.Unlock()
		ops, size = nil, 0
	}
	for kv := range d.put {
		enc := base64.StdEncoding
		if size+len(kv.value) > batchBytes {
			flush()
		}
		ops = append(ops, M{"requestPut": M{"key": enc.EncodeToString([]byte(kv.key)), "value": enc.EncodeToString(kv.value)}})
		if size += len(kv.value); len(ops) >= batchOps {
			flush()
		}
	}
	flush()
}

func (d *direct) send(body []byte) error {
	resp, err := d.http.Post(d.url, kindJSON, bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != 200 {
		err = fmt.Errorf("etcd answers %s: %.300s", resp.Status, text)
	}
	return err
}

// one stores a custom resource of kgents.io as the server would have.
func (d *direct) one(j job) error {
	m := meta(j.obj)
	kind := strings.TrimPrefix(j.path, "/apis/kgents.io/v1/namespaces/"+space(j.obj)+"/")
	key := "/registry/kgents.io/" + kind + "/" + space(j.obj) + "/" + name(j.obj)
	made := d.now.Add(-j.age).UTC().Format(time.RFC3339)
	sum := sha256.Sum256([]byte(key))
	m["uid"] = fmt.Sprintf("%x-%x-4%x-8%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])[:36]
	m["creationTimestamp"], m["generation"] = made, 1
	if j.end {
		m["deletionTimestamp"], m["deletionGracePeriodSeconds"] = d.now.UTC().Format(time.RFC3339), 0
	}
	notes := M{}
	if m["annotations"] != nil {
		notes["f:metadata"] = M{"f:annotations": fields(m["annotations"], true)}
	}
	notes["f:spec"] = fields(j.obj["spec"], true)
	owners := S{M{"apiVersion": "kgents.io/v1", "fieldsType": "FieldsV1", "fieldsV1": notes, "manager": "tlab", "operation": "Update", "time": made}}
	obj := M{"apiVersion": "kgents.io/v1", "kind": j.obj["kind"], "metadata": m, "spec": j.obj["spec"]}
	if j.status != nil {
		obj["status"] = j.status
		owners = append(owners, M{"apiVersion": "kgents.io/v1", "fieldsType": "FieldsV1", "fieldsV1": M{"f:status": fields(j.status, true)},
			"manager": "tlab", "operation": "Update", "subresource": "status", "time": made})
	}
	m["managedFields"] = owners
	value, err := json.Marshal(obj)
	if err != nil {
		return err
	}
	d.put <- keyValue{key, append(value, '\n')}
	return nil
}

// fields is the set of field paths below v, lists being taken whole.
func fields(v any, top bool) M {
	out := M{}
	if m, ok := v.(M); ok {
		if top && len(m) > 0 {
			out["."] = M{}
		}
		for k, x := range m {
			out["f:"+k] = fields(x, true)
		}
	}
	return out
}

func (d *direct) finish() (int64, error) {
	close(d.put)
	d.wg.Wait()
	return d.n, d.err
}
