"""The list of countries agrees with CLDR, apart from the codes that ISO 3166-1 does not assign."""

from babel import Locale

from invoicing.countries import COUNTRIES

NOT_ASSIGNED = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}


def test_the_countries_are_those_of_iso_3166() -> None:
    known = {code for code in map(str, Locale("en").territories) if len(code) == 2}
    assert len(COUNTRIES) == 249
    assert known - COUNTRIES <= NOT_ASSIGNED
    assert known >= COUNTRIES
