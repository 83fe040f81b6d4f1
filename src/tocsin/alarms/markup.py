"""Elements of XML documents that hold text of anybody: what XML cannot write is left out."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Everything outside the characters of XML 1.0 (section 2.2)."""


def plain(text: str) -> str:
    """The text without the characters that XML 1.0 has no way to write; carriage returns become line ends."""
    return UNWRITABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def add(parent: Any, tag: str, text: str = "", **attributes: str) -> Any:
    """A child element in the namespace of its parent, with text and attributes."""
    space = etree.QName(parent).namespace
    name = f"{{{space}}}{tag}" if space else tag
    child = etree.SubElement(parent, name, {key: plain(value) for key, value in attributes.items()})
    if text:
        child.text = plain(text)
    return child


def document(root: Any) -> bytes:
    """A document as UTF-8 with its declaration and no white space between elements."""
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return made
