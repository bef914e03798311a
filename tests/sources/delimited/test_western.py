"""Which words read as a Western European language, and which show another encoding read as Windows-1252."""

import pytest

from sources.delimited.western import has_odd_word, is_odd

WESTERN = """
Müller Björn Chloé Søren Ångström García Peña João L’Haÿ-les-Roses Œuvre “quoted” „Haus“ Rhein–Main – € © ® ™
Acme™ Acme® ° 20°C Nº nº5 N°5 1º 2ª Mª MªJosé Dª Köln Größe Weiß Straße Süß Conceição Gonçalves Ações Eleições
Irmã Guimarães Sertãozinho Créée Réélu Noël Moët Aÿ Où À l’Église d’Or O’Neill King’s don’t we’ll Sant’Anna
dell’arte aujourd’hui D’Angelo Sana’a Anaïs Loïc Haïti Héloïse Genève Hélène Thérèse Lumière poème Forlì Cantù
Nicolò perché così Jyväskylä Hämäläinen Hyvää Töölö Ærøskøbing Bøe Tøien Røed Øyvind Grønland træ Næstved Sæther
Åkesson MÜLLER STRAßE FRANÇOIS MÉLIÈS NOËL ÎLE België Coördinatie ideeën Güell Vicenç Òscar Mòdol Ñuñoa Núñez
Iñaki Logroño Ó Seán Súilleabháin 12½ Col·legi O´Connor ”Hej” »Wort« «mot» ¿Qué ¡Hola! •Item €100 £5 Ã Á Àrea
Éva Lëtzebuerg Durrës Çelik cœur bœuf œil
"""
OTHERS = {
    "cp1250": "Zażółć Łukasz Żółkiewski Świętokrzyska Łódź Gdańsk Wiśniewski Toruń Dvořák Jiří Němec Plzeň Dvůr Černý "
    "Kučera Havlíček Třeboň Győr Erdős Szőke Brăila Iaşi Bucureşti Şerban Petrović Kovačić Đorđević Kranjčič Śląsk",
    "cp1251": "Москва Иван Ленина ул Киев Україна София ООО",
    "cp1253": "Αθήνα Ελένη Οδός",
    "cp1254": "Güneş Yazılım Işık İstanbul Bağdat Doğan Şahin",
    "cp1255": "עומר כהן",
    "cp1256": "محمد حسن",
    "cp1257": "Bērziņš Žvaigždė Šiauliai Panevėžys Kalniņš",
    "mac-roman": "Café Zoë Jürgen Müller Köln Peña José García María Martín Martínez Rodríguez López Muñoz Málaga "
    "Österreich Übersee Weiß Straße Søren Ærø Noël François São João Conceição Hôtel Orléans maître naïve cœur Perú",
    "cp850": "Müller Jörg Köln Café André Peña García López François Österreich Übersee Søren Åse São",
    "cp866": "Москва Иван",
    "koi8-r": "Москва Иван",
    "cp874": "สมชาย ไทย",
    "cp932": "株式会社 東京都 一郎",
    "gbk": "张伟 北京 李 朝阳区",
    "big5": "台灣 陳大文",
    "cp949": "김민준 서울 강남구",
}


def test_western_european_words_are_not_odd() -> None:
    """Letters, and punctuation in its usual places."""
    assert [word for word in WESTERN.split() if is_odd(word)] == []
    assert not has_odd_word(f'1;"{WESTERN}",x')


@pytest.mark.parametrize("codec", OTHERS)
def test_words_in_other_encodings_are_odd(codec: str) -> None:
    """Each word on its own, so one in a million rows is enough."""
    words = {word: word.encode(codec).decode("cp1252", "replace") for word in OTHERS[codec].split()}
    assert [word for word, read in words.items() if not is_odd(read)] == []
    assert all(has_odd_word(f"{WESTERN},{read};x") for read in words.values())


def test_ascii_is_never_odd() -> None:
    """All 128 characters."""
    assert not is_odd("".join(map(chr, range(0x80))))
    assert not has_odd_word("")
