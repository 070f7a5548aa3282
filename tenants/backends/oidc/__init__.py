"""Logging in through an OpenID provider: Microsoft Entra ID, or any other that keeps to the standard.

msal speaks the protocol over our own HTTP client; what it does not verify (since 1.38 nothing of an ID
token but its nonce) is verified in `id_tokens`. The browser goes to the provider and back
(`workflows.sso`); passwords are handed on only where a tenant turns that on.
"""
