"""Two reports of one invented speech, written for these tests, and ways to make records of texts."""

from datetime import UTC, datetime

from tocsin.clock import parse_moment
from tocsin.evidence import sha256
from tocsin.sources.record import Record, record_id

SPEECH = """VIENNA, Oct 12 (Wire) The head of the regional human rights body told a conference on preventing
mass atrocities that governments had been slow to read the signs.
She recalled the destruction of highland villages in Guatemala in the early 1980s and said that the inquiry
"came after the graves were full and the witnesses had gone".
In Timor-Leste, she said, the violence of 1999 had been announced for months before it came.
"We have written long reports about those failures and put every one of them on a shelf," she added.
She said the same signs can be read now in the Central African Republic, where peacekeepers this week took in
thousands of people who ran from armed groups.
In Myanmar, hundreds of thousands of people have fled to Bangladesh since August after soldiers burned their
villages, she said.
Austria, which hosted the meeting with the Council of Europe, will pay for a course on early warning."""

SAME_SPEECH = """12 October 2017. Governments should look at today's cases with the eyes of those who came too
late, the head of the regional human rights body told a conference on the prevention of mass atrocities.

It took place on the initiative of the Government of Austria, and delegates of 60 states attended.

“The inquiry into the killings in Guatemala came after the graves were full and the witnesses had gone. We
have written long reports about those failures and put every one of them on a shelf,” she told the delegates.
Of Timor-Leste she said that the militia violence of 1999 surprised nobody who had listened.

She spoke of the Central African Republic, where peacekeepers this week took in thousands of people who
ran from armed groups, and of Myanmar, where soldiers have continued to burn villages in recent weeks.

The participants adopted a declaration on prevention and on the convention's anniversary."""


def record(
    text: str, address: str = "a", published: str = "2017-10-12", origin: str = "", lang: str = ""
) -> Record:
    """A record of a text, as a reader would make it."""
    when = parse_moment(published) if published else None
    raw = text.encode()
    return Record(
        id=record_id("test", address, raw),
        source="test",
        address=address,
        title="",
        text=text,
        language=lang,
        raw_sha256=sha256(raw),
        licence="own work",
        sensitivity="public",
        origin=origin or address,
        published=when,
        known=when,
        recorded=datetime(2017, 10, 20, tzinfo=UTC),
    )
