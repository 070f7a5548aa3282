class RequestControl:
    controlType: str
    def __init__(
        self, controlType: str | None = ..., criticality: bool = ..., encodedControlValue: bytes | None = ...
    ) -> None: ...

class ResponseControl:
    controlType: str

def DecodeControlTuples(ldapControlTuples: list[object]) -> list[ResponseControl]: ...
