"""The titles of problem documents: what a code means in a few words, for people, in each language. Data.

A code that raises an error in the code has a row here (`tests/api/test_titles.py`). The detail, which is English, says
what is the matter in this very case.
"""

from __future__ import annotations

from chalicelib.api.languages import LANGUAGES, Language

# code -> title in the order of LANGUAGES: English, German
TITLES: dict[str, tuple[str, str]] = {
    # --- the form of a request
    "invalid_input": ("The request is not of the documented form", "Die Anfrage hat nicht die beschriebene Form"),
    "bad_idempotency_key": ("Not a usable Idempotency-Key", "Kein brauchbarer Idempotency-Key"),
    "too_large": ("The request is too large", "Die Anfrage ist zu groß"),
    "unsupported_media_type": ("The body is of a type that is not read", "Dieser Inhaltstyp wird nicht gelesen"),
    # --- who asks
    "unauthenticated": ("A valid token is needed", "Ein gültiges Token ist nötig"),
    "forbidden": ("Not allowed", "Nicht erlaubt"),
    "no_access": ("No access to the inbox", "Kein Zugriff auf den Posteingang"),
    "not_chosen": ("Only to be read", "Nur zum Lesen"),
    "needs_admin": ("An admin has to do this", "Das darf nur ein Admin"),
    "needs_paid_seat": ("A paid seat is needed", "Dafür ist ein bezahlter Platz nötig"),
    "needs_role": ("The user's role does not allow this", "Die Rolle des Benutzers erlaubt das nicht"),
    "needs_scope": ("The token is not good for this", "Das Token reicht dafür nicht aus"),
    "needs_super_admin": ("A super admin has to do this", "Das darf nur ein Super-Admin"),
    "plan_does_not_allow": ("The plan does not include this", "Der Tarif enthält das nicht"),
    "not_found": ("Not found", "Nicht gefunden"),
    # --- repeated, raced and stale requests
    "conflict": ("This does not fit what is stored now", "Das passt nicht zum jetzigen Stand"),
    "idempotency_key_reused": ("The Idempotency-Key was used before", "Der Idempotency-Key wurde schon benutzt"),
    "made_before": ("This request was made before", "Diese Anfrage wurde schon gestellt"),
    "precondition_failed": ("Changed since it was read", "Seit dem Lesen geändert"),
    "precondition_required": ("If-Match is missing", "If-Match fehlt"),
    "conversation_moved_on": ("Somebody wrote meanwhile", "Inzwischen hat jemand geschrieben"),
    # --- limits
    "too_many_requests": ("Asked for too often", "Zu oft angefragt"),
    "too_many_recipients": ("Too many recipients this hour", "Zu viele Empfänger in dieser Stunde"),
    # --- rules
    "refused": ("A rule stands against this", "Eine Regel spricht dagegen"),
    "no_such_user": ("There is no such user", "Diesen Benutzer gibt es nicht"),
    "no_such_team": ("There is no such team", "Dieses Team gibt es nicht"),
    "no_such_channel": ("There is no such channel", "Diesen Kanal gibt es nicht"),
    "no_such_message": ("There is no such message", "Diese Nachricht gibt es nicht"),
    "no_such_pipeline": ("There is no such pipeline", "Diese Pipeline gibt es nicht"),
    "email_taken": ("A user has this address already", "Diese Adresse hat schon ein Benutzer"),
    "last_super_admin": ("The last super admin stays one", "Der letzte Super-Admin bleibt einer"),
    "from_name_taken": ("Another channel has this from name", "Ein anderer Kanal hat diesen Absendernamen"),
    "invisible_name": ("Nothing of this name shows", "Von diesem Namen ist nichts zu sehen"),
    "bad_address": ("Mail cannot go by this address", "Mit dieser Adresse geht keine Mail"),
    "own_address": ("The channel's own address", "Die eigene Adresse des Kanals"),
    "address_not_wanted": ("Another address is wanted by now", "Inzwischen ist eine andere Adresse gewünscht"),
    "signature_too_long": ("The signature is too long", "Die Signatur ist zu lang"),
    "unknown_token": ("A token that cannot be filled", "Ein Platzhalter, der nicht gefüllt werden kann"),
    "no_channel": ("There is no channel", "Es gibt keinen Kanal"),
    "channel_gone": ("The channel is not there any more", "Den Kanal gibt es nicht mehr"),
    "channel_off": ("The channel is switched off", "Der Kanal ist ausgeschaltet"),
    "not_used_for_sending": ("The channel does not send", "Der Kanal sendet nicht"),
    "owner_missing": ("A ticket owner has to be named", "Ein Ticket-Besitzer muss genannt werden"),
    "owner_not_used": ("No ticket owner can be named here", "Hier kann kein Ticket-Besitzer genannt werden"),
    "stage_of_another_pipeline": ("The stage is another pipeline's", "Die Phase gehört zu einer anderen Pipeline"),
    "rule_names_nobody": ("The rule names nobody", "Die Regel nennt niemanden"),
    "seat_not_paid": ("Somebody named has no paid seat", "Jemand Genanntes hat keinen bezahlten Platz"),
    "assignee_without_access": ("The assignee has no access", "Der Bearbeiter hat keinen Zugriff"),
    "empty_message": ("The message is empty", "Die Nachricht ist leer"),
    # --- channels and inboxes
    "address_taken": ("The address is taken", "Die Adresse ist vergeben"),
    "reserved_address": ("The address is reserved", "Die Adresse ist vorbehalten"),
    "domain_taken": ("The domain is connected already", "Die Domain ist schon verbunden"),
    "domain_used_elsewhere": ("The domain is used elsewhere", "Die Domain wird anderswo benutzt"),
    "own_domain": ("A domain of the service itself", "Eine Domain des Dienstes selbst"),
    "subdomain_taken": ("The subdomain is taken", "Die Subdomain ist vergeben"),
    "default_inbox": ("The default inbox stays", "Der Standard-Posteingang bleibt"),
    "inbox_archived": ("The inbox is archived", "Der Posteingang ist archiviert"),
    "last_fallback_address": ("The last address that always works", "Die letzte Adresse, die immer geht"),
    "two_channels": ("Two channels at once", "Zwei Kanäle auf einmal"),
    "nothing_to_probe": ("There is nothing to probe", "Hier gibt es nichts zu prüfen"),
    "probe_under_way": ("A probe is under way", "Eine Prüfung läuft schon"),
    "of_another_channel": ("This belongs to another channel", "Das gehört zu einem anderen Kanal"),
    "channel_disconnected": ("The channel is disconnected", "Der Kanal ist getrennt"),
    "team_address_disconnected": ("The team address is disconnected", "Die Team-Adresse ist getrennt"),
    "domain_not_verified": ("The domain is not verified", "Die Domain ist nicht bestätigt"),
    # --- people and lists
    "bad_entry": ("Not an address or domain", "Keine Adresse oder Domain"),
    "in_both_lists": ("In the allow list and the deny list", "In Positiv- und Sperrliste zugleich"),
    "too_many": ("Too many at once", "Zu viele auf einmal"),
    "no_such_contact": ("There is no such contact", "Diesen Kontakt gibt es nicht"),
    "same_contact": ("Both are the same contact", "Beide sind derselbe Kontakt"),
    "too_many_addresses": ("Too many addresses", "Zu viele Adressen"),
    "name_taken": ("The name is taken", "Der Name ist vergeben"),
    # --- tickets
    "choice_twice": ("A choice stands there twice", "Eine Auswahl steht doppelt da"),
    "choices_missing": ("The choices are missing", "Die Auswahlmöglichkeiten fehlen"),
    "choices_not_used": ("This type has no choices", "Dieser Typ hat keine Auswahl"),
    "default_pipeline": ("The default pipeline stays", "Die Standard-Pipeline bleibt"),
    "empty_comment": ("The comment is empty", "Der Kommentar ist leer"),
    "has_ticket": ("There is a ticket already", "Es gibt schon ein Ticket"),
    "has_tickets": ("There are tickets in it", "Es enthält Tickets"),
    "last_conversation": ("The ticket's last conversation", "Die letzte Konversation des Tickets"),
    "named_by_channel": ("A channel's settings name it", "Die Einstellungen eines Kanals nennen es"),
    "no_open_stage": ("No stage would be open", "Keine Phase wäre offen"),
    "no_such_property": ("There is no such property", "Diese Eigenschaft gibt es nicht"),
    "no_such_stage": ("There is no such stage", "Diese Phase gibt es nicht"),
    "opened_by_hand": ("The ticket was opened by hand", "Das Ticket wurde von Hand angelegt"),
    "owner_without_access": ("The owner has no access", "Der Besitzer hat keinen Zugriff"),
    "pipeline_changed": ("The pipeline was changed just now", "Die Pipeline wurde gerade geändert"),
    "stage_twice": ("A stage stands there twice", "Eine Phase steht doppelt da"),
    "ticket_changed": ("The ticket was changed just now", "Das Ticket wurde gerade geändert"),
    "too_many_conversations": ("Too many conversations", "Zu viele Konversationen"),
    "too_many_moving_pipelines": ("Too many pipelines that move tickets", "Zu viele Pipelines, die Tickets bewegen"),
    "too_many_properties": ("Too many properties", "Zu viele Eigenschaften"),
    "value_does_not_fit": ("The value does not fit its property", "Der Wert passt nicht zur Eigenschaft"),
    # --- writing
    "attachment_gone": ("The attachment is not there any more", "Den Anhang gibt es nicht mehr"),
    "file_type_refused": ("Files of this type are not sent", "Dateien dieses Typs werden nicht gesendet"),
    "has_left": ("It has left already", "Es ist schon unterwegs"),
    "mail_too_large": ("The mail would be too large", "Die Mail würde zu groß"),
    "named_twice": ("The same file twice", "Dieselbe Datei doppelt"),
    "no_such_attachment": ("There is no such attachment", "Diesen Anhang gibt es nicht"),
    "no_such_upload": ("There is no such upload", "Diese hochgeladene Datei gibt es nicht"),
    "nobody_left": ("Everybody was reached", "Alle wurden erreicht"),
    "not_a_mail": ("This is not a mail", "Das ist keine Mail"),
    "not_an_image": ("This is not an image", "Das ist kein Bild"),
    "not_composed": ("No mail can be made of this", "Daraus wird keine Mail"),
    "not_mentionable": ("Somebody named may not read this", "Jemand Genanntes darf das nicht lesen"),
    "not_uploaded": ("The file was not uploaded", "Die Datei wurde nicht hochgeladen"),
    "other_file_uploaded": ("Another file was uploaded", "Eine andere Datei wurde hochgeladen"),
    "sent_too_often": ("Sent too often already", "Schon zu oft gesendet"),
    "unconfirmed": ("It may have left", "Es könnte schon unterwegs sein"),
    "under_way": ("It is under way", "Es ist unterwegs"),
    # --- ours
    "temporarily_unavailable": ("Try again in a moment", "Bitte gleich noch einmal versuchen"),
    "internal_error": ("Something failed here", "Hier ist etwas schiefgegangen"),
}


def title(code: str, language: Language, family: str = "refused") -> str:
    """A code's title; that of the errors it belongs to (`family`) for a code without one."""
    return TITLES.get(code, TITLES[family])[LANGUAGES.index(language)]
