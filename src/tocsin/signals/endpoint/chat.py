"""Asking a language model over the chat completions interface that many servers speak."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, ValidationError

from tocsin.errors import AnswerUnread, FetchFailed
from tocsin.net import Fetched, Poster
from tocsin.settings import Secret
from tocsin.signals.endpoint.answer import Answer, parsed, schema

NOT_UNDERSTOOD = (400, 422)
TOO_LONG = 413
WHY = {
    401: "the key was refused; check TOCSIN_CODER_KEY_FILE or TOCSIN_CODER_KEY",
    403: "the key may not use this; check TOCSIN_CODER_KEY_FILE and TOCSIN_CODER_MODEL",
    404: "no such address or model; check TOCSIN_CODER_URL and TOCSIN_CODER_MODEL",
    TOO_LONG: "the text is too long for the model",
}


class Message(BaseModel):
    """What the model said, or why it would not."""

    content: str | None = None
    refusal: str | None = None


class Choice(BaseModel):
    """One of the answers that may be given; `finish_reason` is "stop" when it is whole."""

    message: Message
    finish_reason: str | None = None


class Completion(BaseModel):
    """The part of a chat completion that is read; servers add what they like beside it."""

    choices: list[Choice] = Field(min_length=1)


class Chat:
    """One model at one address. The way of asking for JSON that the server took last is tried first."""

    def __init__(self, post: Poster, base: str, model: str, key: Secret | None = None) -> None:
        self.post, self.url, self.model = post, f"{base}/chat/completions", model
        self._key = key
        self._form = 0

    def ask(self, messages: list[dict[str, str]]) -> Answer:
        """The typed answer to these messages.

        Raises FetchFailed (the server failed), AnswerUnread (it works, but not for these), AddressRefused,
        TooLarge.
        """
        forms = _forms()
        for n in range(self._form, len(forms)):
            fetched = self._sent(forms[n] | {"model": self.model, "messages": messages})
            if fetched.status not in NOT_UNDERSTOOD:
                answer = self._read(fetched)
                self._form = n
                return answer
        raise AnswerUnread(f"{self.url}: answered {fetched.status} to every way of asking for JSON")

    def _sent(self, body: dict[str, Any]) -> Fetched:
        headers = {"Authorization": self._key.after("Bearer ")} if self._key else {}
        return self.post.post_json(self.url, body, headers)

    def _read(self, fetched: Fetched) -> Answer:
        if fetched.status != 200:
            why = WHY.get(fetched.status, "the request was refused")
            failure = AnswerUnread if fetched.status == TOO_LONG else FetchFailed
            raise failure(f"{self.url}: answered {fetched.status}: {why}")
        try:
            choice = Completion.model_validate_json(fetched.body).choices[0]
        except ValidationError:
            raise FetchFailed(f"{self.url}: what it answered is no chat completion") from None
        if choice.message.refusal or not choice.message.content:
            raise AnswerUnread(f"{self.url}: the model gave no answer (it declined or said nothing)")
        if choice.finish_reason not in (None, "stop"):
            reason = "length" if choice.finish_reason == "length" else "another reason than its end"
            raise AnswerUnread(f"{self.url}: the model's answer is cut short ({reason})")
        return parsed(choice.message.content, self.url)


def _forms() -> list[dict[str, Any]]:
    """Ways of asking for JSON, the strictest first; the last is for models that take no temperature."""
    strict = {"name": "reading", "strict": True, "schema": schema()}
    loose = {"response_format": {"type": "json_object"}}
    return [
        {"temperature": 0, "response_format": {"type": "json_schema", "json_schema": strict}},
        {"temperature": 0, **loose},
        loose,
    ]
