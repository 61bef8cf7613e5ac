"""TLS before a server that speaks none: with a certificate of a CA of its own, for one name."""

import os
import socket
import ssl
import subprocess
import threading


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True, timeout=60)


def make_ca(folder, name):
    pem, key = (os.path.join(folder, "%s.%s" % (name, end)) for end in ("pem", "key"))
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name, "-keyout", key,
            "-out", pem)
    return pem, key


class Front:
    """heard: what clients said once a certificate was good enough for them, decrypted."""

    def __init__(self, folder, behind, name):
        self.folder, self.behind, self.heard = folder, behind, []
        at = lambda file: os.path.join(folder, file)  # noqa: E731
        self.ca, ca_key = make_ca(folder, "front-ca")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", at("front.key"), "-out",
                at("front.csr"))
        with open(at("front.ext"), "w", encoding="ascii") as f:
            f.write("subjectAltName=DNS:%s\n" % name)
        openssl("x509", "-req", "-days", "2", "-in", at("front.csr"), "-CA", self.ca, "-CAkey", ca_key,
                "-CAcreateserial", "-extfile", at("front.ext"), "-out", at("front.pem"))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(at("front.pem"), at("front.key"))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def another_ca(self):
        return make_ca(self.folder, "another-ca")[0]

    def serve(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.wrap, args=(plain,), daemon=True).start()

    def wrap(self, plain):
        try:
            with plain, socket.create_connection(("127.0.0.1", self.behind)) as behind, \
                    self.context.wrap_socket(plain, server_side=True) as front:
                threading.Thread(target=self.pump, args=(behind, front, None), daemon=True).start()
                self.pump(front, behind, self.heard)
        except OSError:
            pass

    @staticmethod
    def pump(a, b, heard):
        try:
            while some := a.recv(65536):
                if heard is not None:
                    heard.append(some)
                b.sendall(some)
        except (OSError, ValueError):
            pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
