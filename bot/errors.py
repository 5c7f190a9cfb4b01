"""Every error class of the application.

BotError
├─ SettingsError        the environment or a set-up file is wrong; the text says how to mend it
├─ ContentError         an officer can mend it; carries the path and Vietnamese text
├─ EventError           webhook JSON that cannot be read → dead letter at once
├─ NluError
│  ├─ NluUnavailable    Rasa does not answer → retried once, then the menu
│  └─ NluBadResponse    Rasa answers something unreadable → the menu at once
└─ ZaloError(code)
   ├─ ZaloToken         the access token is refused → read or refresh it once
   ├─ ZaloBusy          rate limit → wait, keep the order
   ├─ ZaloAmbiguous     nobody knows whether the message arrived → look before resending
   ├─ ZaloRefused       this citizen cannot be written to now → stop
   └─ ZaloMisuse        our request or our set-up is wrong → dead letter and alert

The *type* decides whether something is tried again; it is chosen once, at the edge.
"""


class BotError(Exception):
    """Root of all errors raised on purpose by this application."""


class SettingsError(BotError):
    """A setting is missing or wrong. The message is one sentence with the mend."""


class ContentError(BotError):
    """A content file cannot be used. `path` is relative to the content folder."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


class EventError(BotError):
    """A webhook body that is not a readable Zalo event. Never carries the body itself."""


class NluError(BotError):
    """The utterance could not be classified."""


class NluUnavailable(NluError):
    """Rasa could not be reached, timed out, or has no model loaded."""


class NluBadResponse(NluError):
    """Rasa answered with something that is not a classification."""


class ZaloError(BotError):
    """Zalo did not accept a call. `code` is Zalo's error number, None if there was none."""

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class ZaloToken(ZaloError):
    """The access token is invalid or expired."""


class ZaloBusy(ZaloError):
    """A rate limit is reached."""


class ZaloAmbiguous(ZaloError):
    """Timeout, 5xx, -200 or an unreadable answer: the message may have been delivered."""


class ZaloRefused(ZaloError):
    """This citizen cannot be written to: window closed, blocked, not a follower."""


class ZaloMisuse(ZaloError):
    """A wrong request or a wrong set-up; also every unknown code."""
