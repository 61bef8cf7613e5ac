package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// M is a JSON object, S a JSON array.
type M = map[string]any
type S = []any

type client struct {
	base, token, dir string
	http             *http.Client
}

// settings reads the NAME=VALUE lines that scripts/lab keeps.
func settings(dir string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "lab.env"))
	if err != nil {
		return nil, fmt.Errorf("no lab in %s: %w", dir, err)
	}
	set := map[string]string{}
	for _, line := range strings.Split(string(text), "\n") {
		if name, value, ok := strings.Cut(line, "="); ok {
			set[name] = value
		}
	}
	return set, nil
}

// dial makes a client that spreads over up to conns HTTP/1.1 connections.
func dial(dir string, conns int) (*client, error) {
	set, err := settings(dir)
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(dir, "pki/ca.crt"))
	if err != nil {
		return nil, err
	}
	token, err := os.ReadFile(filepath.Join(dir, "pki/admin.token"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	return &client{
		base:  "https://127.0.0.1:" + set["PORT_API"],
		token: strings.TrimSpace(string(token)),
		dir:   dir,
		http: &http.Client{Transport: &http.Transport{
			TLSClientConfig:     &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
			TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
			MaxIdleConns:        conns,
			MaxIdleConnsPerHost: conns,
			MaxConnsPerHost:     conns,
			DisableCompression:  true,
		}},
	}, nil
}

type apiError struct {
	code int
	text string
}

func (e *apiError) Error() string { return fmt.Sprintf("%d: %s", e.code, e.text) }

func code(err error) int {
	var e *apiError
	if errors.As(err, &e) {
		return e.code
	}
	return 0
}

func (c *client) open(ctx context.Context, method, path, kind string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "tlab")
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	return c.http.Do(req)
}

// call sends once and again while the server is busy; a nil into discards.
func (c *client) call(method, path, kind string, body any, into any) error {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return err
		}
	}
	var last error
	for attempt := 0; attempt < 8; attempt++ {
		if attempt > 0 {
			time.Sleep(time.Duration(50<<attempt) * time.Millisecond)
		}
		resp, err := c.open(context.Background(), method, path, kind, raw)
		if err != nil {
			last = err
			continue
		}
		answer, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			last = err
			continue
		}
		if resp.StatusCode < 300 {
			if into != nil {
				return json.Unmarshal(answer, into)
			}
			return nil
		}
		var status struct{ Message string }
		json.Unmarshal(answer, &status) //nolint:errcheck
		if status.Message == "" {
			status.Message = string(answer)
		}
		last = &apiError{resp.StatusCode, method + " " + path + ": " + status.Message}
		if resp.StatusCode != 429 && resp.StatusCode < 500 {
			return last
		}
		if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s < 10 {
			time.Sleep(time.Duration(s) * time.Second)
		}
	}
	return last
}

const (
	kindJSON  = "application/json"
	kindMerge = "application/merge-patch+json"
)

func (c *client) get(path string, into any) error { return c.call("GET", path, "", nil, into) }
func (c *client) post(path string, obj any) error { return c.call("POST", path, kindJSON, obj, nil) }
func (c *client) merge(path string, patch any) error {
	return c.call("PATCH", path, kindMerge, patch, nil)
}
func (c *client) remove(path string) error { return c.call("DELETE", path, "", nil, nil) }

// list walks a collection page by page.
func (c *client) list(path string, each func(M)) error {
	cont, sep := "", "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	for {
		var page struct {
			Metadata struct{ Continue string }
			Items    []M
		}
		p := path + sep + "limit=2000"
		if cont != "" {
			p += "&continue=" + cont
		}
		if err := c.get(p, &page); err != nil {
			return err
		}
		for _, item := range page.Items {
			each(item)
		}
		if cont = page.Metadata.Continue; cont == "" {
			return nil
		}
	}
}

func kgents(ns, plural string, rest ...string) string {
	return "/apis/kgents.io/v1/namespaces/" + ns + "/" + plural + tail(rest)
}

func core(ns, plural string, rest ...string) string {
	return "/api/v1/namespaces/" + ns + "/" + plural + tail(rest)
}

func tail(rest []string) string {
	if len(rest) == 0 {
		return ""
	}
	return "/" + strings.Join(rest, "/")
}

func meta(obj M) M {
	m, _ := obj["metadata"].(M)
	return m
}

func name(obj M) string {
	s, _ := meta(obj)["name"].(string)
	return s
}

func space(obj M) string {
	s, _ := meta(obj)["namespace"].(string)
	return s
}

// waitReady DIR SECONDS polls /readyz.
func waitReady(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: tlab wait DIR SECONDS")
	}
	limit, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	c, err := dial(args[0], 2)
	if err != nil {
		return err
	}
	var last error
	for end := time.Now().Add(time.Duration(limit) * time.Second); time.Now().Before(end); {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		resp, err := c.open(ctx, "GET", "/readyz", "", nil)
		if err == nil {
			io.Copy(io.Discard, resp.Body) //nolint:errcheck
			resp.Body.Close()
			if resp.StatusCode == 200 {
				cancel()
				return nil
			}
			err = fmt.Errorf("readyz answers %d", resp.StatusCode)
		}
		cancel()
		last = err
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("the API server is not ready after %d s: %v", limit, last)
}
