"""How mail servers word a bounce that carries no machine-readable report: one table.

A row is (name, pattern of the sentence that opens the failure). A row marked STRONG is so particular that no person
writes it at the top of a mail; the others need a daemon's sender address or an empty return path beside them.
`ORIGINAL` are the lines after which the returned mail begins, and with it addresses that did not fail.
Format: patterns match case-insensitively against text whose white space is folded to single blanks (`OPENINGS`), or
against single lines (`ORIGINAL`). All are linear: no nested repetition, bounded gaps.
Limits: run only on mail that a cheap look at sender, subject and type (`bounces`) found suspicious.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Dialect(NamedTuple):
    """One product's opening words."""

    name: str
    pattern: str
    strong: bool = False


STRONG = True

DIALECTS: tuple[Dialect, ...] = (
    Dialect("postfix", r"this is the mail system at host|i'm sorry to have to inform you that (?:the |your )?message|this is the postfix program at host", STRONG),
    Dialect("qmail", r"this is the qmail-send program|i'm afraid i wasn't able to deliver your message|i'm not going to try again; this message|i've given up\. sorry it didn't work out|we're sorry\. there's a problem with the e-?mail address", STRONG),
    Dialect("exim", r"this message was created automatically by (?:the )?(?:mail|e-?mail)|a message that you (?:have )?sent (?:could|has|was) not|a message \(from |the following message to <|message .{1,60} has been frozen", STRONG),
    Dialect("sendmail", r"-{3,5} ?the following addresses had (?:permanent|delivery|transient)|-{3,5} ?transcript of session follows|the original message was received at|this is a mime-encapsulated message .{0,120}original message was received|this is a warning message only|-{3,5} ?transcript of the session|-{3,5} ?unsent message", STRONG),
    Dialect("opensmtpd", r"this is the mailer-daemon, please do not reply|an error has occurred while attempting to deliver a message|a message is delayed for more than", STRONG),
    Dialect("dragonfly", r"this is the dragonfly mail agent", STRONG),
    Dialect("courier", r"this is a delivery status notification from|undeliverable mail .{0,60}at|the following recipients? could not be reached|mail server at .{1,80} (?:could not|reported)|unable to deliver this message because the destination"),
    Dialect("exchange", r"your message did not reach some or all of the intended recipients|the following recipient\(s\) (?:could not|cannot) be reached|the following recipients could not be reached|delivery (?:has failed|is delayed) to (?:these|the following) recipients|your message couldn't be delivered|your message to .{1,100} couldn't be delivered|delivery to the following recipients? (?:has been delayed|failed)|the e-?mail (?:account|system) .{0,60}(?:does not exist|was unable to deliver)|diagnostic information for administrators|your message wasn't delivered", STRONG),
    Dialect("exchange in other languages", r"ihre nachricht .{0,200}(?:wurde nicht zugestellt|hat (?:einige oder )?(?:alle )?.{0,30}nicht erreicht)|fehler bei der nachrichtenzustellung an|die nachricht konnte nicht (?:an|zugestellt)|diese e-?mail konnte nicht (?:an|zugestellt)|ihre nachricht konnte nicht|echec de la remise|échec de la remise|votre message n'a pas (?:été remis|pu être|atteint)|la remise .{0,60}a échoué|no se pudo entregar (?:el|su|tu|a)|error al entregar|el mensaje no (?:ha sido|se ha|pudo)|su mensaje no (?:ha|se)|non è stato (?:possibile )?(?:recapita|consegna)|impossibile (?:recapitare|consegnare)|recapito non riuscito|kon niet (?:worden )?(?:bezorgd|afgeleverd)|bezorging .{0,40}(?:mislukt|is niet gelukt)|falha na entrega|não (?:foi possível|pôde ser) (?:entreg|envi)|nie można dostarczyć|nie dostarczono|nie została dostarczona|не удалось доставить|не может быть доставлено|не было доставлено|сообщение не доставлено|kunde inte levereras|kunne ikke leveres|ei voitu toimittaa|teslim edilemedi|teslim edilemiyor|邮件无法|邮件未能|无法投递|無法傳遞|退信|抱歉，您的邮件|配信(?:でき|に失敗)|送信(?:でき|に失敗)|お届けできません|届けられませんでした|전송되지 못|배달되지"),
    Dialect("gmail", r"delivery to the following recipients? (?:has )?(?:failed|been delayed)|technical details of (?:permanent|temporary) failure|address not found your message wasn't delivered|your message wasn't delivered to|message not delivered|message blocked your message to|recipient inbox full|delivery incomplete|this is an automatically generated delivery status notification|the email account that you tried to reach|hello .{1,100} we're writing to let you know that the group you tried to contact", STRONG),
    Dialect("yahoo", r"sorry, we were unable to deliver your message to the following address|message from yahoo|unable to deliver message to the following address", STRONG),
    Dialect("aol", r"your (?:e-?)?mail (?:message )?to the following recipients? (?:could not|was not)|the following recipients? did not receive|user's mailbox is full"),
    Dialect("gmx, web.de, 1&1, t-online", r"this message was created automatically by mail delivery software|the following address failed|a message that you sent could not be delivered|for explanation (?:visit|of the error)|mail delivery (?:failed|system)|for the following reason:", False),
    Dialect("zoho", r"this message was created automatically by mail delivery software|a message that you sent could not be delivered to one or more|invalid recipient"),
    Dialect("mail.ru, yandex", r"this message was created automatically by mail delivery software|это (?:письмо|сообщение) (?:создано|отправлено) автоматически|к сожалению, (?:ваше|мы)|this is the mail system at host"),
    Dialect("mimecast, messagelabs, mcafee, mxlogic, barracuda, trend micro, surfcontrol", r"your message was not delivered|message could not be delivered|this message could not be delivered|your email message was not delivered|the attached (?:message|file) (?:had|has|was)|the message was rejected|unable to send your e-?mail|sent <<< |your message could not be sent|your message was rejected|could not be delivered to the following|delivery (?:of|for) (?:your|the) (?:message|e-?mail).{0,60}(?:fail|reject|could)|mail (?:could|can) ?not be delivered|this email message could not|error:? (?:user|recipient|mailbox) unknown|the message was not relayed|the message was not delivered"),
    Dialect("lotus notes, domino", r"your message .{0,300}was not delivered to|-{3,9} failure reasons -{3,9}|router: |recipient's name .{0,60}not (?:listed|found)|user .{1,100} not listed in (?:public|domino)", STRONG),
    Dialect("imail", r"invalid final delivery userid|user mailbox exceeds allowed size|undeliverable to|delivery failed \d+ attempts?|unknown (?:user|host): |body of message generated response", STRONG),
    Dialect("messaging server, pmdf", r"this report relates to a message you sent|your message (?:cannot|can not) be delivered|your message is being returned|your message .{0,100}has been (?:enqueued|delayed)|the following message was (?:not delivered|undeliverable)"),
    Dialect("mdaemon, mercury, communigate, merak, mailenable, smartermail, kerio, groupwise", r"the attached message (?:had|has) (?:fatal|permanent|non-fatal) (?:delivery )?errors|session transcript:|the message .{0,100} is undeliverable|failed to deliver to|could not deliver (?:message|mail|the)|mailenable: message delivery failure|failed recipient:|delivery (?:failed|failure) (?:to|for)|the mail message (?:could not|was not)|this message has been undeliverable|unable to deliver (?:your )?(?:message|mail|e-?mail)|could not be delivered (?:to|because|for)|(?:was|were) (?:not|un)(?:able to be)? ?deliver(?:ed|able)|(?:recipients?|addresses|address\(es\)) (?:was|were|is|are) (?:rejected|invalid|unknown|not)|your message to .{1,100} (?:has been|was|could|cannot|can't)"),
    Dialect("amavis, m-filter, activehunter, x1, x2, x3, x4, x5, x6", r"this nondelivery report was generated by|以下のメールアドレス.{0,20}(?:失敗|送信)|server message 550|the original message was received|unable to deliver message to the following|i was unable to deliver your message|we were unable to deliver|unable to find recipient|could not send (?:your )?message|not able to deliver|error in processing your (?:e-?mail|message)|failed to (?:deliver|send)|has not been delivered|have not been delivered|not delivered to|message from .{1,60}unable to deliver|delivery error|there was an error (?:while |in )?(?:sending|delivering)"),
    Dialect("japanese carriers", r"each of the following recipients was rejected|the user\(s\) account is (?:disabled|temporarily limited)|(?:your )?(?:mail|message) (?:sent on|has been) .{0,100}(?:could not|not be)|could not be delivered to the following|user unknown|次のあて先へのメッセージは|宛先.{0,20}(?:不明|見つかり|存在)|以下の(?:宛先|あて先|メールアドレス)|メールアドレスが.{0,30}(?:見つかり|存在|正しく)|(?:配送|配信|送信)(?:が)?(?:できま|でき|に失敗|エラー)|受信者.{0,20}(?:不明|いっぱい)|your message was not delivered|we could not deliver|this message is undelivered|the following (?:destination|address)"),
    Dialect("x.400", r"non-?delivery (?:report|notification)|your message .{0,200}could not be delivered|this report relates to|ipn: |mts-identifier|non-delivered recipient", False),
    Dialect("ezmlm, fml, mailing lists", r"you are not (?:a )?member|you are not subscribed|is not allowed to post|the group you tried to contact|messages from you to the .{1,80} mailing list seem to have been bouncing|your (?:mail|message|posting|article) .{0,60}(?:was|has been) rejected|mail (?:forward|delivery) error|loop(?:ed|ing)? (?:back|mail|alert)|duplicate(?:d)? (?:article|mail)"),
    Dialect("delays", r"has not yet been delivered|could not yet be delivered|message (?:is|has been) delayed|will (?:keep|continue) (?:trying|to try)|delivery (?:has been|is) delayed|not been delivered yet|still trying|no action is required|you do not need to resend|(?:cannot|could not) (?:be )?(?:sent?|deliver(?:ed)?).{0,40}for (?:the (?:last|past) )?\d+ (?:hours|minutes|days)|warning: (?:could not|cannot|message)"),
    Dialect("smtp answers", r"(?:host|server|remote|mta|said|response|reason|error)\b.{0,80}\b[45]\d\d[ -](?:[45]\.\d\.\d{1,3}|.{0,40}(?:unknown|mailbox|reject|denied|unavailable|full))|\b[45]\d\d[ -]#?[45]\.\d\.\d{1,3}|status:? [45]\.\d\.\d|mailbox (?:is )?(?:full|unavailable|not found)|no such (?:user|recipient|mailbox|account)|recipient (?:address )?(?:rejected|unknown)|unknown (?:user|recipient|local)|over quota|undeliverable|undelivered|unroutable address|unrouteable|mail loop|too many hops|returned to sender|delivery failed|delivery failure"),
)  # fmt: skip

