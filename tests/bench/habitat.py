#!/usr/bin/env python3
"""Measures the habitat's bounds, prints a table.

habitat.py BINARY
  ONLY=NAME,...  only these of: memory wakeups events commands screen flood busy

Everything lives in a folder of its own and is ended. Nothing here passes or
fails: a machine that is busy is slower.
"""
import fcntl, http.client, json, multiprocessing, os, pty, select, shutil, signal, socket, struct, subprocess, sys, tempfile, termios, threading, time

BINARY = os.path.abspath(sys.argv[1])
DIR = tempfile.mkdtemp(prefix="th-")
SOCKET = os.path.join(DIR, "run", "habitat.sock")
ENV = {k: v for k, v in os.environ.items() if k in ("PATH", "TERMINFO", "TERMINFO_DIRS")}
ENV.update(HOME=DIR, XDG_STATE_HOME=DIR, TERRARIUM_HABITAT=DIR, TERM="xterm-256color", LANG="C.UTF-8")


def row(what, bound, got, beside=""):
    print(f"{what:<52} {bound:>16} {got:>20}   {beside}", flush=True)


class Unix(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(SOCKET)


def ask(method, path, body=None, connection=None):
    c = connection or Unix("habitat", timeout=30)
    c.request(method, path, None if body is None else json.dumps(body))
    r = c.getresponse()
    text = r.read()
    if connection is None:
        c.close()
    return r.status, json.loads(text) if text else None


def t(*args, **env):
    return subprocess.run([BINARY, *args], env={**ENV, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def spawn(name, *argv):
    status, answer = ask("POST", "/api/v1/agents", {"task": name, "argv": list(argv), "dir": DIR, "environ": [f"{k}={v}" for k, v in ENV.items()]})
    assert status == 201, answer
    return answer


def agents():
    return ask("GET", "/api/v1/agents")[1]["agents"]


def clear():
    for _ in range(200):
        rows = agents()
        if not rows:
            return
        for a in rows:
            ask("DELETE", "/api/v1/agents/" + a["name"], {"grace_ms": 0})
        time.sleep(0.02)


def daemon():
    with open(os.path.join(DIR, "habitat.pid"), encoding="ascii") as f:
        return int(f.read())


def field(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        for line in f:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    return 0


def cpu(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        parts = f.read().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p))]


def timed(*args):
    began = time.monotonic()
    done = t(*args)
    assert done.returncode == 0, done.stderr
    return (time.monotonic() - began) * 1000


class Console:
    """terrarium on a pseudo-terminal of 140×40 cells, read all the time."""

    def __init__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(BINARY, [BINARY, "--habitat", "--no-picture"], ENV)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))

    def read(self, seconds, until=None):
        end, got = time.monotonic() + seconds, b""
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.005)[0]:
                got += os.read(self.fd, 1 << 16)
                if until and until in got:
                    return time.monotonic()
        return None

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        try:
            while os.read(self.fd, 1 << 16):
                pass
        except OSError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def silent(n):
    for i in range(n):
        spawn(f"silent-{i}", "sleep", "3600")
    time.sleep(1)


def memory():
    silent(50)
    holders = [a["process"]["holder"] for a in agents()]
    each = [field(p, "RssAnon") for p in holders]
    all_kb = field(daemon(), "RssAnon") + sum(each)
    row("private memory, daemon and holders, 50 agents", "<= 20 MB", f"{all_kb / 1024:.1f} MB", f"daemon {field(daemon(), 'RssAnon') / 1024:.1f} MB")
    row("an idle holder, private", "<= 150 KB", f"{sum(each) / len(each):.0f} KB", f"resident {field(holders[0], 'VmRSS')} KB")
    clear()


def wakes(seconds):
    before = field(daemon(), "voluntary_ctxt_switches")
    time.sleep(seconds)
    return (field(daemon(), "voluntary_ctxt_switches") - before) / seconds


def wakeups():
    silent(10)
    time.sleep(2)
    row("wake-ups of the daemon, silent agents, no stream", "0 /s", f"{wakes(20):.2f} /s", "20 s")
    console = Console()
    console.read(3)
    stop = threading.Event()
    reader = threading.Thread(target=lambda: [console.read(0.5) for _ in iter(stop.is_set, True)])
    reader.start()
    row("the same with one console", "<= 0.2 /s", f"{wakes(40):.2f} /s", "40 s")
    stop.set()
    reader.join()
    console.end()
    clear()


BATCH = json.dumps({"events": [{"action": "message.completed", "category": "agent_activity", "detail": "a thought of a usual length, such as they are", "attrs": {"kind": "said"}}] * 100})


def poster(i, until, counts):
    """Below the limit, so that it is not the limit that is measured."""
    c = Unix("habitat", timeout=30)
    while time.monotonic() < until:
        began = time.monotonic()
        c.request("POST", f"/api/v1/agents/poster-{i}/events", BATCH)
        r = c.getresponse()
        r.read()
        if r.status == 202:
            counts[i] += 100
        else:
            counts[4] += 1
        time.sleep(max(0, began + 0.045 - time.monotonic()))
    c.close()


