"""How mail servers word a bounce that carries no machine-readable report: one table.

A row is a product (or a kind of sentence that many share) and the openings it writes. `STRONG` openings are so
particular that no person begins a mail with them; `WEAK` ones need a daemon's sender address beside them.
Patterns match case-insensitively against the beginning of the text, white space folded to single blanks.
Limits: all patterns are linear (bounded gaps, no nested repetition), and only mail that a cheap look at sender,
subject and type (`bounces`) finds suspicious meets them. Where the returned mail begins: `bounce_originals`.
"""

from __future__ import annotations

import re

STRONG: dict[str, tuple[str, ...]] = {
    "Postfix": (
        r"this is the (?:mail system|postfix program|mail delivery system) at host",
        r"i'm sorry to have to inform you that (?:the |your )?message",
        r"i have to inform you that (?:the |your )?message",
    ),
    "qmail, netqmail, sympatico": (
        r"this is the qmail-send program",
        r"i'm afraid i wasn't able to deliver your message",
        r"i wasn't able to deliver your message to the following",
        r"i'm not going to try again; this message",
        r"i've given up\. sorry it didn't work out",
        r"we're sorry\. there's a problem with the e-?mail address",
        r"check the \"send ?to:\" address",
    ),
    "Exim": (
        r"this message was created automatically by (?:the )?(?:mail|e-?mail|smtp|sendmail)",
        r"a message that you (?:have )?sent (?:could|has|was|contained)",
        r"a message \(from <?\S{3,100}> has been submitted",
        r"message \S{10,30} has been frozen",
    ),
    "sendmail, and those that imitate it": (
        r"-{3,5} ?the following addresses had (?:permanent|delivery|transient|successful)",
        r"-{3,5} ?transcript of (?:the )?session",
        r"the original message was received at",
        r"this is a warning message only",
        r"-{3,5} ?unsent message",
        r"-{3,5} ?the following addresses had delivery problems",
    ),
    "OpenSMTPD": (
        r"this is the mailer-daemon, please do not reply",
        r"an error has occurred while attempting to deliver a message",
        r"a message is delayed for more than",
    ),
    "DragonFly": (r"this is the dragonfly mail agent",),
    "Courier": (
        r"this is a delivery status notification from",
        r"the original message was received on .{5,60} from",
        r"unable to deliver this message because the destination",
    ),
    "Exchange, Outlook.com, Microsoft 365": (
        r"your message did not reach some or all of the intended recipients",
        r"did not reach the following recipient\(s\)",
        r"the following recipient\(s\) (?:could not|cannot) be reached",
        r"the following recipients? could not be reached",
        r"delivery (?:has failed|is delayed) to (?:these|the following) recipients",
        r"your message (?:to .{1,100} )?(?:couldn't|could not|wasn't|can't) be delivered",
        r"your message (?:to .{1,100} )?wasn't delivered",
        r"delivery to the following recipients? (?:has been delayed|failed)",
        r"diagnostic information for administrators",
        r"the e-?mail system was unable to deliver",
        r"this is an automatically generated delivery status notification",
    ),
    "Gmail, Google Workspace, Google Groups": (
        r"technical details of (?:permanent|temporary) failure",
        r"\*\* (?:address not found|message not delivered|message blocked|recipient inbox full"
        r"|delivery incomplete)",
        r"there was a (?:temporary )?problem (?:while )?delivering your message",
        r"we're writing to let you know that the group you tried to contact",
        r"delivery to the following recipients? (?:has )?(?:failed|been delayed)",
    ),
    "Yahoo, AOL": (
        r"sorry, we were unable to deliver your message to the following address",
        r"message from yahoo\.",
        r"your mail to the following recipients could not be delivered",
    ),
    "Notes and Domino": (
        r"your message .{0,300}was not delivered to",
        r"-{3,9} failure reasons -{3,9}",
        r"user .{1,100} not listed in (?:public|domino)",
    ),
    "IMail": (
        r"invalid final delivery userid",
        r"user mailbox exceeds allowed size",
        r"body of message generated response",
        r"(?:^|\. )delivery failed \d+ attempts?",
    ),
    "Messaging Server, PMDF, X.400 gateways": (
        r"this report relates to a message you sent",
        r"your message (?:cannot|can not) be delivered to the following",
        r"your message is being returned; it has been enqueued",
        r"your message .{0,100}has been enqueued and undeliverable",
    ),
    "MDaemon, Mercury, MailEnable, GroupWise and others": (
        r"the attached message (?:had|has) (?:fatal|permanent|non-fatal|transient) (?:delivery )?errors",
        r"-+ ?session transcript",
        r"mailenable: message delivery failure",
        r"your message .{0,100}cannot be delivered to the following",
        r"the message that you sent was undeliverable to the following",
    ),
    "amavis, content filters": (
        r"this nondelivery report was generated by",
        r"the message was not (?:relayed|delivered) to",
        r"undelivered-content",
    ),
    "fml, au one net": (
        r"you are not a member of this mailing list <",
        r"duplicated message-id in <",
        r"your mail sent on: .{5,80} could not be delivered to",
    ),
    "Verizon, MailMarshal, InterScan": (
        r"message could not be delivered to mobile",
        r"error: (?:invalid user address|no valid recipients for this mm)",
        r"could not be delivered because of",
        r"unable to deliver message to <\S{3,200}> sent <<<",
    ),
    "Netscape, Compuserve and other old ones": (
        r"this message was undeliverable due to the following reason",
        r"your message was not delivered (?:because|for the following reason|to the following)",
        r"the following message .{0,60}was undeliverable",
    ),
}

