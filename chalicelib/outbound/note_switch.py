"""A conversation notes, as an event, when its answers begin to leave through another channel, and when no more (S24).

It is noted when a mail is about to leave that way: what is in the conversation is what the contact sees.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from chalicelib.errors import LostRace, PermanentFault, TemporaryFault
from chalicelib.model.conversation import Conversation
from chalicelib.model.entry import Entry
from chalicelib.outbound.new_message import new_event, with_message
from chalicelib.outbound.sending_way import Way
from chalicelib.storage import conversations
from chalicelib.storage.entries import add_entry

TRIES = 10
SWITCHED = "sends_over_another_channel"


def note_switch(conversation: Conversation, way: Way, now: datetime) -> Conversation:
    """Note it if it is new; the conversation as it is then."""
    for _ in range(TRIES):
        entry = switch_entry(conversation, way, now)
        if entry is None:
            return conversation
        try:
            add_entry(entry, now)
        except LostRace:
            found = conversations.get_conversation(conversation.account_id, conversation.id)
            if found is None:
                raise PermanentFault("the conversation of the answer is not there") from None
            conversation = found
        else:
            return entry.after
    raise TemporaryFault("the conversation changed too often to note how its answers leave")


def switch_entry(before: Conversation, way: Way, now: datetime) -> Entry | None:
    """The event, and the conversation with it; None when answers leave as they did before. Pure."""
    over = way.fallback.id if way.fallback else None
    if over == before.answers_over:
        return None
    text = f"Answers leave from {way.channel.address} again."
    if way.fallback is not None:
        why = way.because.text if way.because else ""
        text = f"Answers leave from {way.fallback.address} from now on. {why}".rstrip()
    event = new_event(before, f"{SWITCHED}:{over}:{before.version}", SWITCHED, text, now)
    return Entry(before, replace(with_message(before, event), answers_over=over), event)
