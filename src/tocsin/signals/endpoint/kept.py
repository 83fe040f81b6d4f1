"""Answers kept on disk, so that a question is asked once: one file an answer, written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import InputError
from tocsin.evidence import canonical, sha256
from tocsin.signals.endpoint.answer import Answer


@dataclass(frozen=True, slots=True)
class Kept:
    """The answers in a folder. Each is named by the hash of the coder's version and of all that was sent."""

    folder: Path

    def path(self, version: str, messages: list[dict[str, str]]) -> Path:
        """The file of one answer, there or not."""
        return self.folder / f"{sha256(canonical([version, messages]).encode())}.json"

    def get(self, version: str, messages: list[dict[str, str]]) -> Answer | None:
        """The kept answer, None when there is none. Raises InputError naming a file that cannot be read."""
        path = self.path(version, messages)
        try:
            raw = json.loads(path.read_bytes())
            if raw["version"] != version:
                raise ValueError(f"it is of version {raw['version']!r}")
            return Answer.model_validate_json(json.dumps(raw["answer"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            kind = type(error).__name__
            raise InputError(f"kept answer cannot be read ({kind})", str(path), "delete the file") from None

    def put(self, version: str, messages: list[dict[str, str]], answer: Answer) -> None:
        """Keep an answer for its owner alone to read: it quotes the text. Raises InputError on failure."""
        row = {"version": version, "answer": answer.model_dump(mode="json")}
        path = self.path(version, messages)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=".tmp")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(row, file, ensure_ascii=True)
            os.replace(name, path)
        except OSError as error:
            raise InputError(
                f"an answer cannot be kept: {error.strerror}", str(self.folder), "name a folder to write in"
            ) from error