STRONG_OPENING = re.compile("|".join(d.pattern for d in DIALECTS if d.strong), re.IGNORECASE)
OPENING = re.compile("|".join(d.pattern for d in DIALECTS), re.IGNORECASE)

# Where the returned mail begins.
ORIGINAL = re.compile(
    r"^[ \t>]{0,8}(?:"
    r"-{2,}[ \t]*(?:below this line|this is a copy|the (?:message|header|body|original)|original|unsent|returned|message"
    r"|mensaje|copy|undelivered|enclosed|your|forwarded|rejected|failed|header|begin|included|start|nachricht|ursprüng)[^\n]{0,120}"
    r"|-{5,}[ \t]*\d{5,}[/.\w]*"
    r"|(?:---? )?original message (?:follows|headers?|header|text|body)[^\n]{0,80}"
    r"|the (?:original )?(?:message|header|mail)s? (?:text |header )?(?:follows|is attached|was|are attached|headers)[^\n]{0,60}:?"
    r"|(?:your )?(?:original|returned|unsent|undelivered|rejected) (?:message|mail|e-?mail)(?: (?:follows|headers?|text|body))?[^\n]{0,20}:?"
    r"|message (?:header|text|headers|body)s?(?: follows?)?[^\n]{0,20}:?"
    r"|copy of (?:the )?(?:original )?message[^\n]{0,40}"
    r"|received: (?:from|by|\()|return-path:|x-originating-ip:|dkim-signature:|arc-seal:|message-id: ?<|content-type: (?:text|multipart)/"
    r"|mime-version: ?1"
    r")",
    re.MULTILINE | re.IGNORECASE,
)

