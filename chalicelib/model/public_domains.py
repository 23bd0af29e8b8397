"""Domains of public mail providers: anybody has an address there, and nobody but the provider publishes DNS records.

A team address at one of these can be forwarded to us; that mail leaves from it can never be verified. Compared whole.
Sources: the providers' own pages on which domains they give addresses in. A domain that is missing here costs no more
than a claim that SES gives up after 72 hours.
"""

from __future__ import annotations

from typing import Final

_TOLD: Final = """
gmail.com googlemail.com outlook.com outlook.de outlook.at outlook.fr outlook.es outlook.it outlook.be outlook.dk
hotmail.com hotmail.de hotmail.fr hotmail.it hotmail.es hotmail.co.uk hotmail.nl hotmail.be live.com live.de live.at
live.fr live.nl live.it live.co.uk live.be live.dk live.se msn.com passport.com yahoo.com yahoo.de yahoo.fr yahoo.it
yahoo.es yahoo.co.uk yahoo.ca yahoo.co.in yahoo.in yahoo.com.br yahoo.co.jp yahoo.com.au ymail.com rocketmail.com
aol.com aol.de aim.com icloud.com me.com mac.com gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.org gmx.eu gmx.info gmx.biz
gmx.fr gmx.es gmx.co.uk web.de mail.com email.com t-online.de magenta.de freenet.de arcor.de vodafone.de 1und1.de
online.de kabelmail.de unitybox.de posteo.de posteo.net posteo.at posteo.ch mailbox.org bluewin.ch hispeed.ch
sunrise.ch a1.net aon.at chello.at proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tutamail.com
tuta.io tuta.com fastmail.com fastmail.fm hey.com zoho.com zohomail.com zohomail.eu hushmail.com orange.fr wanadoo.fr
free.fr laposte.net sfr.fr neuf.fr libero.it virgilio.it tiscali.it alice.it tin.it btinternet.com virginmedia.com
sky.com talktalk.net ntlworld.com blueyonder.co.uk ziggo.nl kpnmail.nl planet.nl home.nl xs4all.nl telenet.be
skynet.be wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz azet.sk yandex.ru yandex.com ya.ru mail.ru bk.ru list.ru
inbox.ru rambler.ru ukr.net comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
earthlink.net juno.com rogers.com shaw.ca bigpond.com optusnet.com.au xtra.co.nz qq.com 163.com 126.com yeah.net
sina.com sohu.com foxmail.com naver.com daum.net hanmail.net rediffmail.com uol.com.br bol.com.br terra.com.br
"""
PUBLIC_DOMAINS: Final = frozenset(_TOLD.split())


def is_public(domain: str) -> bool:
    """Whether a domain is a public mail provider's. Pure."""
    return domain.lower().rstrip(".") in PUBLIC_DOMAINS
