"""Which language a text is in."""

from __future__ import annotations

import kreuzberg

_SAMPLE = 20_000
_ENOUGH = 60
"""Letters below which a guess is no better than a coin."""

_ISO_639_1 = {
    "afr": "af", "aka": "ak", "amh": "am", "ara": "ar", "aze": "az", "bel": "be", "ben": "bn", "bul": "bg", "cat": "ca",
    "ces": "cs", "cmn": "zh", "cym": "cy", "dan": "da", "deu": "de", "ell": "el", "eng": "en", "epo": "eo", "est": "et",
    "fin": "fi", "fra": "fr", "guj": "gu", "heb": "he", "hin": "hi", "hrv": "hr", "hun": "hu", "hye": "hy", "ind": "id",
    "ita": "it", "jav": "jv", "jpn": "ja", "kan": "kn", "kat": "ka", "khm": "km", "kor": "ko", "lat": "la", "lav": "lv",
    "lit": "lt", "mal": "ml", "mar": "mr", "mkd": "mk", "mya": "my", "nep": "ne", "nld": "nl", "nob": "nb", "ori": "or",
    "pan": "pa", "pes": "fa", "pol": "pl", "por": "pt", "ron": "ro", "rus": "ru", "sin": "si", "slk": "sk", "slv": "sl",
    "sna": "sn", "spa": "es", "srp": "sr", "swe": "sv", "tam": "ta", "tel": "te", "tgl": "tl", "tha": "th", "tuk": "tk",
    "tur": "tr", "ukr": "uk", "urd": "ur", "uzb": "uz", "vie": "vi", "yid": "yi", "zul": "zu",
}  # fmt: skip


def detect(text: str) -> str | None:
    """ISO 639-1, or None when there is too little to tell."""
    sample = text[:_SAMPLE]
    if sum(character.isalpha() for character in sample) < _ENOUGH:
        return None
    config = kreuzberg.ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        language_detection=kreuzberg.LanguageDetectionConfig(min_confidence=0.5),
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
    )
    found = kreuzberg.extract_bytes_sync(sample.encode(), "text/plain", config).detected_languages
    return _ISO_639_1.get(found[0]) if found else None
