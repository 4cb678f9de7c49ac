"""What can go wrong. The text of each error is a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class MarginError(Exception):
    """Whatever this package raises."""


class Refused(MarginError):
    """Margin answered, and said no.

    Attributes
    ----------
    status : int
        Of HTTP.
    code : str
        A word that programs may rely on, such as "missing_scope".
    fields : mapping
        Sentences by field of what was sent.
    """

    def __init__(self, status: int, code: str, message: str, fields: Mapping[str, Sequence[str]]) -> None:
        said = "".join(f" {name}: {' '.join(sentences)}" for name, sentences in fields.items())
        super().__init__(f"{message} ({status} {code}){said if len(fields) > 1 else ''}")
        self.status, self.code, self.message, self.fields = status, code, message, fields


class Unreachable(MarginError):
    """No answer came, however often it was tried."""


class NotReady(MarginError):
    """What was waited for is not there yet; it goes on without us, so that one may wait for it again."""


class ExportFailed(MarginError):
    """The export could not be written, or was withdrawn."""


class DownloadFailed(MarginError):
    """What arrived is not the file that Margin has."""
