"""The keys between the site and the sidecar, and the tokens that the site signs for its members."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from pathlib import Path

KEY_ID = "community"
# Long enough for a visit; a page that stays open longer asks the site for a new one.
LIFETIME_S = 3600
# Lists for whoever has not logged in, all together.
VISITS_PER_SECOND = 50


class Keys:
    """What the site knows: the key that signs members' tokens, and the tokens of its server and of its operators."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.tokens_file = folder / "tokens.toml"
        secrets_file = folder / "secrets.json"
        if not secrets_file.exists():
            self._make(secrets_file)
        known = json.loads(secrets_file.read_text())
        self.site, self.operator = known["site"], known["operator"]
        self._key = bytes.fromhex(known["member_key"])

    def member_token(self, member: str, now: float | None = None) -> str:
        """A JSON Web Token that lets its bearer ask as this member, for an hour."""
        now = time.time() if now is None else now
        header = {"alg": "HS256", "typ": "JWT", "kid": KEY_ID}
        claims = {"sub": member, "aud": "hachi", "iat": int(now), "exp": int(now) + LIFETIME_S}
        signed = ".".join(_base64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        return f"{signed}.{_base64(hmac.digest(self._key, signed.encode(), 'sha256'))}"

    def _make(self, secrets_file: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        made = {"site": secrets.token_urlsafe(32), "operator": secrets.token_urlsafe(32), "member_key": secrets.token_hex(32)}
        entries = [
            f'[[token]]\nname = "{name}"\nscope = "{name}"\nsha256 = "{hashlib.sha256(made[name].encode()).hexdigest()}"\n'
            for name in ("site", "operator")
        ]
        entries.append(f'[[member_key]]\nid = "{KEY_ID}"\nalgorithm = "HS256"\nkey = "{made["member_key"]}"\n')
        entries.append(f"[visitors]\nrequests_per_second = {VISITS_PER_SECOND}\n")
        _write(self.tokens_file, "\n".join(entries))
        _write(secrets_file, json.dumps(made, indent=2))


def _write(path: Path, text: str) -> None:
    """Readable by its owner alone, from the first byte."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
