"""A scripted FalkorDB: answers what terrarium asks of a graph, and misbehaves
where a test says so."""

import socket
import threading
import time

LABELS, TYPES, FINDINGS, WRITES = "RETURN labels(n)[0] AS l", "RETURN type(r) AS t,", "MATCH (f:Finding)", "IS NOT NULL"


def bulk(text):
    raw = text.encode() if isinstance(text, str) else text
    return b"$%d\r\n%s\r\n" % (len(raw), raw)


def rows(columns, *lines):
    """A verbose answer: numbers, texts and None in rows."""
    cell = lambda v: b"$-1\r\n" if v is None else b":%d\r\n" % v if isinstance(v, int) else bulk(v)
    body = b"".join(b"*%d\r\n" % len(line) + b"".join(map(cell, line)) for line in lines)
    return b"*3\r\n*%d\r\n" % columns + bulk("c") * columns + b"*%d\r\n" % len(lines) + body + b"*0\r\n"


class Redis:
    """faults: word or part of a query -> what is done instead of answering: bytes to be sent, or a function of the
    connection. What a function returns is not looked at; the connection ends with it."""

    def __init__(self, password=None):
        self.password, self.faults, self.nodes, self.findings = password, {}, 5, 2
        self.commands, self.open, self.stopped = [], set(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = "redis://127.0.0.1:%d" % self.port
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            self.open.add(s)
            threading.Thread(target=self.talk, args=(s,), daemon=True).start()

    def talk(self, s):
        try:
            with s, s.makefile("rb") as f:
                while self.command(s, f):
                    pass
        except (OSError, ValueError):
            pass
        self.open.discard(s)

    def command(self, s, f):
        line = f.readline()
        if not line.startswith(b"*"):
            return False
        words = []
        for _ in range(int(line[1:])):
            words.append(f.read(int(f.readline()[1:]) + 2)[:-2].decode(errors="replace"))
        self.commands.append(words)
        said = " ".join(words)
        for part, fault in list(self.faults.items()):
            if part in said:
                if callable(fault):
                    fault(s)
                    return False
                s.sendall(fault)
                return True
        s.sendall(self.answer(words, said))
        return True

    def answer(self, words, said):
        if words[0] == "AUTH":
            good = self.password is not None and words[-1] == self.password
            return b"+OK\r\n" if good else b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
        if words[0] == "INFO":
            return bulk("module:name=graph,ver=41603\r\n")
        if words[0] == "TIME":
            return b"*2\r\n" + bulk("%d" % time.time()) + bulk("0")
        if LABELS in said:
            return rows(2, ["Concept", self.nodes - self.findings], ["Finding", self.findings])
        if TYPES in said:
            return rows(2, ["MENTIONS", 3])
        if FINDINGS in said:
            return rows(8, *[[i, "finding %d" % i, "0.9", None, None, None, None, None]
                             for i in range(self.findings)])
        if "$about" in said:
            return rows(7, [1, "Finding", "evidence of it", "agent:a", None, None, "0.5"])
        if words[0] == "GRAPH.RO_QUERY":
            return rows(6)
        return b"+OK\r\n"

    def hang(self, s):
        self.stopped.wait()

    def flood(self, head, chunk=b"x" * 65536):
        """Announces something, and goes on for as long as it is read."""
        def run(s):
            s.sendall(head)
            while not self.stopped.is_set():
                s.sendall(chunk)
        return run

    def drop(self):
        for s in list(self.open):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.stopped.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.drop()
