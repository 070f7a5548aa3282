"""Spellings of a name to log in by that some directory takes for one."""

import unicodedata


def folded(username: str) -> str:
    """A name without what directories overlook: case, width, accents, spaces and marks nobody sees.

    LDAP compares names prepared by RFC 4518, in which full-width letters are plain ones and some signs are
    nothing; Active Directory overlooks accents as well. Good for recognising that somebody may be meant,
    never for knowing who it is.
    """
    # Twice, because folding may undo the normal form.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", username).casefold())
    return "".join(mark for mark in plain if unicodedata.category(mark)[0] not in "MZC")