# Whom a daemon calls itself: the local part or display name of the sender.
DAEMON = re.compile(
    r"mailer[-_. ]?daemon|mail[-_. ]?daemon|post[-_. ]?master|mail (?:delivery|administrator|system|server)|mailsystem"
    r"|delivery (?:system|subsystem|agent|status|notification)|maildelivery|mdaemon|system (?:administrator|attendant)"
    r"|microsoft exchange|microsoftexchange|internet mail (?:delivery|service)|mail[-_. ]?(?:router|admin|gateway|bounce)"
    r"|^bounces?[-+@._]|^\"?bounce|daemon@|^daemon|mta@|no-reply@sns\.amazonaws|content-filter|amavis|symantec|systemadministrator"
    r"|^root@|^\"?null\"?@|<>|メールシステム|e-?mail-?system|mail transfer|mailadmin|mail-?robot|undeliver|rejecter|secureserver|mail\.?notification",
    re.IGNORECASE,
)

# Subjects of bounces, from their start on.
SUBJECT = re.compile(
    r"\W{0,4}(?:undeliver|un-deliver|non[- ]?deliver|nondeliver|not deliver|delivery (?:stat|fail|err|problem|notif|report|delay|has|to|incident|un|incomplete)"
    r"|returned (?:mail|e-?mail|message|to)|return(?:ed|ing)? (?:message|mail) ?(?:to sender)?|failure notice|failed (?:mail|delivery|message|recipient)|failure (?:delivering|of delivery)"
    r"|mail (?:delivery|system error|status|could not|returned|not delivered|failure|error)|message (?:delivery|could not|status|not delivered|undeliver|delayed|blocked|you sent|rejected|returned|bounced|delivery)"
    r"|warning: (?:could not|message|e-?mail|mail)|error sending|error (?:in|while)|user unknown|unknown (?:user|address)|could not (?:send|deliver)|unable to deliver|cannot (?:send|deliver)"
    r"|mdaemon (?:warning|notification)|permanent delivery|transient|delayed|e-?mail (?:delivery|could|not|was|rejected|returned)|sorry, your message|your (?:message|mail|e-?mail) .{0,80}(?:not|reject|could|delay|return|block)"
    r"|your message to|there was an error|aws notification|amazon ses|bounce|rejected|\[?postmaster|postmaster notify|dsn|status:? (?:un|fail)|address(?:es)? (?:not found|unknown|invalid)"
    r"|mailbox (?:full|unavailable|is full)|quota|unzustellbar|nicht zustellbar|unzustellbarkeit|zustell|zurückgesendet|mail unzustellbar|fehler bei|non remis|non distribu|échec|echec|remise|retour"
    r"|no entregado|no se pudo|no se puede|error (?:de|al) entreg|devuelto|devolv|correo (?:devuelto|no)|fallo|não entreg|nao entreg|falha|não foi|mensagem (?:não|devolvida)|mancat[ao]|recapito|non recapit|impossibile|mancata consegna"
    r"|onbestel|niet bezorg|kan niet|bezorg|olever|kunde inte|misslyck|ikke lever|kan ikke|ej levere|nie dostar|niedorę|zwrot|недостав|не доставлен|не удалось|ошибка|nedoručiteln|kézbesít|teslim edil|iletilem|toimitus"
    r"|退信|系统退信|无法投递|郵件|邮件|未送達|配信|不達|送信エラー|メール.{0,10}(?:エラー|配|送)|エラーメール|전송 ?실패|반송|配送)",
    re.IGNORECASE,
)
