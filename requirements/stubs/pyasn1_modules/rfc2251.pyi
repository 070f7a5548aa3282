from typing import Any

class LDAPMessage:
    def __getitem__(self, name: str) -> Any: ...
