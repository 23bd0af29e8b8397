"""How vacation notices and verification mails name themselves in their subjects, by language.

Matched at the start of the subject (vacation) or anywhere in it (verification), case folded. They are supporting
evidence alone: a person may write about office furniture, too. See `automatic`.
"""

from __future__ import annotations

# Language -> how an automatic answer's subject begins: what Exchange, Outlook, Gmail, Notes and webmails write.
VACATION: dict[str, tuple[str, ...]] = {
    "en": (
        "automatic reply", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse",
        "automated reply", "automated response", "automatic response", "auto:", "autoresponder", "out of office",
        "out-of-office", "out of the office", "ooo", "i am away", "i'm away", "away from my mail", "away from the office",
        "away until", "on vacation", "on holiday", "on annual leave", "on leave", "on parental leave", "on maternity leave",
        "vacation reply", "vacation response", "vacation message", "absence notification", "currently unavailable",
        "no longer with", "has left the company", "thank you for contacting", "thank you for your email",
        "we have received your", "we received your", "[auto-reply]", "[autoreply]", "[auto reply]", "[out of office]",
    ),
    "de": (
        "automatische antwort", "automatische rückantwort", "automatische rueckantwort", "autoantwort", "auto-antwort",
        "abwesenheitsnotiz", "abwesenheitsnachricht", "abwesenheitsbenachrichtigung", "abwesenheitsassistent",
        "abwesenheit", "abwesend", "ich bin nicht im büro", "nicht im büro", "außer haus", "ausser haus", "im urlaub",
        "urlaub bis", "urlaubsabwesenheit", "urlaubsbenachrichtigung", "eingangsbestätigung", "automatische nachricht",
        "automatische e-mail-antwort", "elternzeit", "in elternzeit",
    ),
    "fr": (
        "réponse automatique", "reponse automatique", "absence du bureau", "absent du bureau", "absence", "absent",
        "absente", "je suis absent", "je suis en congé", "en congé", "en vacances", "message d'absence",
        "notification d'absence", "accusé de réception automatique", "congé maternité",
    ),
    "es": (
        "respuesta automática", "respuesta automatica", "fuera de la oficina", "fuera de oficina", "ausente", "ausencia",
        "autorespuesta", "auto respuesta", "de vacaciones", "estoy de vacaciones", "contestación automática",
    ),
    "ca": ("resposta automàtica", "fora de l'oficina", "de vacances"),
    "pt": (
        "resposta automática", "resposta automatica", "fora do escritório", "fora do escritorio", "ausência temporária",
        "ausência", "ausente", "de férias", "em férias", "estou de férias", "resposta de ausência", "auto-resposta",
    ),
    "it": (
        "risposta automatica", "fuori sede", "fuori ufficio", "assente", "assenza", "in ferie", "sono in ferie",
        "messaggio automatico", "autorisposta",
    ),
    "nl": (
        "automatisch antwoord", "automatische beantwoording", "automatische reactie", "afwezig", "afwezigheid",
        "afwezigheidsbericht", "niet op kantoor", "buiten kantoor", "met vakantie", "op vakantie", "afwezigheidsassistent",
    ),
    "da": ("automatisk svar", "autosvar", "ikke til stede", "fraværende", "på ferie", "ikke på kontoret", "fravær"),
    "sv": ("autosvar", "automatiskt svar", "frånvaro", "frånvarande", "inte på kontoret", "på semester", "frånvaromeddelande"),
    "nb": ("automatisk svar", "autosvar", "fravær", "fraværende", "ikke til stede", "ikke på kontoret", "på ferie"),
    "fi": ("automaattinen vastaus", "poissa", "poissaoloilmoitus", "lomalla", "poissa toimistosta", "automaattivastaus"),
    "is": ("sjálfvirkt svar", "fjarverandi"),
    "pl": (
        "odpowiedź automatyczna", "automatyczna odpowiedź", "autoodpowiedź", "autoodpowiedz", "poza biurem",
        "nieobecność", "jestem nieobecny", "jestem nieobecna", "na urlopie", "urlop",
    ),
    "cs": ("automatická odpověď", "automaticka odpoved", "mimo kancelář", "nepřítomnost", "dovolená", "jsem mimo kancelář"),
    "sk": ("automatická odpoveď", "mimo kancelárie", "neprítomnosť", "dovolenka"),
    "hu": ("automatikus válasz", "házon kívül", "szabadságon", "távollét", "irodán kívül"),
    "ro": ("răspuns automat", "raspuns automat", "în afara biroului", "absent", "în concediu", "in concediu"),
    "bg": ("автоматичен отговор", "извън офиса", "в отпуска"),
    "hr": ("automatski odgovor", "izvan ureda", "na godišnjem"),
    "sr": ("automatski odgovor", "аутоматски одговор", "van kancelarije", "na odmoru"),
    "sl": ("samodejni odgovor", "odsotnost", "odsoten", "na dopustu", "izven pisarne"),
    "et": ("automaatvastus", "kontorist väljas", "puhkusel", "eemal"),
    "lv": ("automātiskā atbilde", "prombūtne", "atvaļinājumā"),
    "lt": ("automatinis atsakymas", "ne biure", "atostogose", "atostogauju"),
    "el": ("αυτόματη απάντηση", "απουσία", "εκτός γραφείου", "σε άδεια"),
    "ru": (
        "автоматический ответ", "автоответ", "автоматическое уведомление", "вне офиса", "нет на месте", "в отпуске",
        "я в отпуске", "отсутствую",
    ),
    "uk": ("автоматична відповідь", "автовідповідь", "поза офісом", "у відпустці"),
    "tr": ("otomatik yanıt", "otomatik cevap", "ofis dışında", "ofis dışındayım", "izindeyim", "yıllık izin"),
    "ar": ("رد تلقائي", "الرد التلقائي", "خارج المكتب", "في إجازة"),
    "he": ("תשובה אוטומטית", "מענה אוטומטי", "מחוץ למשרד", "בחופשה"),
    "fa": ("پاسخ خودکار", "خارج از دفتر", "در مرخصی"),
    "hi": ("स्वचालित उत्तर", "कार्यालय से बाहर"),
    "th": ("ตอบกลับอัตโนมัติ", "การตอบกลับอัตโนมัติ", "ไม่อยู่ที่สำนักงาน"),
    "vi": ("trả lời tự động", "tự động trả lời", "vắng mặt", "đang nghỉ phép"),
    "id": ("balasan otomatis", "di luar kantor", "sedang cuti", "jawaban otomatis"),
    "ms": ("balasan automatik", "luar pejabat"),
    "ja": ("自動応答", "自動返信", "自動回答", "不在通知", "不在のお知らせ", "休暇", "外出中", "【自動返信】", "[自動返信]"),
    "ko": ("자동 회신", "자동회신", "자동 응답", "자동응답", "부재중", "부재 중", "휴가"),
    "zh": (
        "自动答复", "自动回复", "自動答覆", "自動回覆", "外出", "不在办公室", "不在辦公室", "休假", "假期自动回复",
        "[自动回复]", "【自动回复】", "离开办公室",
    ),
}  # fmt: skip

