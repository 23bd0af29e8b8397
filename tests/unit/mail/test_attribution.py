"""Attributions as today's clients write them, by language; and lines that look like one and are none."""

import textwrap

import pytest

from chalicelib.mail.attribution import Attributions
from chalicelib.mail.attribution_people import read_attribution
from chalicelib.mail.lines import read_lines
from chalicelib.mail.model import Address
from chalicelib.mail.quotes import split_reply

KIM = "Kim Doe <kim@example.org>"
RTL = "\u202b"
HEBREW = "\u202aKim Doe\u202c\u200f <\u202akim@example.org\u202c\u200f>"
ATTRIBUTIONS = f"""
en gmail: On Mon, Jan 5, 2026 at 10:31 AM {KIM} wrote:
en gmail app: On Mon, 5 Jan 2026, 10:31 Kim Doe, <kim@example.org> wrote:
en apple: On 5 Jan 2026, at 10:31, {KIM} wrote:
en apple 12 h: On Jan 5, 2026, at 10:31\u202fAM, {KIM} wrote:
en thunderbird: On 1/5/26 10:31 AM, Kim Doe wrote:
en outlook mobile: On Mon, Jan 5, 2026 at 10:31 AM +0100, "Kim Doe" {KIM[8:]} wrote:
en yahoo: On Monday, January 5, 2026 at 10:31:00 AM GMT+1, {KIM} wrote:
en zoho: ---- On Mon, 05 Jan 2026 10:31:00 +0100 {KIM} wrote ----
en android: ---- Kim Doe wrote ----
en proton: On Monday, January 5th, 2026 at 10:31 AM, {KIM} wrote:
en superhuman: On Mon, Jan 05, 2026 at 10:31 AM, {KIM} wrote:
en roundcube: On 2026-01-05 10:31, Kim Doe wrote:
en mutt: On Mon, Jan 05, 2026 at 10:31:00AM +0100, Kim Doe wrote:
en missive: On January 5, 2026 at 10:31 AM, Kim Doe (kim@example.org) wrote:
en fastmail: On Mon, 5 Jan 2026, at 10:31 AM, Kim Doe wrote:
en mail.ru: Monday, 5 January 2026, 10:31 +01:00 from {KIM}:
en hey: On January 5, 2026, {KIM} wrote:
en samsung: -------- Original message --------
en old gmail: 2026-01-05 10:31 GMT+01:00 {KIM}:
en front: On January 5, 2026, 10:31 AM GMT+1 kim@example.org wrote:
de gmail: Am Mo., 5. Jan. 2026 um 10:31 Uhr schrieb {KIM}:
de apple: Am 05.01.2026 um 10:31 schrieb {KIM}:
de thunderbird: Am 05.01.26 um 10:31 schrieb Kim Doe:
de roundcube: Am 05.01.2026 10:31, schrieb Kim Doe:
de gmx: Am 05.01.26, 10:31 schrieb "Kim Doe" <kim@example.org>:
de k-9: Kim Doe <kim@example.org> schrieb am 05.01.2026 um 10:31:
de ionos: {KIM} hat am 05.01.2026 10:31 CET geschrieben:
de old apple: Am 05.01.2026 um 10:31 hat Kim Doe geschrieben:
fr gmail: Le lun. 5 janv. 2026 à 10:31, {KIM} a écrit :
fr apple: Le 5 janv. 2026 à 10:31, {KIM} a écrit :
fr thunderbird: Le 05/01/2026 à 10:31, Kim Doe a écrit :
fr yahoo: Le lundi 5 janvier 2026 à 10:31:00 UTC+1, {KIM} a écrit :
es gmail: El lun, 5 ene 2026 a las 10:31, Kim Doe (<kim@example.org>) escribió:
es apple: El 5 ene 2026, a las 10:31, {KIM} escribió:
es thunderbird: El 5/1/26 a las 10:31, Kim Doe escribió:
es yahoo: El lunes, 5 de enero de 2026, 10:31:00 CET, {KIM} escribió:
pt-br gmail: Em seg., 5 de jan. de 2026 às 10:31, {KIM} escreveu:
pt-pt gmail: {KIM} escreveu (segunda, 5/01/2026 à(s) 10:31):
pt apple: No dia 05/01/2026, às 10:31, {KIM} escreveu:
pt-br apple: Em 5 de jan. de 2026, à(s) 10:31, {KIM} escreveu:
it gmail: Il giorno lun 5 gen 2026 alle ore 10:31 {KIM} ha scritto:
it apple: Il giorno 5 gen 2026, alle ore 10:31, {KIM} ha scritto:
it thunderbird: Il 05/01/26 10:31, Kim Doe ha scritto:
it libero: Il 05/01/2026 10:31 CET {KIM} ha scritto:
nl gmail: Op ma 5 jan 2026 om 10:31 schreef {KIM}:
nl apple: Op 5 jan 2026 om 10:31 heeft {KIM} het volgende geschreven:
nl thunderbird: Op 05-01-2026 om 10:31 schreef Kim Doe:
pl gmail: pon., 5 sty 2026 o 10:31 {KIM} napisał(a):
pl apple: Wiadomość napisana przez {KIM} w dniu 5 sty 2026, o godz. 10:31:
pl thunderbird: W dniu 5.01.2026 o 10:31, Kim Doe pisze:
pl wp: Dnia 5 stycznia 2026 10:31 {KIM} napisał(a):
pl o2: W dniu 2026-01-05 10:31:00 użytkownik {KIM} napisał:
ru gmail: пн, 5 янв. 2026\u202fг. в 10:31, {KIM}:
ru apple: 5 янв. 2026 г., в 10:31, {KIM} написал(а):
ru thunderbird: 05.01.2026 10:31, Kim Doe пишет:
ru mail.ru: Понедельник, 5 января 2026, 10:31 +03:00 от {KIM}:
ru yandex: 05.01.2026, 10:31, "Kim Doe" <kim@example.org>:
uk gmail: пн, 5 січ. 2026\u202fр. о 10:31 {KIM} пише:
uk apple: 5 січ. 2026 р. о 10:31 {KIM} написав(-ла):
cs gmail: po 5. 1. 2026 v 10:31 odesílatel {KIM} napsal:
cs apple: 5. 1. 2026 v 10:31, {KIM}:
cs thunderbird: Dne 05. 01. 26 v 10:31 Kim Doe napsal(a):
cs seznam: ---------- Původní e-mail ----------
sk gmail: po 5. 1. 2026 o 10:31 {KIM} napísal(a):
sk thunderbird: Dňa 5. 1. 2026 o 10:31 Kim Doe napísal(a):
hu gmail: {KIM} ezt írta (időpont: 2026. jan. 5., H, 10:31):
hu apple: 2026. jan. 5. dátummal, 10:31 időpontban {KIM} írta:
hu thunderbird: 2026. 01. 05. 10:31 keltezéssel, Kim Doe írta:
ro gmail: În lun., 5 ian. 2026 la 10:31, {KIM} a scris:
ro thunderbird: Pe 05.01.2026 10:31, Kim Doe a scris:
bg gmail: На пн, 5.01.2026\u202fг. в 10:31 {KIM} написа:
el gmail: Στις Δευ 5 Ιαν 2026 στις 10:31 π.μ., ο χρήστης {KIM} έγραψε:
el thunderbird: Στις 5/1/26 10:31, ο/η Kim Doe έγραψε:
tr gmail: {KIM}, 5 Oca 2026 Pzt, 10:31 tarihinde şunu yazdı:
tr apple: {KIM} şunları yazdı (5 Oca 2026 10:31):
tr thunderbird: 5.01.2026 10:31 tarihinde Kim Doe yazdı:
sv gmail: Den mån 5 jan. 2026 kl 10:31 skrev {KIM}:
sv apple: 5 jan. 2026 kl. 10:31 skrev {KIM}:
sv thunderbird: Den 2026-01-05 kl. 10:31, skrev Kim Doe:
nb gmail: man. 5. jan. 2026 kl. 10:31 skrev {KIM}:
nb apple: 5. jan. 2026 kl. 10:31 skrev {KIM}:
nb outlook: {KIM} skrev følgende den 05.01.2026, 10:31:
da gmail: Den man. 5. jan. 2026 kl. 10.31 skrev {KIM}:
da apple: Den 5. jan. 2026 kl. 10.31 skrev {KIM}:
fi gmail: ma 5. tammik. 2026 klo 10.31 {KIM} kirjoitti:
fi apple: {KIM} kirjoitti 5.1.2026 kello 10.31:
et gmail: Kuupäev E, 5. jaanuar 2026 kell 10:31 kirjutas {KIM}:
et old gmail: Kasutaja {KIM} kirjutas kuupäeval E, 5. jaanuar 2026 kell 10:31:
lv gmail: pirmd., 2026. g. 5. janv., plkst. 10:31 — lietotājs {KIM} rakstīja:
lt gmail: 2026-01-05, pr, 10:31 {KIM} rašė:
hr gmail: pon, 5. sij 2026. u 10:31 {KIM} napisao je:
hr apple: Dana 05.01.2026. u 10:31, {KIM} je napisao:
sl gmail: V V pon., 5. jan. 2026 ob 10:31 je oseba {KIM} napisala:
sl thunderbird: Dne 5. 01. 26 ob 10:31 je Kim Doe napisal(a):
sr gmail: пон, 5. јан 2026. у 10:31 {KIM} је написао/ла:
sr latin: Dana 5.1.2026. u 10:31 {KIM} je napisao/la:
ja gmail: 2026年1月5日(月) 10:31 {KIM}:
ja apple: 2026/01/05 10:31、{KIM}のメール:
ja thunderbird: On 2026/01/05 10:31, Kim Doe wrote:
ko gmail: 2026년 1월 5일 (월) 오전 10:31, {KIM}님이 작성:
ko apple: 2026. 1. 5. 오전 10:31, {KIM} 작성:
zh-Hans gmail: {KIM} 于2026年1月5日周一 10:31写道：
zh-Hans apple: 2026年1月5日 10:31，{KIM} 写道：
zh-Hans qq: 在 2026年1月5日 星期一 10:31，{KIM} 写道：
zh-Hans 163: 在 2026-01-05 10:31:00，"Kim Doe" <kim@example.org> 写道：
zh-Hant gmail: {KIM} 於 2026年1月5日 週一 上午10:31寫道：
zh-Hant apple: {KIM} 於 2026年1月5日 上午10:31 寫道：
ar gmail: في الاثنين، 5 يناير 2026 في 10:31 ص تمت كتابة ما يلي بواسطة {KIM}:
ar apple: في ٥ يناير ٢٠٢٦، الساعة ١٠:٣١ ص، كتب/كتبت {KIM}:
he gmail: {RTL}בתאריך יום ב׳, 5 בינו׳ 2026 ב-10:31 מאת {HEBREW}:
he apple: ב-5 בינו׳ 2026, בשעה 10:31, {KIM} כתב/ה:
fa gmail: در تاریخ دوشنبه ۵ ژانویهٔ ۲۰۲۶، ۱۰:۳۱ {KIM} نوشت:
hi gmail: सोम, 5 जन॰ 2026 को 10:31 am बजे को {KIM} ने लिखा:
th gmail: ในวันที่ จ. 5 ม.ค. 2026 เวลา 10:31 {KIM} เขียนว่า:
vi gmail: Vào Th 2, 5 thg 1, 2026 vào lúc 10:31 {KIM} đã viết:
vi apple: Vào 10:31, ngày 5 thg 1, 2026, {KIM} đã viết:
id gmail: Pada Sen, 5 Jan 2026 pukul 10.31 {KIM} menulis:
ms gmail: Pada Isn, 5 Jan 2026 pada 10:31 PG {KIM} menulis:
ca gmail: Missatge de {KIM} del dia dl., 5 de gen. 2026 a les 10:31:
is gmail: mán., 5. jan. 2026 kl. 10:31 skrifaði {KIM}:
mk gmail: На пон., 5 јан. 2026 во 10:31 {KIM} напиша:
eu gmail: {KIM} igorleak hau idatzi du (2026 urt. 5, al. (10:31)):
gl gmail: O luns, 5 xan 2026 ás 10:31, {KIM} escribiu:
"""
ROWS = [tuple(row.split(": ", 1)) for row in ATTRIBUTIONS.strip().split("\n")]
IDS = [name for name, _ in ROWS]
TEXTS = [text for _, text in ROWS]
ANSWER = "Thank you, that works.\nSee you then."
QUOTED = "Shall we meet?\nOn Friday, say?"


