"""Invented companies, people, places and phones, in several scripts. None of them exist."""

COMPANIES = (
    "Contoso GmbH", "Müller & Söhne, Datentechnik KG", "Northwind Traders", "Ελληνική Πληροφορική ΑΕ",
    "ООО «Северный Свет»", "株式会社青空システム", "شركة النور للتقنية", "חברת אור טכנולוגיות",
    "भारत क्लाउड प्राइवेट लिमिटेड",
    "บริษัท ฟ้าใส จำกัด", "한빛소프트웨어", "O'Brien \\ Partners", 'The "Blue" Company, Inc.', "Fabrikam S.A.",
    "Société Générique d'Informatique", "Łódź Software sp. z o.o.", "Ångström AB", "İstanbul Bilişim A.Ş.",
    "Adventure Works", "Tailspin Toys Ltd", "Wingtip Solutions", "Litware LLC", "Proseware Oy", "Tecnología Ñandú S.L.",
    "São Paulo Sistemas Ltda", "Alpine Ski House AG", "Humongous Insurance", "Lucerne Publishing", "Margie's Travel",
    "Trey Research B.V.", "Woodgrove Bank", "VanArsdel, Ltd.", "Coho Vineyard", "Relecloud", "Blue Yonder Airlines",
    "City Power & Light", "First Up Consultants", "Graphic Design Institute", "Nod Publishers", "Best For You Organics",
)  # fmt: skip
TRADES = ("Systems", "Consulting", "Networks", "Software", "Data")
PHONES = (
    "+49 30 ######",
    "(0###) ###-####",
    "+1-555-01##",
    "00 44 20 #### ####",
    "+81 3 #### ####",
    "0###/######",
    None,
)
FAMILIES: tuple[tuple[tuple[str, ...], str, tuple[tuple[str, str | None, str, str], ...]], ...] = (
    (("Anna", "Jörg", "Käthe", "Uwe"), "Müller Weiß Schäfer Özdemir", (
        ("Köln", "NRW", "Germany", "Domstraße {}"), ("Wien", None, "Austria", "Währinger Gürtel {}"))),
    (("Mary", "John", "Aoife", "Zoë"), "Smith O'Connor Brontë Taylor", (
        ("Austin", "TX", "United States", "{} Congress Ave, Suite 5"), ("Dublin", None, "Ireland", "{} Grafton St"))),
    (("Ελένη", "Γιώργος", "Μαρία"), "Παπαδόπουλος Νικολάου", (("Αθήνα", "Αττική", "Greece", "Ερμού {}"),)),
    (("Ольга", "Дмитрий", "Юлия"), "Иванова Кузнецов Щербакова", (("Київ", None, "Ukraine", "вул. Хрещатик, {}"),)),
    (("花子", "太郎"), "山田 佐藤 鈴木", (("東京", "東京都", "Japan", "千代田区{}番地"),)),
    (("伟", "芳"), "王 李 张", (("上海", None, "China", "南京路{}号"),)),
    (("محمد", "ليلى"), "الحسن العلي", (("دبي", None, "United Arab Emirates", "شارع الشيخ زايد {}"),)),
    (("נועה", "דוד"), "כהן לוי", (("תל אביב", None, "Israel", "רחוב הרצל {}"),)),
    (("प्रिया", "अर्जुन"), "शर्मा सिंह", (("दिल्ली", "Delhi", "India", "महात्मा गांधी मार्ग {}"),)),
    (("สมชาย", "อรุณี"), "แสงทอง สุขใจ", (("กรุงเทพฯ", None, "Thailand", "ถนนสุขุมวิท {}"),)),
    (("민준", "서연"), "김 이 박", (("서울", None, "South Korea", "강남대로 {}"),)),
    (("José", "François", "Łucja", "Åsa"), "Nuñez Lefèvre Wójcik Sjöberg", (
        ("São Paulo", "SP", "Brazil", "Av. Paulista, {}"), ("Kraków", None, "Poland", "ul. Długa {}"))),
)  # fmt: skip
