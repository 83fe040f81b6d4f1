"""A small server that speaks the chat completions interface, good answers and bad, for the tests.

It holds no model: `Behaviour.say` is a function from the passage to the content of the answer.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MARKED = re.compile(r"^(PASSAGE-[0-9a-f]{32})\n(.*)\n\1$", re.MULTILINE | re.DOTALL)
Answer = dict[str, Any]


@dataclass
class Behaviour:
    """What the server does next, and what it was asked."""

    say: Callable[[str], str]
    key: str = ""
    errors: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    formats: tuple[str, ...] = ("json_schema", "json_object")
    temperature: bool = True
    finish: str = "stop"
    raw: bytes | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


def passage_of(body: dict[str, Any]) -> str:
    """The text under analysis, between its marks."""
    found = MARKED.search(body["messages"][-1]["content"])
    assert found, "the passage is not between two equal marks"
    return found[2]


class Chat(BaseHTTPRequestHandler):
    """Answers as its behaviour says."""

    behaviour: Behaviour
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def handle(self) -> None:
        with suppress(ConnectionError):  # a client that has heard enough
            super().handle()

    def log_message(self, *_: object) -> None:
        return

    def answer(self, body: dict[str, Any]) -> None:
        behaviour = self.behaviour
        behaviour.asked.append(body)
        behaviour.keys.append(self.headers.get("Authorization", ""))
        if self.path != "/v1/chat/completions":
            self.fail(404, "not_found")
        elif behaviour.key and self.headers.get("Authorization") != f"Bearer {behaviour.key}":
            # Real servers give a part of the key back.
            self.fail(401, f"Incorrect API key provided: {self.headers.get('Authorization')}")
        elif behaviour.errors:
            status, headers = behaviour.errors.pop(0)
            self.fail(status, "busy", **headers)
        elif body.get("response_format", {}).get("type") not in behaviour.formats:
            self.fail(400, "response_format is not supported")
        elif "temperature" in body and not behaviour.temperature:
            self.fail(400, "temperature is not supported")
        else:
            self.reply(200, behaviour.raw or completion(body, behaviour))

    def fail(self, status: int, message: str, **headers: str) -> None:
        error = {"message": message, "type": "error", "param": None, "code": None}
        self.reply(status, json.dumps({"error": error}).encode(), **headers)

    def reply(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """The base address of a server that behaves so, on this machine, while the block runs."""

    bound = type("Bound", (Chat,), {"behaviour": behaviour})
    with ThreadingHTTPServer(("127.0.0.1", 0), bound) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def completion(body: dict[str, Any], behaviour: Behaviour) -> bytes:
    """A chat completion in the layout of the real servers, with fields nobody here reads."""
    message = {"role": "assistant", "content": behaviour.say(passage_of(body)), "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": behaviour.finish}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [choice],
            "usage": usage,
            "system_fingerprint": None,
        }
    ).encode()


def stated(quote: str, indicator: str = "7.14", **given: Any) -> Answer:
    """One claim as a model states it."""
    row: Answer = {"quote": quote, "indicator": indicator, "iso3": "SSD", "place": "", "time": "present"}
    row |= {"relevance": "signal", "perpetrator": "state", "target": "villagers", "protective": False}
    return row | {"confidence": 0.9} | given


def answer(*claims: Answer, **given: Any) -> Answer:
    """A whole answer: a signal with these claims and their factors at 0.9."""
    factors = {f"RF{n}": 0.02 for n in range(1, 15)}
    factors |= {code: 0.9 for c in claims if (code := f"RF{c['indicator'].partition('.')[0]}") in factors}
    row = {"relevance": "signal", "score": 0.93, "factors": factors, "time": "present", "countries": ["SSD"]}
    row |= {"perpetrator": "state", "target": "villagers", "mitigation": False, "claims": list(claims)}
    return row | given
