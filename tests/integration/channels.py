"""Channels of a scripted API server: exec and port-forward over WebSocket."""

import base64
import hashlib
import json
import struct
import threading

from scripted import Cut

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Socket:
    """The server's end of a WebSocket."""

    def __init__(self, handler, protocol):
        self.handler, self.protocol = handler, protocol
        self.lock = threading.Lock()
        key = handler.headers["Sec-WebSocket-Key"]
        accept = base64.b64encode(
            hashlib.sha1((key + GUID).encode()).digest()).decode()
        handler.close_connection = True
        handler.wfile.write(
            ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
             f"Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n"
             f"Sec-WebSocket-Protocol: {protocol}\r\n\r\n").encode())
        handler.wfile.flush()

    def frame(self, first, data):
        n = len(data)
        head = (struct.pack("!BB", first, n) if n < 126 else
                struct.pack("!BBH", first, 126, n) if n < 65536 else
                struct.pack("!BBQ", first, 127, n))
        with self.lock:
            self.handler.wfile.write(head + data)
            self.handler.wfile.flush()

    def send(self, channel, data):
        self.frame(0x82, bytes([channel]) + data)

    def status(self, **fields):
        self.send(3, json.dumps({"kind": "Status", "apiVersion": "v1",
                                 "metadata": {}, **fields}).encode())

    def exit(self, code):
        if code == 0:
            self.status(status="Success")
        else:
            self.status(status="Failure", reason="NonZeroExitCode",
                        message="command terminated with non-zero exit code",
                        details={"causes": [{"reason": "ExitCode",
                                             "message": str(code)}]})
        self.close()

    def close(self, code=1000):
        self.frame(0x88, struct.pack("!H", code))

    def receive(self):
        """(channel, bytes) of the next message; None at the end."""
        while True:
            head = self.handler.rfile.read(2)
            if len(head) < 2 or not head[1] & 0x80:
                return None  # the end, or not masked
            n = head[1] & 0x7f
            if n == 126:
                n, = struct.unpack("!H", self.handler.rfile.read(2))
            elif n == 127:
                n, = struct.unpack("!Q", self.handler.rfile.read(8))
            mask = self.handler.rfile.read(4)
            data = self.handler.rfile.read(n)
            data = bytes(b ^ mask[i % 4] for i, b in enumerate(data))
            if head[0] == 0x88:
                return None
            if head[0] == 0x89:
                self.frame(0x8a, data)
            if head[0] == 0x82 and data:
                return data[0], data[1:]


def serve(api, subresource, play, choose=None):
    """play(socket, request) runs for every such channel. choose: the
    sub-protocol, by default the client's first."""
    opened = []

    @api.hook
    def channel(handler, request):
        if not request.path.endswith("/" + subresource):
            return False
        offered = [x.strip() for x in
                   handler.headers["Sec-WebSocket-Protocol"].split(",")]
        opened.append((request, offered))
        play(Socket(handler, choose or offered[0]), request)
        raise Cut()
    return opened


def pod(api, agent, name, ns="team", tty=False, ready=True):
    """An agent with a deployment and one pod that runs."""
    labels = {"app.kubernetes.io/part-of": "kgents",
              "app.kubernetes.io/name": f"{agent}-gent"}
    api.put("agents", agent, ns, spec={"genus": agent[0].upper(),
                                       "replicas": 1},
            status={"deployment": f"{agent}-gent"})
    api.put("deployments", f"{agent}-gent", ns, labels=dict(labels),
            spec={"replicas": 1}, status={"readyReplicas": 1})
    add_pod(api, agent, name, ns, tty, ready)


def add_pod(api, agent, name, ns="team", tty=False, ready=True):
    api.put("pods", name, ns,
            labels={"app.kubernetes.io/part-of": "kgents",
                    "app.kubernetes.io/name": f"{agent}-gent"},
            spec={"nodeName": "n", "containers": [
                {"name": "logic", "image": "x", "tty": tty, "stdin": tty}]},
            status={"phase": "Running", "containerStatuses": [
                {"name": "logic", "ready": ready, "restartCount": 0,
                 "state": {"running": {}}}]})
