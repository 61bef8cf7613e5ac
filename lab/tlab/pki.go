package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	mrand "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// people of the lab: name, and the groups the token file puts them in.
var people = []struct{ name, group string }{
	{"admin", "system:masters"},
	{"viewer", "lab-viewers"},
	{"operator", "lab-operators"},
	{"nobody-else", ""},
}

type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func pemKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func template(cn string, orgs ...string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: cn, Organization: orgs},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	t := template("terrarium-lab")
	t.IsCA, t.BasicConstraintsValid = true, true
	t.KeyUsage |= x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, nil
}

func (a *authority) issue(t *x509.Certificate) (cert, key []byte, err error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, k.Public(), a.key)
	if err != nil {
		return nil, nil, err
	}
	key, err = pemKey(k)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), key, err
}

// makePKI DIR PORT writes keys, tokens and kubeconfigs, once.
func makePKI(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: tlab pki DIR PORT")
	}
	dir, server := args[0], "https://127.0.0.1:"+args[1]
	pki := filepath.Join(dir, "pki")
	if err := os.MkdirAll(pki, 0o700); err != nil {
		return err
	}
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	files := map[string][]byte{"pki/ca.crt": ca.pem}
	add := func(name string, t *x509.Certificate) error {
		cert, key, err := ca.issue(t)
		files["pki/"+name+".crt"], files["pki/"+name+".key"] = cert, key
		return err
	}
	loopback := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}

	api := template("kube-apiserver")
	api.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	api.IPAddresses = append(loopback, net.IPv4(10, 0, 0, 1))
	api.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}
	kubelet := template("lab-kubelet")
	kubelet.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	kubelet.IPAddresses = loopback
	kubelet.DNSNames = []string{"localhost", "node-0", "node-1", "node-2"}
	client := template("kube-apiserver-kubelet-client", "system:masters")
	client.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	admin := template("admin-by-certificate", "system:masters")
	admin.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	for name, t := range map[string]*x509.Certificate{
		"apiserver": api, "kubelet": kubelet, "kubelet-client": client, "admin": admin,
	} {
		if err := add(name, t); err != nil {
			return err
		}
	}

	sa, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if files["pki/sa.key"], err = pemKey(sa); err != nil {
		return err
	}
	pub, err := x509.MarshalPKIXPublicKey(sa.Public())
	if err != nil {
		return err
	}
	files["pki/sa.pub"] = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pub})

	var tokens strings.Builder
	for i, p := range people {
		raw := make([]byte, 20)
		if _, err := rand.Read(raw); err != nil {
			return err
		}
		token := hex.EncodeToString(raw)
		fmt.Fprintf(&tokens, "%s,%s,%d,%q\n", token, p.name, 1000+i, p.group)
		files["pki/"+p.name+".token"] = []byte(token + "\n")
		files[p.name+".kubeconfig"] = kubeconfig(server, ca.pem, p.name, "    token: "+token+"\n")
	}
	files["pki/tokens.csv"] = []byte(tokens.String())
	files["certificate.kubeconfig"] = kubeconfig(server, ca.pem, "certificate", fmt.Sprintf(
		"    client-certificate-data: %s\n    client-key-data: %s\n",
		base64.StdEncoding.EncodeToString(files["pki/admin.crt"]),
		base64.StdEncoding.EncodeToString(files["pki/admin.key"])))

	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func kubeconfig(server string, ca []byte, who, credentials string) []byte {
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: lab-%[1]s
clusters:
- name: lab
  cluster:
    server: %[2]s
    certificate-authority-data: %[3]s
users:
- name: lab-%[1]s
  user:
%[4]scontexts:
- name: lab-%[1]s
  context:
    cluster: lab
    user: lab-%[1]s
    namespace: kgents-agents
`, who, server, base64.StdEncoding.EncodeToString(ca), credentials)
}

// freePorts N prints N loopback ports nobody listens on. They lie below the
// range the kernel gives to outgoing connections: a client that retries while
// its server is down can then never be connected to itself.
func freePorts(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: tlab ports N")
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	low := 32768
	if text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range"); err == nil {
		if f := strings.Fields(string(text)); len(f) == 2 {
			if v, err := strconv.Atoi(f[0]); err == nil && v > 12000 {
				low = v
			}
		}
	}
	var held []net.Listener
	for tries := 0; len(held) < n && tries < 10000; tries++ {
		addr := "127.0.0.1:" + strconv.Itoa(10000+mrand.IntN(low-10000))
		if l, err := net.Listen("tcp", addr); err == nil {
			held = append(held, l)
		}
	}
	for _, l := range held {
		fmt.Println(l.Addr().(*net.TCPAddr).Port)
		l.Close()
	}
	if len(held) < n {
		return errors.New("no free ports")
	}
	return nil
}
