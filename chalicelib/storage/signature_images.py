"""Images that signatures show: named in their channel's row, their bytes under `files/`, where no upload link leads.

The row tells which there are, so that a signature and what it shows are saved, changed and taken away on one condition.
`images_version` counts their changes: it is not the channel's version, since who edits a signature uploads meanwhile.
"""

from __future__ import annotations

from msgspec import to_builtins
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.model.audit import AuditEntry
from chalicelib.model.inbox import Channel, SignatureImage
from chalicelib.storage import audit, keys, raw_mail, table, uploads
from chalicelib.storage.tables import ChannelRow, ErasureRow

CONNECTED = ChannelRow.disconnected_at.does_not_exist()


def image_key(account_id: str, image_id: str) -> str:
    """Where an image's bytes lie; what lies there never changes."""
    return uploads.file_key(account_id, image_id)


def unchanged(channel: Channel) -> Condition:
    """That the channel has the images that it had when it was read."""
    condition: Condition = ChannelRow.images_version == channel.images_version
    if not channel.images_version:
        condition = ChannelRow.images_version.does_not_exist() | condition
    return condition


def add_image(before: Channel, image: SignatureImage, upload_id: str, noted: AuditEntry) -> None:
    """Name an image whose bytes are there, and use its upload up. `LostRace`: the channel has others by now."""
    writes = table.Transaction()
    _set(writes, before, (*before.signature_images, image), CONNECTED & unchanged(before))
    uploads.end_upload(writes, before.account_id, upload_id)
    audit.note(writes, noted)
    writes.commit("add a signature's image")


def remove_image(before: Channel, image: SignatureImage, noted: AuditEntry) -> None:
    """Take an image away for good. `LostRace`: the channel, its signature among it, is not as it was read."""
    left = tuple(each for each in before.signature_images if each.id != image.id)
    writes = table.Transaction()
    _set(writes, before, left, CONNECTED & unchanged(before) & (ChannelRow.version == before.version))
    note = forget(writes, before, (image,), noted.at)
    audit.note(writes, noted)
    writes.commit("remove a signature's image")
    erase(note)


def forget(writes: table.Transaction, channel: Channel, images: tuple[SignatureImage, ...], at: str) -> ErasureRow:
    """Note that the bytes of these images go, as part of the transaction that takes their names away."""
    key = keys.erasure_of_images(channel.account_id, channel.id, images[0].id)
    note = ErasureRow(
        *key,
        account_id=channel.account_id,
        list_pk=keys.list_of_erasures(),
        list_sk=keys.list_position(at, key.pk),
        object_keys=[image_key(channel.account_id, each.id) for each in images],
    )
    writes.put(note)
    return note


def erase(note: ErasureRow) -> None:
    """Remove the bytes that a note names, and it last: whoever dies before leaves it to the sweep."""
    raw_mail.remove(note.object_keys)
    table.delete_rows([note.key])


def _set(writes: table.Transaction, channel: Channel, images: tuple[SignatureImage, ...], condition: Condition) -> None:
    actions: list[Action] = [
        ChannelRow.signature_images.set(to_builtins(images)),
        ChannelRow.images_version.set(channel.images_version + 1),
    ]
    writes.update(ChannelRow, keys.channel(channel.account_id, channel.id), actions, condition)
