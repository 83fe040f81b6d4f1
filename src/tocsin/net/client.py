"""The guarded and polite fetcher: public addresses only, within caps, as robots.txt and the hosts ask."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from tocsin.clock import now
from tocsin.errors import AddressRefused, FetchFailed, RobotsRefuse
from tocsin.net import body
from tocsin.net.errand import Errand, busy, moved
from tocsin.net.exchange import FIELD, Deadline, Reply
from tocsin.net.guard import Target, redirected, target
from tocsin.net.manners import Manners
from tocsin.net.robots import MOST_BYTES, Robots, robots
from tocsin.net.terms import Ask, Fetched, Limits, Validators
from tocsin.net.veil import Veil
from tocsin.settings import Secret, settings

PLAIN, NONE = Ask(), Validators()
ROBOTS_SECONDS = 60.0
KEPT_HEADERS = ("content-type", "date", "server", "etag", "last-modified")


class GuardedFetcher:
    """Fetches public http and https addresses and nothing else.

    `allow` lists hosts (`name` or `name:port`) that may be internal, for local test servers. With `offline`
    every fetch is refused. Threads may share one; what `manners` learn of a host holds for all of them.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        allow: Iterable[str] = (),
        offline: bool = False,
        manners: Manners | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.allow = frozenset(host.strip().lower() for host in allow if host.strip())
        self.offline = offline
        self.manners = manners or Manners()

    @classmethod
    def from_environment(cls, offline: bool = False, limits: Limits | None = None) -> GuardedFetcher:
        """A fetcher by the settings (TOCSIN_ALLOW_HOSTS, TOCSIN_HOST_SECONDS, TOCSIN_CONTACT)."""
        found = settings()
        return cls(limits, found.allow_hosts, offline, Manners(found.host_seconds, found.contact))

    def fetch(self, url: str, validators: Validators = NONE, ask: Ask = PLAIN) -> Fetched:
        """The answer behind `url` after at most `limits.redirects` redirects.

        Raises AddressRefused (scheme, internal address, offline, a secret that would go unencrypted or to
        another host), FetchFailed (network, status other than 200, and 304 where it was asked for;
        RobotsRefuse where robots.txt does not let us), TooLarge, and InputError for a file that cannot be
        written. Secrets are in none of them.
        """
        veil = Veil(ask.secrets)
        first = _addressed(url, ask, veil)
        self._admit(first, private=ask.form is not None or not veil.empty)
        errand = self._errand(veil, _raised(self.limits, ask.most_bytes))
        if ask.form is not None:
            self._obey(first, ask, errand)
            kind = {"content-type": "application/x-www-form-urlencoded"}
            headers = {"accept": ask.accept} | kind | _plain(ask.headers)
            return errand.post(first, headers, _encoded(ask.form), partial(_form, ask=ask))
        return self._followed(first, validators, ask, errand)

    def post_json(
        self, url: str, body: Mapping[str, Any], headers: Mapping[str, str | Secret] = {}
    ) -> Fetched:
        """The answer to JSON sent to `url`: status 2xx, or 4xx with the body that says why.

        Nothing is redirected, and nothing goes unencrypted but to an allowed host: body and headers are meant
        for this host alone. When it is busy (429, 5xx) they are sent again after what Retry-After asks for,
        or after a doubling wait with jitter, within the seconds of the limits.

        Raises AddressRefused, FetchFailed and TooLarge, none of which shows what was sent or answered.
        """
        ask = Ask(headers=headers, accept="application/json")
        return self._posted(url, ask, "application/json", json.dumps(body).encode(), _json)

    def post_bytes(self, url: str, content: bytes, kind: str, accept: str = "*/*") -> Fetched:
        """The answer (status 200) to bytes of the media type `kind`, sent and refused as JSON is."""
        return self._posted(url, Ask(accept=accept), kind, content, partial(_form, ask=PLAIN))

    def _posted(
        self, url: str, ask: Ask, kind: str, content: bytes, read: Callable[[Reply], Fetched]
    ) -> Fetched:
        veil = Veil(ask.secrets)
        to = _addressed(url, ask, veil)
        self._admit(to, private=True)
        headers = {"accept": ask.accept, "content-type": kind} | _plain(ask.headers)
        return self._errand(veil, self.limits).post(to, headers, content, read)

    def deliver(self, url: str, content: bytes, headers: Mapping[str, str | Secret]) -> int:
        """Hand `content` over by POST, once; gives the status of the answer, whose body is not read.

        Nothing is redirected, and nothing goes unencrypted but to an allowed host. Raises AddressRefused, and
        FetchFailed when there was no answer.
        """
        ask = Ask(headers=headers)
        veil = Veil(ask.secrets)
        to = _addressed(url, ask, veil)
        self._admit(to, private=True)
        errand = self._errand(veil, replace(self.limits, retries=0))
        return errand.post(to, {"accept": "*/*"} | _plain(headers), content, _status)

    def allows(self, url: str) -> bool:
        """Whether the host of `url` was allowed by name."""
        return target(url).named(self.allow)

    def _admit(self, to: Target, private: bool) -> None:
        if self.offline:
            raise AddressRefused(
                f"offline: {to.shown} is not opened (leave out --offline to use the network)"
            )
        if private and to.scheme == "http" and not to.named(self.allow):
            raise AddressRefused(
                f"{to.shown}: nothing is sent unencrypted (use https, or name the host as allowed)"
            )

    def _errand(self, veil: Veil, limits: Limits) -> Errand:
        return Errand(self.manners, limits, self.allow, Deadline(limits.seconds), veil)

    def _followed(self, first: Target, validators: Validators, ask: Ask, errand: Errand) -> Fetched:
        """The answer at the end of all redirects; headers of the ask stay with the host that was asked."""
        conditions = {n: v for n, v in validators.headers().items() if FIELD.fullmatch(v)}
        read = partial(_page, asked=validators if conditions else NONE, ask=ask)
        to = first
        for _ in range(self.limits.redirects + 1):
            self._obey(to, ask, errand)
            given = _plain(ask.headers) if to.origin == first.origin else {}
            answer = errand.get(to, {"accept": ask.accept} | given | conditions, read)
            if isinstance(answer, Fetched):
                return answer
            to = answer
        raise FetchFailed(f"{to.shown}: more than {self.limits.redirects} redirects")

    def _obey(self, to: Target, ask: Ask, errand: Errand) -> None:
        """Raises RobotsRefuse for an address that robots.txt keeps programs from."""
        if not ask.robots:
            return
        start = self.manners.clock()
        rules = self.manners.robots(to.host, to.origin, partial(self._robots, to))
        errand.deadline.later(self.manners.clock() - start)
        if rules.reason:
            why = errand.veil.line(rules.reason)
            raise RobotsRefuse(
                f"{to.shown}: not read, because the robots.txt of {to.netloc} cannot be: {why}"
            )
        if not rules.allows(to.url):
            raise RobotsRefuse(
                f"{to.shown}: not read, because the robots.txt of {to.netloc} keeps programs out"
            )

    def _robots(self, host: Target) -> Robots:
        """The rules of a host. Without any all may be read; while they cannot be had, nothing (RFC 9309)."""
        limits = replace(self.limits, seconds=min(self.limits.seconds, ROBOTS_SECONDS))
        errand = self._errand(Veil(), limits)
        first = to = target(f"{host.origin}/robots.txt")
        try:
            for _ in range(limits.redirects + 1):
                answer = errand.get(to, {"accept": "text/plain, */*;q=0.1"}, _rules)
                if isinstance(answer, Robots):
                    return answer
                to = answer
        except AddressRefused as error:
            if to is first:
                raise
            return Robots(reason=str(error))
        except FetchFailed as error:
            return Robots(reason=str(error))
        return Robots()


