"""Logging in through a company's own directory: OpenLDAP, Active Directory, Oracle Internet Directory.

Only `backend`, `settings` and `available` can be imported without the extra quittance[ldap].
"""