# Words in the subject of mails that prove control over an address (the TicketTrick of 2017 reads them in a ticket).
VERIFICATION: tuple[str, ...] = (
    # English
    r"(?:verify|confirm|validate|activate) (?:your |this |the )?(?:new )?(?:e-?mail|account|address|identity|sign[- ]?up|registration|login)",
    r"(?:e-?mail|account|address) (?:verification|confirmation|activation)", r"verification (?:code|e-?mail|link)",
    r"(?:security|confirmation|one[- ]time|login|log-in|sign[- ]?in|access|authentication|single-use) (?:code|passcode|password|link|pin)",
    r"magic link", r"\botp\b", r"(?:reset|recover|change) (?:your |the )?password", r"password (?:reset|recovery)",
    r"complete your (?:registration|sign[- ]?up|account)", r"is your .{1,40}code", r"(?:has )?invited you to join",
    # German
    r"(?:bestätige|bestätigen|verifiziere|verifizieren|aktiviere|aktivieren) (?:sie )?(?:bitte )?(?:deine|ihre|dein|ihr)",
    r"(?:bestätigungs|verifizierungs|sicherheits|anmelde|aktivierungs|einmal)-?(?:code|link|passwort|kennwort|mail|e-mail)",
    r"(?:passwort|kennwort) (?:zurücksetzen|vergessen|ändern)", r"e-?mail-?adresse bestätigen",
    # French, Spanish, Portuguese, Italian, Dutch
    r"(?:confirmez|vérifiez|validez|activez|confirmer|vérifier) (?:votre|ton|l'adresse)", r"code de (?:vérification|sécurité|confirmation|connexion)",
    r"réinitialis\w+ (?:de )?(?:votre )?mot de passe", r"(?:confirma|verifica|confirme|verifique|activa|active) (?:tu|su|o seu|seu|a sua|sua) ",
    r"código de (?:verificación|seguridad|confirmación|acceso|verificação|segurança|confirmação|acesso)",
    r"(?:restablec|redefin)\w+ (?:de )?(?:tu |su |sua |a sua |la )?(?:contraseña|senha)",
    r"(?:conferma|verifica|attiva) (?:il tuo|la tua|l'indirizzo|il suo)", r"codice di (?:verifica|sicurezza|conferma|accesso)",
    r"(?:bevestig|verifieer|activeer) (?:je|uw|jouw)", r"(?:verificatie|bevestigings|beveiligings)code",
    # Polish, Russian, Turkish, Japanese, Chinese, Korean
    r"(?:potwierdź|zweryfikuj|aktywuj) (?:swój|swoje|adres|konto)", r"kod (?:weryfikacyjny|potwierdzający)",
    r"(?:подтвердите|подтверждение|подтвердить) (?:ваш|адрес|почт|e-?mail|регистрац|аккаунт)", r"код (?:подтверждения|безопасности|проверки)",
    r"doğrulama kodu", r"(?:認証|確認|検証)コード", r"メールアドレスの(?:確認|認証)", r"验证码", r"驗證碼", r"(?:验证|驗證)(?:您|你)的", r"인증 ?(?:번호|코드)",
)  # fmt: skip
