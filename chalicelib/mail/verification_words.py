"""Words in the subject of mails that prove control over an address or account, in several languages.

Why: somebody signs up elsewhere with a support address and reads the verification mail in his own ticket
(TicketTrick, 2017). Matched anywhere in the subject, case-insensitively; patterns, since verbs and objects combine.
"""

from __future__ import annotations

VERIFICATION: tuple[str, ...] = (
    (
        r"(?:verify|confirm|validate|activate) (?:your |this |the )?(?:new )?(?:e-?mail|account|address|"
        r"identity|sign[- ]?up|registration|login)"
    ),
    r"(?:e-?mail|account|address) (?:verification|confirmation|activation)",
    r"verification (?:code|e-?mail|link)",
    (
        r"(?:security|confirmation|one[- ]time|login|log-in|sign[- ]?in|access|authentication|"
        r"single-use) (?:code|passcode|password|link|pin)"
    ),
    r"magic link",
    r"\botp\b",
    r"(?:reset|recover|change) (?:your |the )?password",
    r"password (?:reset|recovery)",
    r"complete your (?:registration|sign[- ]?up|account)",
    r"is your .{1,40}code",
    r"(?:has )?invited you to join",
    (
        r"(?:bestätige|bestätigen|verifiziere|verifizieren|aktiviere|"
        r"aktivieren) (?:sie )?(?:bitte )?(?:deine|ihre|dein|ihr)"
    ),
    (
        r"(?:bestätigungs|verifizierungs|sicherheits|anmelde|aktivierungs|einmal)-?(?:code|link|passwort|"
        r"kennwort|mail|e-mail)"
    ),
    r"(?:passwort|kennwort) (?:zurücksetzen|vergessen|ändern)",
    r"e-?mail-?adresse bestätigen",
    r"(?:confirmez|vérifiez|validez|activez|confirmer|vérifier) (?:votre|ton|l'adresse)",
    r"code de (?:vérification|sécurité|confirmation|connexion)",
    r"réinitialis\w+ (?:de )?(?:votre )?mot de passe",
    r"(?:confirma|verifica|confirme|verifique|activa|active) (?:tu|su|o seu|seu|a sua|sua) ",
    r"código de (?:verificación|seguridad|confirmación|acceso|verificação|segurança|confirmação|acesso)",
    r"(?:restablec|redefin)\w+ (?:de )?(?:tu |su |sua |a sua |la )?(?:contraseña|senha)",
    r"(?:conferma|verifica|attiva) (?:il tuo|la tua|l'indirizzo|il suo)",
    r"codice di (?:verifica|sicurezza|conferma|accesso)",
    r"(?:bevestig|verifieer|activeer) (?:je|uw|jouw)",
    r"(?:verificatie|bevestigings|beveiligings)code",
    r"(?:potwierdź|zweryfikuj|aktywuj) (?:swój|swoje|adres|konto)",
    r"kod (?:weryfikacyjny|potwierdzający)",
    r"(?:подтвердите|подтверждение|подтвердить) (?:ваш|адрес|почт|e-?mail|регистрац|аккаунт)",
    r"код (?:подтверждения|безопасности|проверки)",
    r"doğrulama kodu",
    r"(?:認証|確認|検証)コード",
    r"メールアドレスの(?:確認|認証)",
    r"验证码",
    r"驗證碼",
    r"(?:验证|驗證)(?:您|你)的",
    r"인증 ?(?:번호|코드)",
)
