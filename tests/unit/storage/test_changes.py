"""Every change is conditional on what was read: who comes second changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from chalicelib.errors import LostRace
from chalicelib.model.account import Role, Team
from chalicelib.model.audit import AuditEntry
from chalicelib.model.conversation import ConversationStatus
from chalicelib.storage import contacts, conversations, inboxes, people
from tests.post.cloud import table_content
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.ses import at

NOTED = AuditEntry("acc", "2026-03-02T08:00:00.000Z", "inbox.changed", "inb", "usr", "tok")


def test_S30_S70_of_two_saves_on_one_version_one_is_lost(office: Office) -> None:
    office.deliver(letter())
    team = Team(office.account_id, "tea_a", "Team", at(0))
    people.add_team(team, NOTED)
    inbox, channel, user = office.inboxes()[0], office.channel(), office.user(office.admin_id)
    contact = office.contacts()[CONTACT]
    changes: list[tuple[Callable[[str], None], str]] = [
        (lambda name: people.change_team(team, replace(team, name=name, version=2), NOTED), "team"),
        (lambda name: people.change_user(user, replace(user, name=name, version=2), NOTED), "user"),
        (lambda name: inboxes.change_inbox(inbox, replace(inbox, name=name, version=2), NOTED), "inbox"),
        (lambda name: inboxes.change_channel(channel, replace(channel, enabled=False, version=2), NOTED), "channel"),
        (lambda name: contacts.change_contact(contact, replace(contact, name=name, version=2)), "contact"),
    ]
    for change, _ in changes:
        change("First")
    content = table_content()
    for change, what in changes:
        with pytest.raises(LostRace):
            change("Second")
        assert table_content() == content, what


def test_a_change_decided_before_a_mail_came_in_is_lost_whole(office: Office) -> None:
    """The lists follow from the last message: written from an older one, they would be wrong."""
    office.deliver(letter())
    before, mia = office.conversation(), office.add_user("Mia")
    office.deliver(letter(message_id="second@customer.example", in_reply_to="first@customer.example"))
    content = table_content()
    after = replace(before, assignee_id=mia.id, status=ConversationStatus.CLOSED, version=before.version + 1)
    with pytest.raises(LostRace):
        conversations.change_conversation(before, after, {mia.id: 1}, at(9))
    assert table_content() == content


def test_the_super_admin_who_is_to_stay_must_still_be_one(office: Office) -> None:
    first = office.user(office.admin_id)
    second = office.add_user("Sue", role=Role.MEMBER)
    with pytest.raises(LostRace):
        people.change_user(first, replace(first, role=Role.MEMBER, version=2), NOTED, other_super_admin=second.id)
    assert office.user(first.id).role is Role.SUPER_ADMIN


def test_settings_leave_the_counters_of_assignment_alone(office: Office) -> None:
    """An admin saves a user while the user is given a conversation: neither is lost."""
    mia = office.add_user("Mia")
    office.deliver(letter())
    before = office.conversation()
    after = replace(before, assignee_id=mia.id, version=before.version + 1)
    conversations.change_conversation(before, after, {mia.id: 1}, at(5))
    people.change_user(mia, replace(mia, name="Mia M.", version=mia.version + 1), NOTED)
    found = office.user(mia.id)
    assert (found.name, found.open_conversations, found.last_assigned_at) == ("Mia M.", 1, at(5))
