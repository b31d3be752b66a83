"""What fits where: a headline, the parts of a text message, a post. Counts, and cuts nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import BODY, ERROR, HEADLINE, WARNING, Finding, Known, Reader, Text
from ..sms import segments

MOST_SMS_PARTS = 3
# What a reader sees of it without opening: a subject on a phone, a push note, a chat message, a post.
CHANNEL_LIMITS = {"email_subject": 200, "push": 178, "slack": 3000, "teams": 20_000, "status_page": 5000}


def findings(text: Text, reader: Reader, known: Known) -> Iterator[Finding]:
    limit = reader.headline_limit
    if len(text.headline) > limit:
        why = f"The headline has {len(text.headline)} characters; {limit} fit."
        yield Finding("length.headline", ERROR, HEADLINE, limit, len(text.headline), why, "Shorten it.")
    whole = text.whole()
    if "sms" in reader.channels:
        parts = segments(whole)
        if parts.count > MOST_SMS_PARTS:
            why = (
                f"As a text message it has {parts.count} parts ({parts.alphabet}); {MOST_SMS_PARTS} are read."
            )
            yield Finding("length.sms", WARNING, BODY, 0, 0, why, "Shorten it for telephones.")
    for channel, most in CHANNEL_LIMITS.items():
        if channel in reader.channels and len(whole) > most:
            why = f"It has {len(whole)} characters; a {channel.replace('_', ' ')} shows {most}."
            yield Finding(f"length.{channel}", WARNING, BODY, 0, 0, why, "Shorten it.")