WEAK: dict[str, tuple[str, ...]] = {
    "could not be delivered": (
        r"(?:could|can|has|have|was|were|is|are) ?(?:not|n't) (?:yet )?(?:be "
        r"|been )?(?:successfully )?(?:deliver|sent|relayed|forwarded|processed|accept)",
        r"(?:cannot|couldn't|can't|wasn't|weren't|hasn't|isn't) (?:yet )?(?:be |been )?(?:deliver|sent|accept)",
        r"(?:unable|failed|not able|failure|impossible) to (?:deliver|send|relay|find|connect|reach)",
        r"undeliver(?:able|ed)|non-?deliver",
        r"deliver(?:y|ing)? .{0,60}(?:fail|error|impossible|delayed|problem|unsuccessful)",
        r"(?:error|problem|failure)s? .{0,30}(?:deliver|sending|processing|occurred)",
        r"returned to (?:the |its )?(?:sender|you)|being returned|was returned",
        r"(?:was|were|been|is) (?:rejected|refused|blocked|bounced|discarded|quarantined|deferred)",
        r"not received|did not (?:receive|reach)|sent <<<|failed recipients?|invalid recipients?",
    ),
    "recipients": (
        r"the following (?:recipient|address|destination|user|mailbox|e-?mail)",
        r"(?:unknown|no such|invalid|bad) (?:user|recipient|mailbox|address|account|host|domain|local)",
        r"(?:user|recipient|mailbox|address|account|host|domain)s?\b.{0,40} (?:unknown|not found|rejected"
        r"|invalid|disabled|unavailable"
        r"|inactive|full|over|suspended|expired|does ?n[o']t exist|not exist|refused|not valid|closed|limited)",
        r"over ?quota|quota exceeded|exceeds? .{0,30}(?:quota|size|limit|storage)|mailbox (?:is )?full"
        r"|not enough (?:space|storage)",
        r"un(?:roun?|rou)t(?:e)?able|too many hops|mail loop|loop(?:ed|ing)? (?:back|mail|detected)"
        r"|duplicated? (?:article|mail)",
        r"you are not (?:a )?(?:member|subscribed|allowed)|not allowed to post",
    ),
    "SMTP answers": (
        r"\b[45]\d\d[ -]#?[45]\.\d{1,2}\.\d{1,3}",
        r"\b(?:status|code|error|reply|response|reason|said|result)\b.{0,40}\b[45]\d\d\b",
        r"\b[45]\d\d .{0,60}(?:unknown|mailbox|reject|denied|unavailable|full|not|recipient)",
        r"rcpt to:|connection (?:refused|timed out|lost|reset)|timed out|try again",
    ),
    "delays": (
        r"not yet been delivered|delayed|will (?:keep|continue) (?:on )?(?:trying|to try|to attempt)",
        r"no action is required|do not need to resend|still (?:trying|queued)|for (?:the (?:last"
        r"|past) )?\d+ (?:hours|minutes|days)",
    ),
    "German": (
        r"nicht zugestellt|unzustellbar|nicht (?:aus)?geliefert|zustellung|konnte nicht|zurückgesendet"
        r"|nicht gefunden|ist voll",
    ),
    "French": (
        r"remise|pas (?:été|pu|atteint)|non (?:remis|distribu)|impossible de|échec|echec|n'existe pas|introuvable",
    ),
    "Spanish and Portuguese": (
        r"no se (?:pudo|puede|ha podido|entreg)|no (?:ha|pudo|fue|puede)|entregad?|devuelto|não (?:foi|pôde"
        r"|pode|entreg)|falha|"
        r"entregue|no existe|não existe",
    ),
    "Italian": (r"non (?:è stat|può|recapit|consegn|esiste)|impossibile|recapit|consegna",),
    "Dutch": (r"niet (?:worden|afgeleverd|bezorgd|bestel)|bezorg|aflever|onbestelbaar",),
    "Nordic": (r"kunde inte|kunne ikke|kan ikke|levere|mislyk[kt]|ei voi|toimit",),
    "Slavic": (
        r"nie (?:można|dostarcz|został)|nelze|nedoruč|doručen|zlyhal|selhal"
        r"|не (?:удалось|может|было|доставлен|существует)|недостав"
        r"|не вдалося|не доставлено|неуспешн|isporuk|ni uspel|nije uspje?l|испорук",
    ),
    "Baltic": (r"nurjus|kättetoimet|neizdevās|piegād|nepavyko|nepristatyt",),
    "Semitic": (r"המסירה|לא ניתן למס|נכשל|فشل|تعذر",),
    "South-East Asian": (r"không (?:gửi|thể|thành công)|ล้มเหลว|ไม่สามารถ|gagal|tidak dapat",),
    "Turkish, Hungarian, Greek, Romanian": (r"teslim edil|iletilem|kézbesít|δεν |nu a (?:putut|fost)|livrat",),
    "Japanese": (
        r"配信|送信|配送|届け|宛先|あて先|メールアドレス|受信|エラー|拒否|存在しな|見つか",
    ),
    "Chinese": (r"退信|退回|无法|無法|未能|投递|投遞|传递|傳遞|收件人|邮箱|信箱|群組",),
    "Korean": (r"전송|배달|전달|수신|반송|실패",),
}  # fmt: skip


