from ldap.controls import RequestControl, ResponseControl

class PasswordPolicyControl(RequestControl, ResponseControl):
    timeBeforeExpiration: int | None
    graceAuthNsRemaining: int | None
    error: int | None
    def __init__(self, criticality: bool = ...) -> None: ...