def events():
    seconds = 6
    until, counts = time.monotonic() + seconds, multiprocessing.Array("q", 5)
    posters = [multiprocessing.Process(target=poster, args=(i, until, counts)) for i in range(4)]
    for p in posters:
        p.start()
    times, answers, c = [], [], Unix("habitat", timeout=30)
    while time.monotonic() < until:
        times.append(timed("say", "--as", "sayer", "a word"))
        began = time.monotonic()
        ask("POST", "/api/v1/agents/sayer/events", {"events": [{"detail": "a word"}]}, c)
        answers.append((time.monotonic() - began) * 1000)
        time.sleep(0.02)
    c.close()
    for p in posters:
        p.join()
    row("events accepted and on the disk", ">= 5000 /s", f"{sum(counts[:4]) / seconds:.0f} /s", f"the limit is 10000 /s; {counts[4]} times 429")
    row("say meanwhile, p99", "<= 20 ms", f"{percentile(times, .99):.1f} ms", f"median {percentile(times, .5):.1f}, {len(times)} times")
    row("of that the habitat's answer, p99", "", f"{percentile(answers, .99):.1f} ms", f"median {percentile(answers, .5):.1f}")


def commands():
    for args in (("say", "--as", "a", "a word"), ("deposit", "--as", "a", "WARNING", "0.5", "words"), ("propose", "--as", "a", "to do it")):
        times = [timed(*args) for _ in range(60)]
        row(f"{args[0]}, daemon up, p99", "<= 20 ms", f"{percentile(times, .99):.1f} ms", f"median {percentile(times, .5):.1f}")
    times = [timed("--version") for _ in range(60)]
    row("terrarium --version, for comparison", "", f"{percentile(times, .99):.1f} ms", f"median {percentile(times, .5):.1f}")
    for args in (("say", "--as", "a", "a word"), ("deposit", "--as", "a", "WARNING", "0.5"), ("propose", "--as", "a", "to do it")):
        times = []
        for _ in range(10):
            t("habitat", "stop")
            times.append(timed(*args))
        row(f"{args[0]}, daemon started by it, slowest of 10", "<= 100 ms", f"{max(times):.1f} ms", f"median {percentile(times, .5):.1f}")


def screen():
    console = Console()
    console.read(2)
    times = []
    for i in range(12):
        # no letter where the mark before had the same: only what changed is
        # sent; and not in the command, which is on the screen earlier
        mark = "".join(chr(65 + (i * 7 + k * 3) % 26) for k in range(12))
        said = "".join(chr(65 + (ord(c) - 65 + 13) % 26) for c in mark)
        began = time.monotonic()
        spawning = subprocess.Popen([BINARY, "spawn", "--name", f"quick-{i}", "--", "sh", "-c", f"echo {said} | tr A-Z N-ZA-M; sleep 60"], env=ENV, stdout=subprocess.DEVNULL)
        seen = console.read(5, mark.encode())
        spawning.wait()
        times.append((seen - began) * 1000 if seen else 5000)
        console.read(0.35)
    row("spawn to the first line on the screen, p90", "<= 100 ms", f"{percentile(times, .9):.0f} ms", f"median {percentile(times, .5):.0f}")
    console.end()
    clear()


def lags(seconds):
    """How late a line of `clock` comes out of the stream, in ms."""
    c = Unix("habitat", timeout=10)
    c.request("GET", "/api/v1/events/stream?last=0")
    r, ret = c.getresponse(), []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        line = r.readline()
        if line.startswith(b"data: ") and b'"Task":"clock"' in line:
            said = json.loads(line[6:])["Detail"]
            if said.isdigit():
                ret.append((time.time_ns() - int(said)) / 1e6)
    c.close()
    return ret


def flood():
    spawn("clock", "sh", "-c", "while :; do date +%s%N; sleep 0.05; done")
    time.sleep(0.5)
    quiet = lags(4)
    spawn("flood", "sh", "-c", "yes 'a line that nobody will ever read, again and again'")
    time.sleep(2)
    before, at = cpu(daemon()), time.monotonic()
    loud = lags(6)
    used = (cpu(daemon()) - before) / (time.monotonic() - at) * 100
    row("a line to the stream, p99", "<= 100 ms", f"{percentile(quiet, .99):.0f} ms", f"median {percentile(quiet, .5):.0f}")
    row("the same beside an agent that floods", "<= 100 ms", f"{percentile(loud, .99):.0f} ms", f"median {percentile(loud, .5):.0f}; daemon CPU {used:.0f} %")
    times = [timed("say", "--as", "a", "a word") for _ in range(40)]
    row("say beside an agent that floods, p99", "<= 20 ms", f"{percentile(times, .99):.1f} ms", f"median {percentile(times, .5):.1f}")
    clear()


def busy():
    p = subprocess.Popen([BINARY, "practice", "--agents", "50", "--rate", "100"], env={**ENV, "TMPDIR": DIR}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    folder = os.path.dirname(os.path.dirname(p.stdout.readline().split()[-1]))
    with open(os.path.join(folder, "habitat.pid"), encoding="ascii") as f:
        pid = int(f.read())
    time.sleep(2)
    before = cpu(pid)
    time.sleep(10)
    row("daemon CPU, practice of 50 agents, 100 lines/s", "", f"{(cpu(pid) - before) * 10:.1f} %", f"private {field(pid, 'RssAnon') / 1024:.1f} MB")
    p.send_signal(signal.SIGTERM)
    p.wait()


def main():
    only = os.environ.get("ONLY", "").split(",")
    t("habitat", "start")
    try:
        for f in (memory, wakeups, events, commands, screen, flood, busy):
            if only == [""] or f.__name__ in only:
                f()
    finally:
        if not os.path.exists(SOCKET):
            t("habitat", "start")
        clear()
        t("habitat", "stop")
        shutil.rmtree(DIR, ignore_errors=True)


if __name__ == "__main__":
    main()