def _pattern(*tables: dict[str, tuple[str, ...]]) -> re.Pattern[str]:
    return re.compile("|".join(row for table in tables for rows in table.values() for row in rows), re.IGNORECASE)


STRONG_OPENING = _pattern(STRONG)
OPENING = _pattern(STRONG, WEAK)
# For senders behind which a person may sit, such as postmaster.
TECHNICAL_OPENING = _pattern(STRONG, {"SMTP answers": WEAK["SMTP answers"]})

# What a daemon calls itself: the local part of its address, or its display name.
DAEMON_ADDRESS = re.compile(
    r"(?:^|[<\s\"])(?:mailer[-_.]?daemon|mail[-_.]?(?:daemon|er|admin|gateway|router|bounce|robot|system"
    r"|server)|mail-?delivery"
    r"|[\w.+-]{0,64}daemon|post[-_.]?master|mdaemon|bounces?(?:[-+._][\w.+=-]{0,200})?"
    r"|microsoftexchange\w{0,40}|mta|undeliverable"
    r"|delivery(?:-?(?:status|failure|report|system))?|ndr|dsn|mailsystem|symantec\w{0,40}|systemadministrator"
    r"|content-?filter"
    r"|no-?reply(?=@sns\.amazonaws\.com))(?:@|>|\s*$)",
    re.IGNORECASE,
)
DAEMON_NAME = re.compile(
    r"mailer[-_ ]?daemon|mail[-_ ]?daemon|post ?master|mail (?:delivery|administrator|system|router|transfer)"
    r"|delivery (?:sub)?system"
    r"|mail delivery|system (?:administrator|attendant)|microsoft exchange|internet mail (?:delivery|service)"
    r"|mdaemon|e-?mail delivery"
    r"|mail ?system|mail server|content[- ]filter|message (?:delivery|router)|non-?delivery|メールシステム|メール配信",
    re.IGNORECASE,
)

