#!/usr/bin/env python3
"""Measures the bounds beside curl and kubectl, prints a table.

bench.py BINARY LAB_DIR [SIZE...]   sizes in agents; default 1000 10000
  SOAK=SECONDS   how long the soak is; default 120
  ONLY=NAME,...  only these of: first steady sizes lists keys outage soak kubectl tether

Each row: what, the bound, what was measured, and by what it is to be judged.
Nothing here passes or fails: a machine that is busy is slower.
"""
import fcntl, json, os, pty, re, select, signal, struct, subprocess, sys, termios, time

from raw_exec import RawExec

BINARY, LAB = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SIZES = [int(a) for a in sys.argv[3:]] or [1000, 10000]
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONFIG = os.path.join(LAB, "admin.kubeconfig")
ENV = dict(os.environ, TERRARIUM_LAB_DIR=LAB, KUBECONFIG=CONFIG, TERM="xterm-256color", LANG="C.UTF-8",
           XDG_STATE_HOME=os.path.join(LAB, "bench-state"))
ENV.pop("COLORTERM", None)
ROWS = []


def row(what, bound, got, beside=""):
    ROWS.append((what, bound, got, beside))
    print(f"{what:<52} {bound:>16} {got:>20}   {beside}", flush=True)


def lab(*args):
    return subprocess.run([os.path.join(TOP, "scripts/lab"), *args], env=ENV, check=True, capture_output=True, text=True)


class Console:
    """terrarium on a pseudo-terminal of w×h cells."""

    def __init__(self, *args, w=120, h=40):
        self.start = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(BINARY, [BINARY, *args], ENV)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", h, w, 0, 0))
        self.bytes, self.first, self.peak = 0, None, 0

    def read(self, secs, until=None):
        """Reads for so long, or until the bytes match; returns what came."""
        end, got = time.monotonic() + secs, b""
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.02)[0]:
                try:
                    data = os.read(self.fd, 1 << 16)
                except OSError:
                    break
                if self.first is None:
                    self.first = time.monotonic() - self.start
                self.bytes += len(data)
                got += data
                if until and until in got:
                    break
            self.peak = max(self.peak, self.status("RssAnon"))
        return got

    def quiet(self, gap):
        """Reads until nothing came for `gap` seconds."""
        while select.select([self.fd], [], [], gap)[0]:
            data = os.read(self.fd, 1 << 16)
            self.bytes += len(data)

    def status(self, field):
        try:
            with open(f"/proc/{self.pid}/status") as f:
                return int(re.search(field + r":\s+(\d+)", f.read()).group(1))
        except (OSError, AttributeError):
            return 0

    def cpu(self):
        with open(f"/proc/{self.pid}/stat") as f:
            parts = f.read().rsplit(")", 1)[1].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    def key(self, key):
        """Milliseconds from writing the key to the last byte of its frame."""
        at = time.monotonic()
        os.write(self.fd, key)
        last = None
        while True:
            if not select.select([self.fd], [], [], 0.03 if last else 2)[0]:
                break
            self.bytes += len(os.read(self.fd, 1 << 16))
            last = time.monotonic()
            if last - at > 0.05:  # data goes on by itself
                break
        return (last - at) * 1000 if last else float("inf")

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        self.read(2)
        os.waitpid(self.pid, 0)


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p))]


def server():
    with open(CONFIG) as f:
        text = f.read()
    return re.search(r"server: (\S+)", text).group(1), re.search(r"token: (\S+)", text).group(1)


def download(path):
    url, token = server()
    out = subprocess.run(["curl", "-sk", "-A", "bench/1", "-H", f"Authorization: Bearer {token}", url + path, "-o", "/dev/null",
                          "-w", "%{time_total} %{size_download}"], capture_output=True, text=True, check=True).stdout.split()
    return float(out[0]), int(out[1])


def first_frame():
    times = []
    for _ in range(9):
        c = Console("-A")
        c.read(1, until=b"\x1b")
        times.append(c.first * 1000)
        c.end()
    row("first frame, from exec", "<= 15 ms", f"{percentile(times, .5):.1f} ms", f"of 9: {min(times):.1f} to {max(times):.1f}")


def sizes():
    limits = {1000: (5, 20), 10000: (25, 40), 100000: (220, 235)}
    for n in SIZES:
        lab("seed", str(n), "--crs-only")
        c = Console("-A", "--no-picture")
        c.read(4 + n / 1500)
        anon, total = limits.get(n, ("-", "-"))
        row(f"{n} agents: private memory, peak", f"<= {anon} MB", f"{c.peak / 1024:.1f} MB")
        row(f"{n} agents: resident", f"<= {total} MB", f"{c.status('VmRSS') / 1024:.1f} MB")
        c.end()
        raw = [download(p + "?resourceVersion=0") for p in ("/apis/kgents.io/v1/agents",) for _ in range(3)]
        best = min(r[0] for r in raw)
        at = time.monotonic()
        out = subprocess.run([BINARY, "snapshot", "-A", "--wait", "200s"], env=ENV,
                             capture_output=True)
        took = time.monotonic() - at
        row(f"{n} agents (all kinds) to a snapshot", "-", f"{took:.2f} s", f"curl, agents alone: {best:.2f} s, {raw[0][1] / 1e6:.1f} MB")
        assert out.returncode in (0, 1), out


