"""Zip members locked with AES, as WinZip and 7-Zip do it (WinZip's AE-1 and AE-2).

The key comes from the password by PBKDF2 with 1,000 rounds; the cipher counts upwards from 1 in little-endian; ten
bytes of HMAC-SHA1 close the member.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import zipfile
import zlib
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from backend.providers.extractors import refusals
from backend.providers.unpacking.box import PIECE, damaged_member

METHOD = 99
_FIELD = 0x9901
_SALT_BYTES = {1: 8, 2: 12, 3: 16}
_KEY_BYTES = {1: 16, 2: 24, 3: 32}
_ROUNDS, _VERIFIER, _SEAL = 1000, 2, 10
_LOCAL_HEADER = 30
_STORED, _DEFLATED = 0, 8


def pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo, password: str) -> Iterator[bytes]:
    """The bytes of the member, no more than it says it has. Raises Unreadable `encrypted`, `corrupt`."""
    strength, method = _field(info)
    inflate = zlib.decompressobj(-15) if method == _DEFLATED else None
    if strength not in _KEY_BYTES or method not in {_STORED, _DEFLATED}:
        raise damaged_member()
    left = info.file_size
    for packed in _decrypted(archive, info, password, strength):
        piece = inflate.decompress(packed, left + 1) if inflate else packed
        left -= len(piece)
        if left < 0:
            raise damaged_member()
        yield piece
    if left:
        raise damaged_member()


def _field(info: zipfile.ZipInfo) -> tuple[int, int]:
    """The strength of the key and the real method of packing."""
    at = info.extra.find(struct.pack("<HH", _FIELD, 7))
    if at < 0 or len(info.extra) < at + 11:
        raise damaged_member()
    strength, method = struct.unpack("<BH", info.extra[at + 8 : at + 11])
    return strength, method


def _decrypted(archive: zipfile.ZipFile, info: zipfile.ZipInfo, password: str, strength: int) -> Iterator[bytes]:
    file = archive.fp
    if file is None:
        raise damaged_member()
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER:
        raise damaged_member()
    name, extra = struct.unpack("<HH", header[26:30])
    file.seek(info.header_offset + _LOCAL_HEADER + name + extra)
    salt, verifier = file.read(_SALT_BYTES[strength]), file.read(_VERIFIER)
    size = _KEY_BYTES[strength]
    keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, _ROUNDS, 2 * size + _VERIFIER)
    if keys[-_VERIFIER:] != verifier:
        raise refusals.wrong_password()
    encrypt = Cipher(algorithms.AES(keys[:size]), modes.ECB()).encryptor()  # noqa: S305 - the counters are ours
    seal = hmac.new(keys[size : 2 * size], digestmod="sha1")
    left, count = info.compress_size - len(salt) - _VERIFIER - _SEAL, 1
    while left > 0:
        data = file.read(min(PIECE, left))
        if not data:
            raise damaged_member()
        left -= len(data)
        seal.update(data)
        blocks = -(-len(data) // 16)
        stream = encrypt.update(b"".join(at.to_bytes(16, "little") for at in range(count, count + blocks)))[: len(data)]
        count += blocks
        mixed = int.from_bytes(data, "little") ^ int.from_bytes(stream, "little")
        yield mixed.to_bytes(len(data), "little")
    if not hmac.compare_digest(seal.digest()[:_SEAL], file.read(_SEAL)):
        raise damaged_member()