_SUBJECTS: dict[str, tuple[str, ...]] = {
    "English": (
        r"undeliver|un-deliver|non[- ]?deliver|not deliver|undelivered|unsent|unable to (?:deliver|send)",
        r"delivery (?:status|fail|error|problem|notif|report|delay|has|to|incident|unsuccess|incomplete"
        r"|warning|of)",
        r"returned (?:mail|e-?mail|message|to)|returning|return(?:ed)? (?:message|mail)|failure (?:notice"
        r"|delivering|of|notification)",
        r"failed (?:mail|delivery|message|recipient|to)|could not (?:send|deliver)|cannot (?:send|deliver)"
        r"|couldn't",
        r"(?:e-?)?mail (?:delivery|system error|status|could|can|cannot|returned|not|failure|error|was"
        r"|rejected|undeliver|you sent|loop)",
        r"message (?:delivery|could|status|not|undeliver|delayed|blocked|you sent|rejected|returned|bounced"
        r"|cannot|to|failed|was|error)",
        r"warning: (?:could|message|e-?mail|mail|cannot|your)|error (?:sending|in|while|delivering|processing"
        r"|mail|condition)",
        r"(?:user|address|recipient|mailbox|host)s? (?:unknown|not found|unavailable|full|is full|invalid"
        r"|rejected|disabled)",
        r"unknown (?:user|address|recipient|mail)|no such (?:user|address)|mdaemon (?:warning|notification)"
        r"|permanent (?:delivery|fail|error)",
        r"transient|temporary|delayed|delay|sorry|your (?:message|mail|e-?mail)|there was an error"
        r"|aws notification|amazon ses",
        r"bounced?\b|reject(?:ed)?\b|post ?master notify|(?:\[dsn\]|dsn:)|ndn:|ndr:|status|mailbox|quota"
        r"|over quota|server (?:error|message)|you .{3,80} are not member"
        r"|loop alert|attention|\*+ ?message|virus|spam|blocked",
    ),
    "German": (r"unzustellbar|nicht zu(?:stellbar|gestellt)|zustell|zurückgesendet|mail konnte|fehler",),
    "French": (r"non[- ](?:remis|distribu|reçu)|échec|echec|remise|retour|erreur|impossible|rapport",),
    "Spanish and Portuguese": (r"no (?:entregado|se pu|se ha)|error|devol|devuelto|correo|fallo|n[ãa]o|falha|mensaje",),
    "Italian": (r"mancat[ao]|recapito|non recapit|impossibile|notifica|errore|messaggio",),
    "Dutch and Nordic": (r"onbestel|niet|kan (?:niet|ikke)|bezorg|olever|kunde|misslyck|ikke|ej |toimit|fejl|fel ",),
    "Slavic": (r"nie|niedor|zwrot|недостав|не |ошибка|возврат|уведомление|nedoru|vráceno|zpráva",),
    "Turkish, Hungarian, Greek": (r"kézbesít|teslim|iletilem|μη |livrare",),
    "Baltic, Semitic, South-East Asian": (
        r"nepristat|nepiegād|kättetoimet|לא ניתן|המסירה|تعذر|فشل|không|ไม่สามารถ|tidak|gagal",
    ),
    "Chinese, Japanese, Korean": (
        r"退信|系[统統]退信|无法|無法|郵件|邮件|未送達|配信|不達|送信|メール|エラー|전송|반송|배달|메일|配送",
    ),
}  # fmt: skip
SUBJECT = re.compile(r"\W{0,4}(?:" + "|".join(row for rows in _SUBJECTS.values() for row in rows) + ")", re.IGNORECASE)
REPLY_OR_FORWARD = re.compile(r"\s*(?:re|fwd?|aw|wg|antw(?:ort)?|sv|tr|rif|odp|回复|答复|转发)\s*[:：]", re.IGNORECASE)
