"""A stand-in for YouTube: pages, player answers, captions and sound in the shapes that the real yt-dlp reads."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOSTS = ("www.youtube.com", "rr1---sn.googlevideo.com")


@dataclass
class Clip:
    """A video as the stand-in has it. `tracks` are (language, automatic, WebVTT); `status` as YouTube's player says."""

    id: str
    title: str = "How nets are mended"
    description: str = "Rope, tar and patience, as told by the oldest of the harbour."
    channel: str = "Harbour"
    seconds: int = 12
    tracks: list[tuple[str, bool, str]] = field(default_factory=list)
    sound: bytes = b""
    sound_url: str | None = None
    track_url: str | None = None
    status: dict[str, Any] = field(default_factory=lambda: {"status": "OK"})
    live: bool = False
    slow: float = 0.0


@dataclass
class Tube:
    """The site. `asked` are requests as "host path"; `answers` are fixed ones by path (status, headers, body)."""

    port: int
    ca_file: Path
    clips: dict[str, Clip] = field(default_factory=dict)
    playlists: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: int = 0

    def add(self, clip: Clip) -> Clip:
        self.clips[clip.id] = clip
        return clip

    def resolve(self) -> str:
        """The setting FETCH_RESOLVE that leads here."""
        return ",".join(f"{host}=127.0.0.1:{self.port}" for host in HOSTS)


def player(clip: Clip) -> dict[str, Any]:
    """What the player API says of a clip."""
    answer: dict[str, Any] = {
        "playabilityStatus": clip.status,
        "videoDetails": {
            "videoId": clip.id,
            "title": clip.title,
            "lengthSeconds": str(clip.seconds),
            "channelId": "UC" + "a" * 22,
            "shortDescription": clip.description,
            "author": clip.channel,
            "isLiveContent": clip.live,
            "isLive": clip.live,
        },
        "microformat": {
            "playerMicroformatRenderer": {
                "publishDate": "2024-03-05",
                "uploadDate": "2024-03-05",
                "ownerChannelName": clip.channel,
            }
        },
    }
    if clip.tracks:
        answer["captions"] = {
            "playerCaptionsTracklistRenderer": {"captionTracks": [_track(clip, *track) for track in clip.tracks]}
        }
    if clip.sound or clip.sound_url:
        url = clip.sound_url or f"https://{HOSTS[1]}/videoplayback?id={clip.id}"
        answer["streamingData"] = {
            "expiresInSeconds": "21540",
            "adaptiveFormats": [
                {
                    "itag": 249,
                    "url": url,
                    "mimeType": 'audio/webm; codecs="opus"',
                    "bitrate": 52000,
                    "averageBitrate": 50000,
                    "contentLength": str(len(clip.sound)),
                    "approxDurationMs": str(clip.seconds * 1000),
                    "audioSampleRate": "48000",
                    "audioChannels": 2,
                    "quality": "tiny",
                }
            ],
        }
    return answer


def _track(clip: Clip, language: str, automatic: bool, _vtt: str) -> dict[str, Any]:
    kind = "&kind=asr" if automatic else ""
    return {
        "baseUrl": clip.track_url or f"https://{HOSTS[0]}/api/timedtext?v={clip.id}&lang={language}{kind}",
        "name": {"simpleText": language},
        "vssId": f"{'a' if automatic else ''}.{language}",
        "languageCode": language,
        **({"kind": "asr"} if automatic else {}),
        "isTranslatable": False,
    }


def _item(video_id: str) -> dict[str, Any]:
    return {
        "playlistVideoRenderer": {
            "videoId": video_id,
            "title": {"runs": [{"text": f"Video {video_id}"}]},
            "isPlayable": True,
            "lengthSeconds": "12",
        }
    }


def _playlist(tube: Tube, playlist_id: str) -> dict[str, Any]:
    title, ids = tube.playlists[playlist_id]
    contents = {"playlistVideoListRenderer": {"contents": [_item(one) for one in ids], "playlistId": playlist_id}}
    section = {"sectionListRenderer": {"contents": [{"itemSectionRenderer": {"contents": [contents]}}]}}
    tab = {"tabRenderer": {"selected": True, "content": section}}
    return {
        "contents": {"twoColumnBrowseResultsRenderer": {"tabs": [tab]}},
        "metadata": {"playlistMetadataRenderer": {"title": title}},
    }