def kubectl():
    at = time.monotonic()
    p = subprocess.run(["/usr/bin/env", "bash", os.path.join(TOP, "scripts/lab"), "kubectl", "get", "agents.kgents.io", "-A"], env=ENV,
                       capture_output=True)
    row("kubectl get agents -A, same server", "-", f"{time.monotonic() - at:.2f} s", f"{len(p.stdout.splitlines())} lines")


def lists(n):
    """From exec until all agents are read, by an account that may read nothing else, beside curl with the same request.

    The program's time holds its start, discovery and the refusals of the other kinds; curl's holds its start only."""
    lab("seed", str(n), "--crs-only")
    for what in (("clusterrole", "bench-agents", "--verb=get,list,watch", "--resource=agents.kgents.io"),
                 ("clusterrolebinding", "bench-agents", "--clusterrole=bench-agents", "--user=nobody-else")):
        subprocess.run([os.path.join(TOP, "scripts/lab"), "kubectl", "create", *what], env=ENV, capture_output=True)
    config = os.path.join(LAB, "nobody-else.kubeconfig")
    with open(config) as f:
        token = re.search(r"token: (\S+)", f.read()).group(1)
    raw, own = [], []
    for _ in range(7):
        at = time.monotonic()
        subprocess.run(["curl", "-skf", "-A", "bench/1", "-H", f"Authorization: Bearer {token}",
                        server()[0] + "/apis/kgents.io/v1/agents?resourceVersion=0", "-o", "/dev/null"], check=True)
        raw.append(time.monotonic() - at)
        at = time.monotonic()
        out = subprocess.run([BINARY, "doctor", "-A", "--wait=60s", "--kubeconfig=" + config], env=ENV, capture_output=True, text=True)
        own.append(time.monotonic() - at)
        assert f"{n} objects in 1 lists" in out.stdout, out.stdout
    raw, own = sorted(raw)[3], sorted(own)[3]
    row(f"{n} agents of one kind, from exec to the full list", "<= 1.1 x curl", f"{own / raw:.2f} x, {own:.2f} s", f"curl {raw:.2f} s; medians of 7")


def turns(n):
    out = subprocess.run([BINARY, "doctor", "-A", "--wait=60s"], env=ENV, capture_output=True, text=True).stdout
    m = re.search(r"keys waiting ([\d.]+) ms", out)
    row(f"{n} agents: longest turn of reading, lists included", "<= 2 ms", f"{m.group(1) if m else '?'} ms")


