"""Families of media types that are read in a way of their own."""

from __future__ import annotations

PDF = "application/pdf"

IMAGES = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/bmp", "image/tiff", "image/webp", "image/jp2", "image/avif"}
)
"""Pictures whose words can be read."""

DRAWN = IMAGES | {PDF}
"""What has pages that can be looked at."""

SOUND = frozenset(
    {
        "audio/wav",
        "audio/mpeg",
        "audio/ogg",
        "audio/flac",
        "audio/mp4",
        "audio/aac",
        "audio/aiff",
        "audio/amr",
        "audio/x-ms-wma",
    }
)
VIDEO = frozenset(
    {
        "video/mp4",
        "video/quicktime",
        "video/webm",
        "video/x-matroska",
        "video/x-msvideo",
        "video/x-ms-wmv",
        "video/mpeg",
        "video/mp2t",
        "video/3gpp",
        "video/ogg",
        "video/x-flv",
    }
)
MEDIA = SOUND | VIDEO
"""What is listened to."""

ARCHIVES = frozenset(
    {
        "application/zip",
        "application/x-tar",
        "application/gzip",
        "application/x-bzip2",
        "application/x-xz",
        "application/zstd",
    }
)
"""What is unpacked into documents of their own; a compressed file may hold a tar or one plain file."""

MAILBOX = "application/mbox"
MAILS = frozenset({"message/rfc822", "application/vnd.ms-outlook"})
"""A message with what is attached to it."""

MEMBERED = ARCHIVES | MAILS | {MAILBOX}
"""What may hold other files."""