def _addressed(url: str, ask: Ask, veil: Veil) -> Target:
    """The address with its query; what is shown of it has the plain values alone."""
    if not ask.query:
        return target(url, veil)
    bare = url.partition("#")[0]
    shown = _extended(bare, {n: v for n, v in ask.query.items() if not isinstance(v, Secret)})
    return target(_extended(bare, ask.query), veil, shown)


def _extended(url: str, query: Mapping[str, str | Secret]) -> str:
    joint = "" if not query or url.endswith(("?", "&")) else "&" if "?" in url else "?"
    return url + joint + _encoded(query).decode()


def _encoded(pairs: Mapping[str, str | Secret]) -> bytes:
    return urlencode(_plain(pairs), errors="surrogatepass").encode()


def _plain(pairs: Mapping[str, str | Secret]) -> dict[str, str]:
    return {name: value.value if isinstance(value, Secret) else value for name, value in pairs.items()}


def _raised(limits: Limits, most: int | None) -> Limits:
    if most is None:
        return limits
    return replace(limits, wire_bytes=max(most, limits.wire_bytes), body_bytes=max(most, limits.body_bytes))


def _rules(reply: Reply) -> Robots | Target:
    if moved(reply):
        try:
            return redirected(reply.to, reply.header("location"), reply.veil)
        except AddressRefused as error:
            raise FetchFailed(str(error)) from None
    if reply.status >= 500:
        busy(reply)
        raise FetchFailed(f"{reply.shown}: the server answered {reply.status} {reply.reason}")
    return robots(body.start(reply, MOST_BYTES)) if reply.status == 200 else Robots()


def _page(reply: Reply, asked: Validators, ask: Ask) -> Fetched | Target:
    """An answer, or the address it redirects to."""
    if moved(reply):
        return redirected(reply.to, reply.header("location"), reply.veil)
    busy(reply)
    if reply.status == 304 and asked != NONE:
        return _fetched(reply, asked, body.Body(b"", None, "", ""))
    _must_be_whole(reply)
    return _fetched(reply, NONE, body.whole(reply, ask.into))


def _form(reply: Reply, ask: Ask) -> Fetched:
    _unmoved(reply)
    _must_be_whole(reply)
    return _fetched(reply, NONE, body.whole(reply, ask.into))


def _json(reply: Reply) -> Fetched:
    _unmoved(reply)
    return _fetched(reply, NONE, body.whole(reply, None))


def _status(reply: Reply) -> int:
    return reply.status


def _must_be_whole(reply: Reply) -> None:
    if reply.status != 200:
        told = f"{reply.shown}: the server answered {reply.status} {reply.reason}".rstrip()
        raise FetchFailed(told, reply.status)


def _unmoved(reply: Reply) -> None:
    if 300 <= reply.status < 400:
        raise FetchFailed(f"{reply.shown}: redirects ({reply.status}); what is sent is never redirected")
    busy(reply)


def _fetched(reply: Reply, asked: Validators, got: body.Body) -> Fetched:
    """The answer without secrets. Validators that a 304 does not repeat still stand."""
    hidden = reply.veil.text
    kept = {name: hidden(reply.header(name)) for name in KEPT_HEADERS if reply.header(name)}
    given = Validators(kept.get("etag", ""), kept.get("last-modified", ""))
    return Fetched(
        url=reply.shown,
        status=reply.status,
        content_type=kept.get("content-type", "").partition(";")[0].strip().lower(),
        body=got.content,
        validators=asked if given == NONE else given,
        fetched=now(),
        path=got.path,
        md5=got.md5,
        sha256=got.sha256,
        headers=kept,
        reason=reply.reason,
        lines=tuple((name, hidden(value)) for name, value in reply.lines),
    )