def outage():
    """In tmux, since only an emulator knows what stands on the screen."""
    lab("seed", "1000")
    name = f"bench-{os.getpid()}"
    tmux = lambda *args: subprocess.run(["tmux", "-L", name, "-f", "/dev/null", *args], env=ENV, capture_output=True, text=True).stdout
    live = lambda: "● live" in tmux("capture-pane", "-p").split("\n")[0]
    tmux("new-session", "-d", "-x", "140", "-y", "40", f"'{BINARY}' -A --no-picture")
    time.sleep(8)
    assert live()
    lab("kill", "apiserver")
    time.sleep(12)
    assert not live()
    starter = subprocess.Popen([os.path.join(TOP, "scripts/lab"), "start", "apiserver"], env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url, token = server()
    while subprocess.run(["curl", "-skf", "-o", "/dev/null", "-H", f"Authorization: Bearer {token}",
                          url + "/apis/kgents.io/v1/agents?limit=1"]).returncode:
        time.sleep(0.05)
    at = last = time.monotonic()
    since = None
    while last - at < 30 and (since is None or last - since < 3):  # live, and it stays so
        last = time.monotonic()
        since = (since or last) if live() else None
        time.sleep(0.03)
    row("outage of 12 s: live for good after the server answers", "<= 5 s", f"{since - at:.1f} s" if since else "not in 30 s",
        "the server killed and started; from its first answered list")
    starter.wait()
    tmux("kill-server")


def soak():
    secs = int(os.environ.get("SOAK", "120"))
    lab("seed", "1000")
    c = Console("-A", "--no-picture")
    storm = subprocess.Popen([os.path.join(TOP, "scripts/lab"), "storm", "200", str(secs), "--same-size"], env=ENV, stdout=subprocess.DEVNULL)
    c.read(30)
    marks = []
    for _ in range(8):
        c.read((secs - 35) / 8)
        marks.append(c.status("RssAnon") / 1024)
    half = len(marks) // 2
    rise = (sum(marks[half:]) - sum(marks[:half])) / half / ((secs - 35) / 2 / 60)
    row(f"soak, 200 changes/s, {secs} s: private memory", "flat", f"{rise:+.2f} MB/min", " ".join(f"{m:.1f}" for m in marks))
    storm.wait()
    c.end()


def keys(n, rate):
    if n:
        lab("seed", str(n), "--crs-only")
    c = Console("-A", "--no-picture", w=140, h=40)
    c.read(8)
    storm = subprocess.Popen([os.path.join(TOP, "scripts/lab"), "storm", str(rate), "14", "--same-size"], env=ENV, stdout=subprocess.DEVNULL)
    c.read(1.5)
    times = []
    for i in range(120):
        times.append(c.key(b"j" if i % 40 < 20 else b"k"))
        c.read(0.05)
    storm.wait()
    row(f"key to screen, p99, {n} agents, storm of {rate}/s", "<= 16 ms", f"{percentile(times, .99):.1f} ms", f"median {percentile(times, .5):.1f}")
    c.end()


def steady():
    c = Console("-A", "--no-picture")
    c.read(8)
    storm = subprocess.Popen([os.path.join(TOP, "scripts/lab"), "storm", "100", "22"], env=ENV, stdout=subprocess.DEVNULL)
    c.read(3)
    cpu, sent, at = c.cpu(), c.bytes, time.monotonic()
    c.read(15)
    secs = time.monotonic() - at
    row("CPU, 100 changes/s, 120x40", "<= 1 %", f"{(c.cpu() - cpu) / secs * 100:.1f} %")
    row("bytes per change, 256 colours", "<= 200", f"{(c.bytes - sent) / secs / 100:.0f}", "log lines and clock included")
    storm.wait()
    c.end()
    c = Console("-A", "--no-clock", "--no-picture")
    c.read(8)
    c.quiet(3)
    sent, at = c.bytes, time.monotonic()
    c.read(20)
    row("at rest, --no-clock", "0 bytes/s", f"{(c.bytes - sent) / 20:.1f} bytes/s", "20 s; signals that end by themselves count")
    c.end()


def tether():
    """A key's echo through a shell in a pod, by turns ours and a bare client's."""
    lab("seed", "12")
    agents = json.loads(subprocess.run([BINARY, "snapshot", "-A", "--format", "json"], env=ENV, capture_output=True, check=False).stdout)["agents"]
    pods = json.loads(lab("kubectl", "get", "pods", "-A", "-o", "json").stdout)["items"]
    agent = next(a for a in agents if a["ready"] and a["genus"] and a["origin"] == "kgents")
    pod = next(p for p in pods if p["metadata"]["namespace"] == agent["namespace"] and p["metadata"]["name"].startswith(agent["genus"].lower() + "-gent-"))
    raw = RawExec(*server(), pod["metadata"]["namespace"], pod["metadata"]["name"], pod["spec"]["containers"][0]["name"],
                  ["/bin/sh", "-c", "exec bash --norc"])
    raw.until(b"$ " if os.getuid() else b"# ")
    c = Console("tether", agent["name"], "-n", agent["namespace"], "--kubeconfig", CONFIG, "--no-clock", "--no-picture")
    c.read(10, until=b"you type")
    c.read(1.5)
    ours, bare = [], []
    for i in range(400):
        at = time.monotonic()
        os.write(c.fd, b"x")
        while time.monotonic() - at < 2 and b"x" not in os.read(c.fd, 1 << 16):
            pass
        ours.append((time.monotonic() - at) * 1000)
        bare.append(raw.echo(b"x"))
        if i % 40 == 39:
            os.write(c.fd, b"\x15")
            c.read(0.2)
            raw.send(b"\x15")
            raw.message()
            time.sleep(0.1)
    adds = percentile(ours, .5) - percentile(bare, .5)
    row("tether echo beyond the server's own, median of 400", "<= 2 ms", f"{adds:.2f} ms",
        f"ours {percentile(ours, .5):.2f}, p99 {percentile(ours, .99):.2f}; bare {percentile(bare, .5):.2f}, p99 {percentile(bare, .99):.2f}")
    raw.close()
    c.end()


def main():
    only = os.environ.get("ONLY", "").split(",")
    want = lambda name: only == [""] or name in only
    if want("first"):
        first_frame()
    if want("steady"):
        lab("seed", "1000")
        steady()
    if want("outage"):
        outage()
    if want("soak"):
        soak()
    if want("sizes"):
        sizes()
    if want("lists"):
        lists(10000)
        turns(10000)
    if want("keys"):
        keys(10000, 1000)
    if want("kubectl"):
        kubectl()
    if want("tether"):
        tether()


if __name__ == "__main__":
    main()
