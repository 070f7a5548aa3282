from ldap.controls import RequestControl, ResponseControl

class SimplePagedResultsControl(RequestControl, ResponseControl):
    size: int
    cookie: str | bytes
    def __init__(
        self, criticality: bool = ..., size: int | None = ..., cookie: str | bytes = ...
    ) -> None: ...
