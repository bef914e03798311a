"""Webmail domains: anybody can have an address there, so the domain says nothing about the company."""

_NAMES = {  # of providers with a domain in many countries: yahoo.com, yahoo.co.jp
    "aol", "gmail", "gmx", "googlemail", "hotmail", "icloud", "live", "mail", "msn", "outlook", "proton",
    "protonmail", "tutanota", "yahoo", "yandex", "ymail", "zoho",
}  # fmt: skip
_SUFFIXES = {
    "at", "be", "ca", "ch", "cl", "cn", "co.id", "co.il", "co.in", "co.jp", "co.kr", "co.nz", "co.th", "co.uk",
    "co.za", "com", "com.ar", "com.au", "com.br", "com.cn", "com.co", "com.hk", "com.mx", "com.my", "com.ph",
    "com.sg", "com.tr", "com.tw", "com.vn", "cz", "de", "dk", "ee", "es", "eu", "fi", "fr", "gr", "hu", "ie", "in",
    "it", "jp", "kr", "kz", "lt", "lv", "me", "net", "nl", "no", "org", "pl", "pt", "ro", "ru", "se", "sg", "sk",
    "tr", "ua", "us", "vn",
}  # fmt: skip
_DOMAINS = {
    "126.com", "139.com", "163.com", "189.cn", "1und1.de", "aim.com", "alice.it", "arcor.de", "att.net", "bell.net",
    "bellsouth.net", "bigpond.com", "bk.ru", "bluewin.ch", "blueyonder.co.uk", "bol.com.br", "btinternet.com",
    "charter.net", "comcast.net", "cox.net", "daum.net", "docomo.ne.jp", "duck.com", "earthlink.net", "email.com",
    "email.cz", "email.de", "ezweb.ne.jp", "fastmail.com", "fastmail.fm", "foxmail.com", "free.fr", "freemail.hu",
    "freenet.de", "hanmail.net", "hetnet.nl", "hey.com", "home.nl", "hushmail.com", "i.softbank.jp", "i.ua",
    "ig.com.br", "inbox.lv", "inbox.ru", "interia.pl", "internode.on.net", "kakao.com", "kpnmail.nl", "laposte.net",
    "libero.it", "list.ru", "mac.com", "mailbox.org", "me.com", "mweb.co.za", "nate.com", "naver.com", "neuf.fr",
    "ntlworld.com", "o2.pl", "onet.eu", "onet.pl", "online.de", "online.no", "optonline.net", "optusnet.com.au",
    "orange.fr", "pm.me", "poste.it", "posteo.de", "qq.com", "rambler.ru", "rediffmail.com", "rocketmail.com",
    "rogers.com", "sapo.pt", "sbcglobal.net", "seznam.cz", "sfr.fr", "shaw.ca", "sina.cn", "sina.com", "sky.com",
    "skynet.be", "softbank.ne.jp", "sohu.com", "swissonline.ch", "t-online.de", "talktalk.net", "telenet.be",
    "telfort.nl", "telia.com", "telus.net", "terra.com.br", "terra.es", "tim.it", "tin.it", "tiscali.it",
    "tutamail.com", "ukr.net", "uol.com.br", "verizon.net", "videotron.ca", "virgilio.it", "virgin.net",
    "virginmedia.com", "wanadoo.fr", "web.de", "windowslive.com", "wp.pl", "xs4all.nl", "xtra.co.nz", "yeah.net",
    "ziggo.nl", "zoznam.sk",
}  # fmt: skip


def is_webmail(domain: str) -> bool:
    """Whether anybody can have an address there. domain: as `schemas.addresses.domain_of` gives it."""
    name, _, suffix = domain.partition(".")
    return domain in _DOMAINS or (name in _NAMES and suffix in _SUFFIXES)