@pytest.mark.parametrize("attribution", TEXTS, ids=IDS)
def test_folds_what_stands_below(attribution: str) -> None:
    assert split_reply(f"{ANSWER}\n\n{attribution}\n\n{QUOTED}\n").text == ANSWER


@pytest.mark.parametrize("attribution", TEXTS, ids=IDS)
def test_folds_quoted_lines_below_and_keeps_the_text_after(attribution: str) -> None:
    quoted = textwrap.indent(QUOTED, "> ", lambda line: True)
    assert split_reply(f"{ANSWER}\n{attribution}\n{quoted}\n").text == ANSWER
    if not attribution.startswith((">", "-")):
        assert split_reply(f"{attribution}\n\n{quoted}\n\n{ANSWER}\n").text == ANSWER


@pytest.mark.parametrize("attribution", TEXTS, ids=IDS)
def test_folds_when_the_attribution_is_quoted_itself(attribution: str) -> None:
    quoted = textwrap.indent(f"{attribution}\n\n{QUOTED}", "> ", lambda line: True)
    assert split_reply(f"{ANSWER}\n\n{quoted}\n").text == ANSWER


@pytest.mark.parametrize("width", [78, 60, 45])
@pytest.mark.parametrize("attribution", [text for text in TEXTS if text[0] not in ">-"])
def test_wrapped(attribution: str, width: int) -> None:
    wrapped = textwrap.fill(attribution, width, break_long_words=False, break_on_hyphens=False)
    assert split_reply(f"{ANSWER}\n\n{wrapped}\n\n{QUOTED}\n").text == ANSWER
    wrapped = attribution.replace("<kim@", "<\nkim@")
    assert split_reply(f"{ANSWER}\n\n{wrapped}\n\n{QUOTED}\n").text == ANSWER


