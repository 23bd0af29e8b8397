"""The charset of unlabelled bytes, on whole sentences and on short fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail.charset import strictly
from chalicelib.mail.detection import detect

SENTENCES = [
    ("cp1252", "Sehr geehrte Damen und Herren, über eine Rückmeldung würde ich mich freuen. Schöne Grüße"),
    ("cp1252", "Bonjour, où est ma commande ? Elle a été expédiée à Besançon, merci bien."),
    ("cp1252", "¿Dónde está mi pedido? Mañana no podré recibirlo, gracias señor."),
    ("cp1252", "Não recebi a encomenda, por favor verifique a situação até amanhã."),
    ("cp1250", "Dzień dobry, gdzie jest moje zamówienie? Proszę o szybką odpowiedź, dziękuję."),
    ("cp1250", "Dobrý den, kdy mi přijde objednávka? Těším se na vaši odpověď, děkuji."),
    ("iso8859-2", "Dzień dobry, gdzie jest moje zamówienie? Proszę o szybką odpowiedź, wciąż czekam."),
    ("cp1254", "Merhaba, siparişim hâlâ gelmedi. Lütfen bilgi verir misiniz? Teşekkürler, ığdır"),
    ("cp1251", "Здравствуйте! Подскажите, пожалуйста, где мой заказ? Спасибо."),
    ("koi8-r", "Здравствуйте! Подскажите, пожалуйста, где мой заказ? Спасибо."),
    ("cp866", "Здравствуйте! Подскажите, пожалуйста, где мой заказ? Спасибо."),
    ("cp1253", "Καλημέρα σας, πού βρίσκεται η παραγγελία μου; Ευχαριστώ πολύ."),
    ("cp1255", "שלום, היכן ההזמנה שלי? אשמח לתשובה מהירה, תודה רבה."),
    ("cp1256", "مرحبا، أين طلبي؟ أرجو الرد في أقرب وقت ممكن وشكرا جزيلا لكم."),
    ("cp874", "สวัสดีครับ สินค้าที่สั่งซื้อยังไม่ถึงครับ ช่วยตรวจสอบด้วยครับ"),
    ("cp932", "お世話になっております。注文した商品がまだ届いておりません。"),
    ("euc_jp", "お世話になっております。注文した商品がまだ届いておりません。"),
    ("gb18030", "您好，我的订单还没有收到，请帮我查询一下物流信息，谢谢。"),
    ("big5", "您好，我的訂單還沒有收到，請幫我查詢一下物流資訊，謝謝。"),
    ("cp949", "안녕하세요. 주문한 상품이 아직 도착하지 않았습니다. 확인 부탁드립니다."),
    ("iso2022_jp_ext", "お世話になっております。"),
    ("utf-8", "Grüße, здравствуйте, 您好"),
]
FIELDS = [
    ("cp1252", "Jürgen Groß"),
    ("cp1252", "Rückfrage zur Größe"),
    ("cp1252", "Ménard"),
    ("cp1251", "Вопрос"),
    ("koi8-r", "Вопрос о заказе"),
    ("cp1253", "Ερώτηση"),
    ("cp1255", "שאלה"),
    ("cp932", "注文について"),
    ("gb18030", "订单问题"),
    ("cp949", "주문 문의"),
]


@pytest.mark.parametrize(("codec", "text"), SENTENCES + FIELDS)
def test_languages(codec: str, text: str) -> None:
    data = text.encode("iso2022_jp" if codec == "iso2022_jp_ext" else codec)
    assert strictly(data, detect(data)) == text


@given(st.binary())
def test_any_bytes_have_a_codec(data: bytes) -> None:
    assert isinstance(data.decode(detect(data), "replace"), str)