def _beside(clip: Clip | None) -> dict[str, Any]:
    """What stands below a video: whose it is."""
    owner = {"videoOwnerRenderer": {"title": {"runs": [{"text": clip.channel if clip else ""}]}}}
    contents = [{"videoSecondaryInfoRenderer": {"owner": owner}}]
    return {"contents": {"twoColumnWatchNextResults": {"results": {"results": {"contents": contents}}}}}


def _page(initial: dict[str, Any], playing: dict[str, Any] | None = None) -> bytes:
    config = {
        "INNERTUBE_API_KEY": "key",
        "INNERTUBE_CONTEXT": {"client": {"clientName": "WEB", "clientVersion": "2.2"}},
    }
    playing_script = f"<script>var ytInitialPlayerResponse = {json.dumps(playing)};</script>" if playing else ""
    return (
        f"<html><head><script>ytcfg.set({json.dumps(config)});</script></head><body>{playing_script}"
        f"<script>var ytInitialData = {json.dumps(initial)};</script></body></html>"
    ).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    tube: Tube

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Nothing is said."""

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(json.loads(body) if body.startswith(b"{") else {})

    def _answer(self, body: dict[str, Any]) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.tube.asked.append(f"{self.headers.get('Host')} {self.path}")
        if parts.path in self.tube.answers:
            status, headers, data = self.tube.answers[parts.path]
            return self._send(data, status, **headers)
        clip = self.tube.clips.get(query.get("v") or query.get("id") or body.get("videoId") or "")
        if parts.path == "/videoplayback" and clip:
            return self._sound(clip)
        found = self._known(parts.path, query, body, clip)
        if found is None:
            return self._send(b"{}", 200 if parts.path.startswith("/youtubei/") else 404)
        return self._send(found)

    def _known(self, path: str, query: dict[str, str], body: dict[str, Any], clip: Clip | None) -> bytes | None:
        if path == "/playlist" and query.get("list") in self.tube.playlists:
            return _page(_playlist(self.tube, query["list"]))
        if path == "/watch":
            return _page(_beside(clip), player(clip) if clip else None)
        if path.startswith("/embed/"):
            return _page({})
        if path == "/youtubei/v1/player":
            status = {"status": "ERROR", "reason": "Video unavailable"}
            gone = {"playabilityStatus": status, "videoDetails": {"videoId": body.get("videoId")}}
            return json.dumps(player(clip) if clip else gone).encode()
        if path == "/api/timedtext" and clip:
            wanted = (query.get("lang"), query.get("kind") == "asr")
            return next(vtt for *named, vtt in clip.tracks if tuple(named) == wanted).encode()
        return None

    def _sound(self, clip: Clip) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start, end = (int(asked[1]), int(asked[2] or len(clip.sound) - 1)) if asked else (0, len(clip.sound) - 1)
        data = clip.sound[start : end + 1]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Type", "audio/webm")
        self.send_header("Content-Length", str(len(data)))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{start + len(data) - 1}/{len(clip.sound)}")
        self.end_headers()
        step = max(1, len(data) // 20) if clip.slow else len(data) or 1
        for at in range(0, len(data), step):
            time.sleep(clip.slow)
            self.wfile.write(data[at : at + step])
            self.tube.sent += len(data[at : at + step])

    def _send(self, data: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what some tests are about."""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Tube]:
    """The site on loopback, with certificates of an authority of its own."""
    ca_file, chain = certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    tube = Tube(server.server_address[1], ca_file)
    server.RequestHandlerClass = type("Handler", (_Handler,), {"tube": tube})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield tube
    finally:
        server.shutdown()
        server.server_close()


def certificates(folder: Path, hosts: Sequence[str] = HOSTS) -> tuple[Path, Path]:
    """An authority, and a certificate of it for all hosts with its key."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stand-in authority")])
    now = dt.datetime.now(dt.UTC)

    def builder(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
        made = made.serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
        return made.not_valid_after(now + dt.timedelta(days=30))

    root = builder(issuer, authority.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    root = root.add_extension(x509.SubjectKeyIdentifier.from_public_key(authority.public_key()), critical=False)
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    leaf = builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])]), key.public_key())
    leaf = leaf.add_extension(names, critical=False).add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False
    )
    ca_file, chain = folder / "authority.pem", folder / "site.pem"
    ca_file.write_bytes(root.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain.write_bytes(private + leaf.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return ca_file, chain
