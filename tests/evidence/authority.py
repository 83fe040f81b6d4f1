"""A timestamp authority of our own: certificates and answers made by OpenSSL, served by a real server."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REPLY = "application/timestamp-reply"
CONFIG = """
[ tsa ]
default_tsa = own
[ own ]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
[ usage ]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""


def openssl(*words: str | Path) -> bytes:
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True).stdout


def own_authority(folder: Path, name: str) -> Path:
    """A folder with a root (`ca.pem`) and a certificate that may sign timestamps."""
    folder.mkdir(parents=True)
    config = folder / "tsa.cnf"
    config.write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    subject = ("-subj", f"/O={name}/CN={name} root")
    openssl(
        "req", "-x509", *key, *subject, "-days", "30", "-keyout", folder / "ca.key", "-out", folder / "ca.pem"
    )
    request, out = folder / "tsa.csr", folder / "tsa.pem"
    openssl("req", *key, "-subj", f"/O={name}/CN={name}", "-keyout", folder / "tsa.key", "-out", request)
    signer = ("-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial")
    usage = ("-extfile", config, "-extensions", "usage")
    openssl("x509", "-req", "-in", request, *signer, "-days", "30", *usage, "-out", out)
    return folder


def answered(folder: Path, query: bytes) -> bytes:
    """What the authority of that folder answers to a query."""
    asked, reply = folder / "query.tsq", folder / "reply.tsr"
    asked.write_bytes(query)
    config = ("-config", folder / "tsa.cnf", "-section", "own")
    openssl("ts", "-reply", "-queryfile", asked, *config, "-out", reply)
    return reply.read_bytes()


def query_of(folder: Path, data: bytes) -> bytes:
    """A query of our own for some bytes, with a nonce of its own."""
    (folder / "data").write_bytes(data)
    openssl("ts", "-query", "-data", folder / "data", "-sha256", "-cert", "-out", folder / "own.tsq")
    return (folder / "own.tsq").read_bytes()


class Answers(BaseHTTPRequestHandler):
    """One way to answer a path."""

    server: "Authority"

    def do_POST(self) -> None:
        query = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.headers["Content-Type"], query))
        folder = self.server.folder
        if self.path == "/down":
            self.reply(500, b"", "text/plain")
        elif self.path == "/html":
            self.reply(200, b"<html>Sign in first.</html>", "text/html; charset=utf-8")
        elif self.path == "/moved":
            self.reply(302, b"", "text/plain")
        elif self.path == "/noise":
            self.reply(200, b"\x30\x03\x02\x01\x00", REPLY)
        elif self.path == "/cut":
            self.reply(200, answered(folder, query)[:-9], REPLY)
        elif self.path == "/more":
            self.reply(200, answered(folder, query) + b"more", REPLY)
        elif self.path == "/nonce":
            self.reply(200, answered(folder, query_of(folder, self.server.data)), REPLY)
        elif self.path == "/digest":
            self.reply(200, answered(folder, query.replace(self.server.digest, b"0" * 32)), REPLY)
        elif self.path == "/refused":
            self.reply(200, answered(folder, b"what?"), REPLY)
        else:
            self.reply(200, answered(folder, query), REPLY)

    def reply(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "/good")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


class Authority(ThreadingHTTPServer):
    """`data` are the bytes that /nonce answers for, `digest` the hash that /digest answers wrongly."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.folder, self.asked = folder, list[tuple[str, bytes]]()
        self.data, self.digest = b"", b""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def url(self, path: str = "good") -> str:
        return f"http://{self.host}/{path}"


@contextmanager
def serving(folder: Path) -> Iterator[Authority]:
    """The authority, up while the block runs."""
    with Authority(folder) as up:
        threading.Thread(target=up.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield up
        up.shutdown()
