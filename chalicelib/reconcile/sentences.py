"""What is said of a channel's status, by the reason's code: what is so, and what to do next. English and German. Pure.

A code is stable: clients and alerts go by it. A test holds that every code that a check can give is here.
"""

from __future__ import annotations

from chalicelib.model.conversation import Reason

SENTENCES: dict[str, tuple[str, str]] = {
    # General
    "in_order": (
        "Everything that was looked at is in order.",
        "Alles, was geprüft wurde, ist in Ordnung.",
    ),
    "nothing_seen": (
        "There is no evidence yet. It is looked for every few minutes.",
        "Es gibt noch keinen Beleg. Alle paar Minuten wird nachgesehen.",
    ),
    "switched_off": (
        "The channel is switched off. Switch it on to use it.",
        "Der Kanal ist ausgeschaltet. Schalten Sie ihn ein, um ihn zu benutzen.",
    ),
    "being_confirmed": (
        "Something may be wrong. It is looked at again in a few minutes before it is said for sure.",
        "Etwas stimmt vielleicht nicht. In wenigen Minuten wird noch einmal nachgesehen, bevor es als sicher gilt.",
    ),
    "recovering": (
        "It worked the last time. It counts as working once it has done so again.",
        "Zuletzt hat es funktioniert. Wenn es noch einmal funktioniert, gilt es als behoben.",
    ),
    # Receiving: the installation's own side
    "no_active_rule_set": (
        "SES has no active receipt rule set, so no mail is taken. An operator activates the one of this installation.",
        "In SES ist kein Empfangsregelsatz aktiv, deshalb kommt keine E-Mail an. Der Betreiber muss den Regelsatz "
        "dieser Installation aktivieren.",
    ),
    "rule_missing": (
        "No active receipt rule takes mail for this address's domain. An operator restores the rule; deploying does"
        " so.",
        "Keine aktive Empfangsregel nimmt E-Mails für die Domain dieser Adresse an. Der Betreiber stellt die Regel "
        "wieder her, zum Beispiel durch ein neues Deployment.",
    ),
    "rule_changed": (
        "The receipt rule does not store mail where it is expected. An operator restores the rule; deploying does so.",
        "Die Empfangsregel legt E-Mails nicht dort ab, wo sie erwartet werden. Der Betreiber stellt die Regel "
        "wieder her, zum Beispiel durch ein neues Deployment.",
    ),
    "storage_refuses": (
        "SES may not store or announce incoming mail: a policy of bucket, topic or queue is not as it was deployed."
        " An operator deploys again.",
        "SES darf eingehende E-Mails nicht ablegen oder melden: Eine Richtlinie von Bucket, Topic oder Queue ist "
        "nicht wie ausgeliefert. Der Betreiber muss neu deployen.",
    ),
    "mail_waits": (
        "Incoming mail waits longer than usual. It is not lost; an operator looks at the function `receive_mail`.",
        "Eingehende E-Mails warten länger als sonst. Sie sind nicht verloren; der Betreiber prüft die Funktion "
        "`receive_mail`.",
    ),
    "dead_letters": (
        "Some mail could not be handled and was put aside. It is not lost; an operator looks at the dead letters "
        "and returns them.",
        "Einige E-Mails konnten nicht verarbeitet werden und wurden beiseitegelegt. Sie sind nicht verloren; der "
        "Betreiber prüft die Dead-Letter-Queue und stellt sie zurück.",
    ),
    "mx_elsewhere": (
        "The world's name servers send this domain's mail elsewhere. Set its MX record as the setup shows it.",
        "Die Nameserver leiten E-Mails dieser Domain woanders hin. Setzen Sie den MX-Eintrag wie in der Einrichtung"
        " gezeigt.",
    ),
    "team_domain_takes_no_mail": (
        "The domain of the team address has no mail server (MX record), so nobody can write to it. Restore the record.",
        "Die Domain der Team-Adresse hat keinen Mailserver (MX-Eintrag), niemand kann ihr schreiben. Stellen Sie "
        "den Eintrag wieder her.",
    ),
    # Receiving: the customer's forwarding
    "forwarding_not_proven": (
        "No mail has come through the forwarding yet. Set it up with your provider, then send a probe.",
        "Über die Weiterleitung ist noch keine E-Mail angekommen. Richten Sie sie bei Ihrem Anbieter ein und senden"
        " Sie dann eine Test-E-Mail.",
    ),
    "probe_late": (
        "The last probe came back late. The provider holds mail up, or checks it for long; look there if it stays so.",
        "Die letzte Test-E-Mail kam verspätet zurück. Der Anbieter hält E-Mails auf oder prüft sie lange; fragen "
        "Sie dort nach, wenn es so bleibt.",
    ),
    "probe_missing": (
        "A probe to the team address did not come back. Check that the forwarding is still switched on, and the "
        "spam folder of the mailbox.",
        "Eine Test-E-Mail an die Team-Adresse kam nicht zurück. Prüfen Sie, ob die Weiterleitung noch eingeschaltet"
        " ist, und sehen Sie im Spam-Ordner des Postfachs nach.",
    ),
    "probe_altered": (
        "The last probe came back altered: the forwarding rewrites mail. Senders and texts may be wrong; redirect "
        "instead of forwarding, or switch off what changes mail on its way.",
        "Die letzte Test-E-Mail kam verändert zurück: Die Weiterleitung schreibt E-Mails um. Absender und Texte "
        "können falsch sein; leiten Sie um statt weiter, oder schalten Sie ab, was E-Mails unterwegs ändert.",
    ),
    "probe_bounced": (
        "A probe to the team address was returned as undeliverable. Check that the mailbox exists, is not full, and"
        " takes mail from outside.",
        "Eine Test-E-Mail an die Team-Adresse wurde als unzustellbar zurückgegeben. Prüfen Sie, ob das Postfach "
        "besteht, nicht voll ist und E-Mails von außen annimmt.",
    ),
    "probe_answered": (
        "Somebody or an automatic reply answered a probe, but it did not come back: the team address is read, but "
        "not forwarded. Switch the forwarding on.",
        "Jemand oder eine automatische Antwort hat auf eine Test-E-Mail geantwortet, sie kam aber nicht zurück: Die"
        " Team-Adresse wird gelesen, aber nicht weitergeleitet. Schalten Sie die Weiterleitung ein.",
    ),
    "probe_not_sent": (
        "A probe could not be sent, so the forwarding cannot be tested now. It is tried again.",
        "Eine Test-E-Mail konnte nicht gesendet werden, deshalb lässt sich die Weiterleitung gerade nicht prüfen. "
        "Es wird erneut versucht.",
    ),
    # Sending
    "sending_paused": (
        "AWS or an operator has paused sending for the whole installation. An operator looks at the SES console.",
        "AWS oder der Betreiber hat das Senden für die ganze Installation angehalten. Der Betreiber sieht in der "
        "SES-Konsole nach.",
    ),
    "under_review": (
        "AWS reviews how this installation sends. It may still send; an operator looks at the SES console.",
        "AWS überprüft das Sendeverhalten dieser Installation. Sie darf noch senden; der Betreiber sieht in der "
        "SES-Konsole nach.",
    ),
    "sandbox": (
        "The SES account is in the sandbox: mail only reaches verified addresses. An operator asks AWS for "
        "production access.",
        "Das SES-Konto ist in der Sandbox: E-Mails erreichen nur bestätigte Adressen. Der Betreiber beantragt bei "
        "AWS den Produktivzugang.",
    ),
    "quota_nearly_used": (
        "Nine tenths of what may be sent in 24 hours is used. An operator asks AWS for a higher quota.",
        "Neun Zehntel dessen, was in 24 Stunden gesendet werden darf, sind verbraucht. Der Betreiber beantragt bei "
        "AWS ein höheres Kontingent.",
    ),
    "quota_used": (
        "All that may be sent in 24 hours is used. Answers wait; an operator asks AWS for a higher quota.",
        "Das Sendekontingent von 24 Stunden ist verbraucht. Antworten warten; der Betreiber beantragt bei AWS ein "
        "höheres Kontingent.",
    ),
    "identity_missing": (
        "SES does not know the domain that this channel sends from. Connect the domain again, or send from another.",
        "SES kennt die Domain nicht, von der dieser Kanal sendet. Verbinden Sie die Domain neu oder senden Sie von "
        "einer anderen.",
    ),
    "identity_pending": (
        "The domain is not verified yet. Publish the DNS records that the channel shows; it can take up to 72 hours.",
        "Die Domain ist noch nicht bestätigt. Veröffentlichen Sie die DNS-Einträge, die der Kanal zeigt; es kann "
        "bis zu 72 Stunden dauern.",
    ),
    "identity_failed": (
        "SES no longer finds the DNS records that prove the domain. Publish the records that the channel shows.",
        "SES findet die DNS-Einträge nicht mehr, die die Domain bestätigen. Veröffentlichen Sie die Einträge, die "
        "der Kanal zeigt.",
    ),
    "dkim_pending": (
        "DKIM is not verified yet. Publish the CNAME records that the channel shows.",
        "DKIM ist noch nicht bestätigt. Veröffentlichen Sie die CNAME-Einträge, die der Kanal zeigt.",
    ),
    "dkim_failed": (
        "Mail leaves without a valid DKIM signature of the domain, and may land in spam. Publish the CNAME records "
        "that the channel shows.",
        "E-Mails gehen ohne gültige DKIM-Signatur der Domain hinaus und können im Spam landen. Veröffentlichen Sie "
        "die CNAME-Einträge, die der Kanal zeigt.",
    ),
    "dkim_not_published": (
        "The world's name servers do not show the DKIM records of the domain. Publish the CNAME records that the "
        "channel shows.",
        "Die Nameserver zeigen die DKIM-Einträge der Domain nicht. Veröffentlichen Sie die CNAME-Einträge, die der "
        "Kanal zeigt.",
    ),
    "mail_from_failed": (
        "The MAIL FROM domain is not verified, so SPF does not speak for your domain. Publish its MX and TXT records.",
        "Die MAIL-FROM-Domain ist nicht bestätigt, deshalb spricht SPF nicht für Ihre Domain. Veröffentlichen Sie "
        "ihre MX- und TXT-Einträge.",
    ),
    "spf_refuses": (
        "The SPF record of the MAIL FROM domain does not allow SES. Add `include:amazonses.com` to it.",
        "Der SPF-Eintrag der MAIL-FROM-Domain erlaubt SES nicht. Ergänzen Sie `include:amazonses.com`.",
    ),
    "dmarc_broken": (
        "The domain has more than one DMARC record, or one that cannot be read, so receivers ignore it. Publish one.",
        "Die Domain hat mehr als einen oder einen unlesbaren DMARC-Eintrag; Empfänger beachten ihn nicht. "
        "Veröffentlichen Sie genau einen.",
    ),
    "address_suppressed": (
        "The address is on the suppression list of SES: a mail to it bounced or was complained about, so SES sends "
        "it nothing. An operator removes it from the list once the mailbox works.",
        "Die Adresse steht auf der Sperrliste von SES: Eine E-Mail an sie wurde abgewiesen oder beanstandet, "
        "deshalb sendet SES ihr nichts. Der Betreiber entfernt sie, sobald das Postfach funktioniert.",
    ),
    "some_fail": (
        "Many answers of the last hour did not arrive. Look at what the messages say.",
        "Viele Antworten der letzten Stunde sind nicht angekommen. Sehen Sie nach, was an den Nachrichten steht.",
    ),
    "most_fail": (
        "Nearly all answers of the last hour did not arrive. Look at what the messages say; the fallback address is"
        " used meanwhile.",
        "Fast alle Antworten der letzten Stunde sind nicht angekommen. Sehen Sie nach, was an den Nachrichten "
        "steht; bis dahin wird die Fallback-Adresse benutzt.",
    ),
}


def reason(code: str) -> Reason:
    """The reason that is stored: in English, since a log is read by all; `KeyError` for a code that is not here."""
    return Reason(code, SENTENCES[code][0])


def sentence(because: Reason, language: str) -> str:
    """A reason in German (`de`) or English (any other language)."""
    english, german = SENTENCES.get(because.code, (because.text, because.text))
    return german if language == "de" else english
