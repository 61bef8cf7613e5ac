"""A bare WebSocket client for exec, to measure beside: no library, no
terminal, one socket."""

import base64
import os
import socket
import ssl
import struct
import time
from urllib.parse import quote, urlsplit


class RawExec:
    def __init__(self, server, token, ns, pod, container, command):
        parts = urlsplit(server)
        query = "&".join(["stdin=true", "stdout=true", "tty=true",
                          f"container={container}"] +
                         ["command=" + quote(c) for c in command])
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        sock = socket.create_connection((parts.hostname, parts.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.s = context.wrap_socket(sock)
        self.left = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.s.sendall(
            (f"GET /api/v1/namespaces/{ns}/pods/{pod}/exec?{query} HTTP/1.1\r\n"
             f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
             "Upgrade: websocket\r\nConnection: Upgrade\r\n"
             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Protocol: v5.channel.k8s.io, v4.channel.k8s.io"
             "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.left:
            self.left += self.s.recv(4096)
        head, self.left = self.left.split(b"\r\n\r\n", 1)
        if b" 101 " not in head:
            raise RuntimeError(head.decode())

    def take(self, n):
        while len(self.left) < n:
            some = self.s.recv(65536)
            if not some:
                raise EOFError
            self.left += some
        got, self.left = self.left[:n], self.left[n:]
        return got

    def message(self):
        """The next binary message."""
        while True:
            first, n = self.take(2)
            if n == 126:
                n, = struct.unpack("!H", self.take(2))
            elif n == 127:
                n, = struct.unpack("!Q", self.take(8))
            data = self.take(n)
            if first & 15 == 2:
                return data

    def send(self, data):
        data = b"\0" + data
        self.s.sendall(struct.pack("!BB", 0x82, 0x80 | len(data)) +
                       bytes(4) + data)

    def until(self, what):
        got = b""
        while what not in got:
            got += self.message()[1:]
        return got

    def echo(self, key):
        """Milliseconds from a key to its echo."""
        at = time.monotonic()
        self.send(key)
        self.until(key)
        return (time.monotonic() - at) * 1000

    def close(self):
        self.s.close()