@pytest.mark.parametrize("attribution", [text for text in TEXTS if KIM in text])
def test_who_wrote(attribution: str) -> None:
    sender, date = read_attribution(attribution)
    assert sender == Address("Kim Doe", "kim@example.org")
    assert date


@pytest.mark.parametrize(
    "line",
    [
        "On Monday we meet the team, which wrote:",
        "Here is what we need:",
        "Am Montag treffen wir uns:",
        "He wrote:",
        "As she said, it works.",
        "Please call 10:30:",
        "Our office: Main Street 5, 2026 Springfield",
        "The invoice of 05.01.2026 is attached.",
        "Contact kim@example.org:",
        "Write to Kim Doe <kim@example.org> and ask.",
        "One outstanding question I had:",
        "On this day",
        "Le projet avance bien:",
        "Op tijd geschreven is half gewonnen",
        "Meeting notes, 5 Jan 2026 10:31:",
    ],
)
def test_no_attribution(line: str) -> None:
    assert Attributions(read_lines(f"{line}\nmore text\n")).at(0) is None
    text = f"{ANSWER}\n{line}\nmore text"
    assert split_reply(text).text == text


def test_shares_its_line_with_the_answer() -> None:
    reply = split_reply("Thanks! On Mon, Jan 5, 2026 at 10:31 AM kim@example.org wrote:\n> Hi\n")
    assert reply.text == "Thanks!"
    assert reply.folds[0].start == len("Thanks!")


def test_link_of_polymail_breaks_it_over_many_lines() -> None:
    text = "Fine.\n\nOn Mon, 5 Jan 2026 at 10:31 Kim Doe\n\n<\nmailto:Kim Doe <kim@example.org>\n> wrote:\n\nHello\n"
    assert split_reply(text).text == "Fine."


def test_text_that_opens_alike_stays_apart() -> None:
    text = "On this day\n\nI wrote something\n\nOn 5 Jan 2026, at 10:31, Kim Doe wrote:\n\n> Hi\n"
    assert split_reply(text).text == "On this day\n\nI wrote something"
