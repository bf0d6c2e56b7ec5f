"""What YouTube answers instead of a video, as errors a person can act on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import version

from backend.domain.errors import BoardError, NotAllowed, NotFound, Unavailable, Unreadable

PASTE = "Open it on YouTube, choose “Show transcript” below the video, and paste the text as a note."
RENEW = (
    f"Usually YouTube has changed and yt-dlp (here {version('yt-dlp')}) is too old for it: docs/operations.md says how "
    "to renew it."
)

_GONE = (
    r"video (?:is |has been |is no longer )?(?:unavailable|removed|available|terminated|deleted)|removed by the"
    r"|account (?:associated|has been)|no longer available|does not exist|HTTP Error 404|incomplete youtube id"
    r"|isn.t available|not available"
)
_SAYS = (
    (
        "video_refused",
        r"not a bot|captcha|rate-limited|HTTP Error 429|Too Many Requests|try again later|HTTP Error 403",
    ),
    ("age_restricted", r"confirm your age|age.restricted|inappropriate for some users|age verification"),
    ("video_private", r"private video|video is private|granted access|members?.only|join this channel"),
    ("region_blocked", r"in your country|geo.?restrict|not available in your (?:region|location)|copyright grounds"),
    (
        "live_not_ended",
        r"live event will begin|premieres? in|is_upcoming|this live (?:event|stream)|live stream recording",
    ),
    ("video_protected", r"\bDRM\b"),
    (
        "playlist_unavailable",
        r"playlist (?:does not exist|exist|is private)|playlist type is unviewable|recognize playlist",
    ),
    ("video_unavailable", _GONE),
)
_FAULT = re.compile(r"HTTP Error 5\d\d")


def of(error: Exception, said: Sequence[str] = ()) -> BoardError | None:
    """The error that YouTube's own words mean, or None when they mean nothing known."""
    # what it ended with tells more than what it met on its way
    for words in (str(error), " ".join(said)):
        for code, pattern in _SAYS:
            if re.search(pattern, words, re.IGNORECASE):
                return refusal(code)
        if _FAULT.search(words):
            return Unavailable("YouTube has a fault of its own.", code="site_error", hint="Try again later.")
    return None


def refusal(code: str) -> BoardError:
    """The error of that code; KeyError for a code that is none of ours."""
    known = _BY_CODE[code]
    return type(known)(known.message, code=known.code, hint=known.hint)


def not_understood() -> BoardError:
    """Something came that yt-dlp can make nothing of."""
    return Unreadable("YouTube's answer could not be understood.", code="video_not_understood", hint=f"{RENEW} {PASTE}")


_REFUSALS: tuple[BoardError, ...] = (
    NotAllowed("YouTube refuses this server: it wants to see a person.", code="video_refused", hint=f"{PASTE} {RENEW}"),
    NotAllowed("YouTube shows this video only to grown-ups who signed in.", code="age_restricted", hint=PASTE),
    NotAllowed("This video is private, or for members only.", code="video_private", hint=PASTE),
    NotAllowed("YouTube does not show this video where this server stands.", code="region_blocked", hint=PASTE),
    Unreadable(
        "This is live, or has not begun: there is nothing to read before it has ended.",
        code="live_not_ended",
        hint="Add it again when the stream is over.",
    ),
    Unreadable("This video is protected against copying (DRM).", code="video_protected", hint=PASTE),
    NotFound(
        "YouTube has no such video any more.", code="video_unavailable", hint="Check the address in your browser."
    ),
    NotFound(
        "YouTube has no such playlist, or it is private.", code="playlist_unavailable", hint="Check it in a browser."
    ),
    Unreadable(
        "This video has no captions, and YouTube gives out no sound of it.",
        code="no_captions_no_audio",
        hint=f"{RENEW} {PASTE}",
    ),
    Unreadable(
        "There are no videos in this playlist.", code="empty_playlist", hint="Check the address in your browser."
    ),
)
_BY_CODE = {known.code: known for known in _REFUSALS}
