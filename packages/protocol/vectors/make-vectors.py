#!/usr/bin/env python3
"""Makes the vectors beside it: one JSON file a profile (README.md says what is in them).

Everything that is expected (bodies, hashes, signatures) is made here, from the platforms' pages, with Python's standard
library and the `openssl` command for ed25519. The code under test gives one thing only: the catalogues' samples, which are
input, read through Node so that a new event type cannot go without a vector. The output is the same bytes every time.

    python3 packages/protocol/vectors/make-vectors.py
"""

import base64
import hashlib
import hmac
import json
import pathlib
import subprocess
import tempfile
from datetime import datetime, timezone
from decimal import Decimal
from urllib.parse import quote

HERE = pathlib.Path(__file__).resolve().parent
NODE = HERE.parents[2] / "node_modules" / ".bin" / "node"

SIGNED_AT = 1_768_477_530  # 2026-01-15T11:45:30Z
HAPPENED_AT_MS = 1_768_477_500_123
TOLERANCE = 300
DEFAULT_ROOM_URL_BASE = "wss://api.meshagent.com"
ENDPOINT = {"id": "ep_01kf0w2zj3h5n7r9tvbxdgmqya", "name": "Production"}

REASONS = ("missing_header", "bad_format", "no_match", "timestamp_too_old", "timestamp_in_future", "wrong_secret_format", "body_was_reserialized")
UNREADABLE = ["bad_format", "no_match"]  # a signature that is not in the scheme's form: either reason is right


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def seeded(label: str, size: int) -> bytes:
    """Key bytes that are the same in every run."""
    return hashlib.shake_256(("waxwing vectors: " + label).encode()).digest(size)


# --- printing JSON as JavaScript and as Python do


def js_number(value) -> str:
    """ECMA-262, Number::toString, on the shortest digits (which Python's repr finds too)."""
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(float(value))).as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + exponent
    text = text.rstrip("0")
    if len(text) <= point <= 21:
        out = text + "0" * (point - len(text))
    elif 0 < point <= 21:
        out = text[:point] + "." + text[point:]
    elif -6 < point <= 0:
        out = "0." + "0" * -point + text
    else:
        power = point - 1
        out = text[0] + ("." + text[1:] if len(text) > 1 else "") + "e" + ("+" if power > 0 else "-") + str(abs(power))
    return ("-" if sign else "") + out


def is_array_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and str(int(key)) == key and int(key) < 2**32 - 1


def js_print(value) -> str:
    """JSON.stringify: compact, integer-like names first and ascending, nothing escaped that need not be."""
    if isinstance(value, dict):
        names = sorted(filter(is_array_index, value), key=int) + [name for name in value if not is_array_index(name)]
        return "{" + ",".join(js_print(name) + ":" + js_print(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(js_print, value)) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return js_number(value)
    return json.dumps(value, ensure_ascii=False)


# --- the conventions


def iso(ms: int, decimals: int) -> str:
    seconds = datetime.fromtimestamp(ms // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return seconds + ("" if decimals == 0 else "." + f"{ms % 1000:03}".ljust(decimals, "0")) + "Z"


def whevt(event_id: str) -> str:
    return event_id if event_id.startswith("whevt_") else "whevt_" + event_id.removeprefix("evt_")


def compact(members: dict, data: str) -> str:
    return "{" + ",".join(js_print(k) + ":" + js_print(v) for k, v in members.items()) + ',"data":' + data + "}"


def body_standard(event, endpoint, settings):
    return compact({"type": event["type"], "timestamp": iso(event["timestampMs"], 3)}, event["data"])


def body_meetloyd(event, endpoint, settings):
    members = {"id": event["id"], "event": event["type"], "timestamp": iso(event["timestampMs"], 3)}
    return compact(members, js_print(json.loads(event["data"])))


def body_joai(event, endpoint, settings):
    members = {"event": event["type"], "webhook": dict(endpoint), "timestamp": iso(event["timestampMs"], 6)}
    return compact(members, js_print(json.loads(event["data"])))


def body_humanconnection(event, endpoint, settings):
    members = {"id": whevt(event["id"]), "type": event["type"], "created_at": iso(event["timestampMs"], 0)}
    return compact(members, js_print(json.loads(event["data"])))


def body_meshagent(event, endpoint, settings):
    data = json.loads(event["data"])
    if event["type"] == "room.started" and "room_url" not in data and isinstance(data.get("room_name"), str):
        segment = quote(data["room_name"], safe="-_.!~*'();:@$&+,=")
        data["room_url"] = settings.get("roomUrlBase", DEFAULT_ROOM_URL_BASE).rstrip("/") + "/rooms/" + segment
    return json.dumps({"event": event["type"], "data": data})


def body_custom(event, endpoint, settings):
    members = {"meta": {"v": 2, "delivery": event["id"], "endpoint": endpoint["id"]}, "type": event["type"]}
    return compact(members, event["data"])


def hmac_hex(secret: str, content: bytes, algorithm="sha256") -> str:
    return hmac.new(secret.encode(), content, algorithm).hexdigest()


def sign_standard(event_id, seconds, body, secrets):
    content = f"{event_id}.{seconds}.".encode() + body
    parts = []
    for secret in secrets:
        kind, _, text = secret.partition("_")
        key = base64.b64decode(text)
        if kind == "whsk":
            parts.append("v1a," + b64(ed25519_sign(key[:32], content)))
        else:
            parts.append("v1," + b64(hmac.digest(key, content, "sha256")))
    return {"webhook-timestamp": str(seconds), "webhook-signature": " ".join(parts)}


def sign_meetloyd(event_id, seconds, body, secrets):
    signature = hmac_hex(secrets[0], f"{seconds}.".encode() + body)
    return {"X-MeetLoyd-Signature": signature, "X-MeetLoyd-Timestamp": str(seconds)}


def sign_joai(event_id, seconds, body, secrets):
    return {"X-Webhook-Signature": hmac_hex(secrets[0], body)}


def sign_humanconnection(event_id, seconds, body, secrets):
    return {"X-HumanConnection-Signature": "sha256=" + hmac_hex(secrets[0], body)}


def jwt(secret: str, claims: dict, head=None, algorithm="sha256") -> str:
    head = head or {"alg": "HS256", "typ": "JWT"}
    parts = ".".join(b64url(json.dumps(part, separators=(",", ":")).encode()) for part in (head, claims))
    signature = b64url(hmac.digest(secret.encode(), parts.encode(), algorithm)) if head["alg"] != "none" else ""
    return parts + "." + signature


def sign_meshagent(event_id, seconds, body, secrets):
    return {"Meshagent-Signature": "Bearer " + jwt(secrets[0], {"sha256": hashlib.sha256(body).hexdigest()})}


def sign_custom(event_id, seconds, body, secrets):
    key = base64.b64decode(secrets[0].removeprefix("acme_"))
    content = f"{event_id}:{seconds}:".encode() + body
    return {"X-Acme-Signature": "v2=" + b64(hmac.digest(key, content, "sha512")), "X-Acme-Time": str(seconds)}


# --- ed25519, by openssl


PKCS8_HEAD = bytes.fromhex("302e020100300506032b657004220420")  # RFC 8410


def openssl(*arguments: str, **files: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (pathlib.Path(folder) / name).write_bytes(content)
        return subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True).stdout


def ed25519_sign(seed: bytes, content: bytes) -> bytes:
    arguments = ["pkeyutl", "-sign", "-rawin", "-inkey", "key", "-keyform", "DER", "-in", "content"]
    return openssl(*arguments, key=PKCS8_HEAD + seed, content=content)


def ed25519_public(seed: bytes) -> bytes:
    return openssl("pkey", "-inform", "DER", "-in", "key", "-pubout", "-outform", "DER", key=PKCS8_HEAD + seed)[-32:]


# --- what is published

# Data that is hard to print back: each is JSON text as a publisher may write it.
DIFFICULT = {
    "empty data": "{}",
    "text beyond ASCII": '{"greeting":"Grüße, 世界","separators":"\u2028\u2029","delete":"\x7f","nbsp":"\u00a0"}',
    "emoji": '{"bird":"🪶","family":"👩\u200d👩\u200d👧","🔑":"a name too"}',
    "escapes that need not be": r'{"slash":"\/","letter":"\u0041","accent":"\u00E9","pair":"\uD83D\uDE00","bell":"\u0007","line":"a\nb\t\"c\" \\"}',
    "nesting": '{"list":[[],[[1,[2,{"deep":[null,true,false]}]]],{}],"object":{"a":{"b":{"c":{}}}}}',
    "numbers": '{"one":1.0,"tiny":1e-7,"negative":-0.5,"zero":-0,"zeroFloat":-0.0,"exponent":1E5,"third":0.3333333333333333,'
    '"least":5e-324,"safe":9007199254740991,"long":0.000001,"pi":3.141592653589793}',
    "names that look like integers": '{"b":1,"10":2,"2":3,"a":4,"01":5,"-1":6,"4294967294":7,"4294967295":8,"__proto__":9,"":10}',
    "white space": '{ "a" : [ 1 , 2 ] ,\n\t"b" : { } }',
}

EVENT_IDS = {
    "standard": "evt_01kf0w31c8m2p4q6s8vxzbdfgh",
    "meetloyd": "evt_01kf0w31c8m2p4q6s8vxzbdfgh",
    "joai": "evt_01kf0w31c8m2p4q6s8vxzbdfgh",
    "humanconnection": "evt_01kf0w31c8m2p4q6s8vxzbdfgh",
    "meshagent": "evt_01kf0w31c8m2p4q6s8vxzbdfgh",
    "custom": "evt_01kf0w31c8m2p4q6s8vxzbdfgh",
}

PLAIN_SECRET = "a-plain-secret-of-30-characters"
SECRETS = {
    "standard": "whsec_" + b64(seeded("standard", 32)),
    "meetloyd": PLAIN_SECRET,
    "joai": PLAIN_SECRET,
    "humanconnection": "whsec_" + b64(seeded("humanconnection", 32)),
    "meshagent": PLAIN_SECRET,
    "custom": "acme_" + b64(seeded("custom", 32)),
}
OTHER_SECRETS = {
    name: ("whsec_" if name == "standard" else "acme_" if name == "custom" else "other-") + b64(seeded("other", 32)) for name in SECRETS
}

SCHEMES = {
    "standard": {"kind": "standard-webhooks"},
    "meetloyd": {
        "kind": "hmac-template", "header": "X-MeetLoyd-Signature", "algorithm": "sha256", "content": "{timestamp}.{body}",
        "encoding": "hex", "prefix": "", "timestampHeader": "X-MeetLoyd-Timestamp", "secret": "utf8",
    },
    "joai": {
        "kind": "hmac-template", "header": "X-Webhook-Signature", "algorithm": "sha256", "content": "{body}",
        "encoding": "hex", "prefix": "", "timestampHeader": None, "secret": "utf8",
    },
    "humanconnection": {
        "kind": "hmac-template", "header": "X-HumanConnection-Signature", "algorithm": "sha256", "content": "{body}",
        "encoding": "hex", "prefix": "sha256=", "timestampHeader": None, "secret": "utf8",
    },
    "meshagent": {"kind": "jwt-body-hash", "header": "Meshagent-Signature", "prefix": "Bearer ", "claim": "sha256"},
    "custom": {
        "kind": "hmac-template", "header": "X-Acme-Signature", "algorithm": "sha512", "content": "{id}:{timestamp}:{body}",
        "encoding": "base64", "prefix": "v2=", "timestampHeader": "X-Acme-Time", "secret": "base64",
    },
}
CUSTOM_DEFINITION = {
    "envelope": {"meta": {"v": 2, "delivery": "{id}", "endpoint": "{endpoint.id}"}, "type": "{type}", "data": "{data}"},
    "headers": {"X-Acme-Version": "2"},
    "signature": SCHEMES["custom"],
    "secret": {"prefix": "acme_"},
}


def samples() -> dict:
    """{profile: {event type: sample as JSON text}}, from the catalogues."""
    script = """
      import { BUILT_IN_PROFILES } from './src/index.ts';
      const out = {};
      for (const [name, { definition }] of BUILT_IN_PROFILES)
        out[name] = Object.fromEntries(definition.eventTypes.map((type) => [type.name, JSON.stringify(type.sample)]));
      console.log(JSON.stringify(out));
    """
    arguments = [str(NODE), "--input-type=module", "-e", script]
    return json.loads(subprocess.run(arguments, cwd=HERE.parent, check=True, capture_output=True).stdout)


def show_id(profile: str, event_id: str) -> str:
    return whevt(event_id) if profile == "humanconnection" else event_id


def message_headers(profile: str, event_id: str) -> dict:
    headers = {"content-type": "application/json", "webhook-id": show_id(profile, event_id)}
    return headers | (CUSTOM_DEFINITION["headers"] if profile == "custom" else {})


def signed(profile: str, body: bytes, secrets, seconds=SIGNED_AT, event_id=None) -> dict:
    event_id = event_id or EVENT_IDS[profile]
    shown = show_id(profile, event_id)
    return message_headers(profile, event_id) | globals()["sign_" + profile](shown, seconds, body, secrets)


def positive(profile, name, event_type, data, *, event_id=None, endpoint=ENDPOINT, settings=None, secrets=None, verify=None,
             timestamp_ms=HAPPENED_AT_MS, seconds=SIGNED_AT):
    event = {"id": event_id or EVENT_IDS[profile], "type": event_type, "timestampMs": timestamp_ms, "data": data}
    secrets = secrets or [SECRETS[profile]]
    body = globals()["body_" + profile](event, endpoint, settings or {})
    vector = {"name": name, "event": event, "endpoint": endpoint}
    if settings:
        vector["settings"] = settings
    return vector | {
        "secrets": secrets,
        "verifySecrets": verify or secrets[:1],
        "timestampSeconds": seconds,
        "body": body,
        "headers": signed(profile, body.encode(), secrets, seconds, event["id"]),
    }


def positives(profile: str, catalogue: dict):
    first = next(iter(catalogue)) if profile != "meshagent" else "room.ended"
    for event_type, data in catalogue.items():
        yield positive(profile, f"the sample of {event_type}", event_type, data)
    for name, data in DIFFICULT.items():
        yield positive(profile, name, first, data)
    for ms, name in ((HAPPENED_AT_MS // 1000 * 1000, "a whole second"), (1_700_000_000_999, "the last millisecond of a second"), (7, "the first of 1970")):
        yield positive(profile, f"a timestamp at {name}", first, "{}", timestamp_ms=ms)
    yield positive(profile, "an id of the caller's own", first, "{}", event_id="Order_42-created")
    yield positive(profile, "an endpoint with a difficult name", first, "{}", endpoint={"id": ENDPOINT["id"], "name": '“Büro” "7" \\ 🚀\n\x7f'})
    yield positive(profile, "an endpoint with an empty name", first, "{}", endpoint={"id": ENDPOINT["id"], "name": ""})
    yield from globals().get("more_" + profile, lambda _: ())(first)
    if profile not in ("standard", "custom"):
        for name, secret in (("a secret beyond ASCII", "пароль-ключ-🔑"), ("the shortest secret", "8 bytes!"), ("a secret that looks like base64", SECRETS["standard"])):
            yield positive(profile, name, first, "{}", secrets=[secret])


def more_standard(first):
    for size in (24, 64):
        yield positive("standard", f"a secret of {size} bytes", first, "{}", secrets=["whsec_" + b64(seeded(f"of {size}", size))])
    old, new = "whsec_" + b64(seeded("old", 32)), "whsec_" + b64(seeded("new", 32))
    yield positive("standard", "two secrets during a rotation", first, "{}", secrets=[new, old], verify=[new, old])
    seed = seeded("ed25519", 32)
    public = ed25519_public(seed)
    pair, alone, shown = "whsk_" + b64(seed + public), "whsk_" + b64(seed), "whpk_" + b64(public)
    yield positive("standard", "an ed25519 key with its public half", first, '{"bird":"🪶"}', secrets=[pair], verify=[shown])
    yield positive("standard", "an ed25519 key as its seed alone", first, '{"bird":"🪶"}', secrets=[alone], verify=[shown])
    yield positive("standard", "an ed25519 key and a shared secret", first, "{}", secrets=[pair, old], verify=[shown, old])
    yield positive("standard", "an integer beyond a double", first, '{"n":12345678901234567890}')


def more_humanconnection(first):
    yield positive("humanconnection", "an id that begins with whevt_ already", first, "{}", event_id="whevt_a1b2c3d4")
    yield positive("humanconnection", "the page's own example", "meeting.completed",
                   '{"meeting_id":"mtg_x7y8z9w0a1b2c3d4","request_id":"req_5e4d3c2b1a0f9e8d","human_id":"hum_a1b2c3d4e5f6g7h8",'
                   '"status":"completed","completed_at":"2026-05-12T15:25:00Z"}', event_id="whevt_a1b2c3d4", timestamp_ms=1_778_599_800_000)


def more_meshagent(_):
    own = {"roomUrlBase": "wss://rooms.example.com/"}
    yield positive("meshagent", "an absent room_url under another base", "room.started", '{"room_name":"my-room"}', settings=own)
    yield positive("meshagent", "an absent room_url of a name that is no URL", "room.started", '{"room_name":"a/b c#d?é🪶:@&=+$,;","n":1e-7}')
    yield positive("meshagent", "an absent room_url in data with white space", "room.started", '{ "room_name" : "my-room" ,\n"n":1.0 }')
    yield positive("meshagent", "a room_url that is there", "room.started", '{"room_url":"wss://elsewhere.example/r","room_name":"my-room"}', settings=own)
    yield positive("meshagent", "a room_url that is there and null", "room.started", '{"room_name":"my-room","room_url":null}')
    yield positive("meshagent", "a room_url whose name is written with an escape", "room.started", r'{"room_name":"my-room","room\u005furl":"x"}')
    yield positive("meshagent", "no room_url outside room.started", "room.ended", '{"room_name":"my-room"}', settings=own)
    yield positive("meshagent", "numbers that Python writes otherwise", "room.ended",
                   '{"a":1e16,"b":1E+22,"c":1e-5,"d":0.0001,"e":123456789012345678901234567890,"f":1e15,"g":-1.5E-9,"h":100.0,"i":2e2}')


# --- what a receiver is given


def received(name, headers, body, secrets, now=SIGNED_AT, expect=None):
    vector = {"name": name, "secrets": secrets, "nowSeconds": now, "headers": headers}
    try:
        vector["body"] = body.decode()
    except UnicodeDecodeError:
        vector["bodyBase64"] = b64(body)
    if expect is not None:
        assert all(reason in REASONS for reason in expect), expect
        vector["expect"] = expect
    return vector


def signature_header(profile: str) -> str:
    return SCHEMES[profile].get("header", "webhook-signature")


def timestamp_header(profile: str):
    return "webhook-timestamp" if profile == "standard" else SCHEMES[profile].get("timestampHeader")


def base_message(profile: str, catalogue: dict):
    event_type = "agent.message" if profile == "joai" else next(iter(catalogue))
    event = {"id": EVENT_IDS[profile], "type": event_type, "timestampMs": HAPPENED_AT_MS, "data": catalogue[event_type]}
    return globals()["body_" + profile](event, ENDPOINT, {}).encode()


def accepted(profile: str, catalogue: dict):
    body, secret, other = base_message(profile, catalogue), SECRETS[profile], OTHER_SECRETS[profile]
    good = signed(profile, body, [secret])
    yield received("the right secret among others", good, body, [other, secret])
    yield received("header names in lower case", {k.lower(): v for k, v in good.items()}, body, [secret])
    yield received("header names in upper case", {k.upper(): v for k, v in good.items()}, body, [secret])
    spaced = json.dumps(json.loads(body), indent=2, ensure_ascii=False).encode()
    yield received("a body with white space, signed as it is", signed(profile, spaced, [secret]), spaced, [secret])
    if timestamp_header(profile):
        yield received("a timestamp at the tolerance's far end", good, body, [secret], now=SIGNED_AT + TOLERANCE)
        yield received("a timestamp as far ahead as is tolerated", good, body, [secret], now=SIGNED_AT - TOLERANCE)
    if profile == "standard":
        right, wrong = good["webhook-signature"], signed(profile, body, [other])["webhook-signature"]
        for name, value in (
            ("the right signature behind a wrong one", f"{wrong} {right}"),
            ("the right signature before a wrong one", f"{right} {wrong}"),
            ("a signature of an unknown version beside the right one", f"v9,AAAA {right}"),
            ("the right signature twice", f"{right} {right}"),
            ("an unreadable v1a beside the right one", f"v1a,AAAA {right}"),
        ):
            yield received(name, good | {"webhook-signature": value}, body, [secret])
    if profile == "meshagent":
        raw = b'{"event":"room.ended","data":{"room_name":"caf\xc3\xa9"}}'
        printed = hashlib.sha256(json.dumps(json.loads(raw)).encode()).hexdigest()
        own = hashlib.sha256(body).hexdigest()
        header = lambda token: good | {"Meshagent-Signature": "Bearer " + token}
        yield received("the hash of what json.dumps makes of the body", header(jwt(secret, {"sha256": printed})), raw, [secret])
        yield received("a token with more claims", header(jwt(secret, {"iss": "meshagent", "sha256": own, "iat": SIGNED_AT})), body, [secret])
        yield received("a token whose head is in another order", header(jwt(secret, {"sha256": own}, {"typ": "JWT", "alg": "HS256"})), body, [secret])
        yield received("a token whose head has no typ", header(jwt(secret, {"sha256": own}, {"alg": "HS256"})), body, [secret])


def negative(profile: str, catalogue: dict):
    body, secret, other = base_message(profile, catalogue), SECRETS[profile], OTHER_SECRETS[profile]
    good = signed(profile, body, [secret])
    header, time_header = signature_header(profile), timestamp_header(profile)
    value = good[header]
    prefix = {"standard": "v1,", "meshagent": "Bearer "}.get(profile, SCHEMES[profile].get("prefix", ""))
    digest = value.removeprefix(prefix)

    def with_value(name, text, expect):
        return received(name, good | {header: text}, body, [secret], expect=expect)

    # the secret
    yield received("the wrong secret", good, body, [other], expect=["no_match"])
    yield received("no secret at all", good, body, [], expect=["wrong_secret_format", "no_match"])
    empty = {"standard": "whsec_", "custom": "acme_"}.get(profile, "")
    yield received("an empty secret", signed(profile, body, [empty]), body, [empty], expect=["wrong_secret_format"])
    short = empty + b64(b"short!!")[:8] if empty else "7 bytes"
    yield received("a short secret", signed(profile, body, [short]), body, [short], expect=["wrong_secret_format"])
    if profile == "standard":
        short = "whsec_" + b64(seeded("of 23", 23))
        yield received("a secret one byte too short", signed(profile, body, [short]), body, [short], expect=["wrong_secret_format"])
        yield received("a secret that is not base64", good, body, ["whsec_not base64, is it?"], expect=["wrong_secret_format"])

    # the body
    for name, changed in (
        ("one byte of the body changed", body.replace(b'"data"', b'"datb"', 1)),
        ("the last byte of the body missing", body[:-1]),
        ("an empty body", b""),
        ("the body with a member more", body[:-1] + b',"extra":1}'),
    ):
        assert changed != body
        yield received(name, good, changed, [secret], expect=["no_match"])
    respelled = [("a line feed behind the body", body + b"\n"), ("a space before the body", b" " + body)]
    if profile != "meshagent":  # whose receivers print the body themselves before they hash it
        respelled.append(("the body indented on the way", json.dumps(json.loads(body), indent=2, ensure_ascii=False).encode()))
    for name, changed in respelled:  # refused like any other, and told apart by a receiver that looks into it
        yield received(name, good, changed, [secret], expect=["no_match", "body_was_reserialized"])
    mangled = body.replace(b'"data":', b'"note":"\xff","data":', 1)
    replaced = mangled.decode(errors="replace").encode()
    assert mangled != replaced
    yield received("bytes that are no UTF-8, signed as the text they decode to", signed(profile, replaced, [secret]), mangled, [secret],
                   expect=["no_match", "bad_format"])

    # headers that are not there
    for name in filter(None, (header, time_header, "webhook-id" if profile in ("standard", "custom") else None)):
        yield received(f"no {name}", {k: v for k, v in good.items() if k != name}, body, [secret], expect=["missing_header"])

    # the signature's form
    yield with_value("an empty signature", "", ["missing_header", "bad_format", "no_match"])
    if prefix:
        yield with_value("the prefix alone", prefix, UNREADABLE)
        yield with_value("the signature without its prefix", digest, UNREADABLE)
    yield with_value("a truncated signature", value[:-2], UNREADABLE)
    yield with_value("a signature cut in half", value[: len(prefix) + len(digest) // 2], UNREADABLE)
    yield with_value("the signature doubled", value + digest, UNREADABLE)
    yield with_value("the signature twice, as a proxy joins two headers", f"{value}, {value}", UNREADABLE)
    wrong_prefix = {"standard": "v2,", "meshagent": "Basic ", "humanconnection": "sha512=", "custom": "v1="}.get(profile, "sha256=")
    yield with_value("a wrong prefix", wrong_prefix + digest, UNREADABLE)
    yield with_value("white space within the signature", f"{value[:-5]} {value[-5:]}", UNREADABLE)
    if profile != "standard":  # a list of signatures, which white space separates
        yield with_value("white space around the signature", f" {value} ", UNREADABLE)
    yield with_value("text that is no signature", "signature", UNREADABLE)
    yield with_value("text beyond ASCII of the same length", value[: len(prefix)] + "é" * len(digest), UNREADABLE)
    if SCHEMES[profile].get("encoding") == "hex":
        assert digest != digest.upper()
        yield with_value("upper-case hex", prefix + digest.upper(), ["no_match"])
        yield with_value("base64 where hex belongs", prefix + b64(bytes.fromhex(digest)), UNREADABLE)
        content = f"{SIGNED_AT}.".encode() + body if time_header else body
        for algorithm in ("sha1", "sha512", "md5"):
            yield with_value(f"another algorithm: {algorithm}", prefix + hmac_hex(secret, content, algorithm), UNREADABLE)
        yield with_value("a plain hash without the secret", prefix + hashlib.sha256(content).hexdigest(), ["no_match"])
    yield from globals().get("wrong_" + profile, lambda *_: ())(good, body, secret, with_value)

    # the time
    if time_header:
        for skew, reason in ((TOLERANCE + 1, "timestamp_too_old"), (86_400, "timestamp_too_old"), (-TOLERANCE - 1, "timestamp_in_future")):
            name = "a stale timestamp" if skew > 0 else "a timestamp in the future"
            yield received(f"{name}, by {abs(skew)} s", good, body, [secret], now=SIGNED_AT + skew, expect=[reason])
        later = good | {time_header: str(SIGNED_AT + 1)}
        yield received("a timestamp that was changed", later, body, [secret], expect=["no_match"])
        refreshed = good | {time_header: str(SIGNED_AT + 86_400)}
        yield received("an old message with a fresh timestamp", refreshed, body, [secret], now=SIGNED_AT + 86_400, expect=["no_match"])
        for text in ("yesterday", "", f"{SIGNED_AT}.5", "1.7e9", f" {SIGNED_AT} ", f"+{SIGNED_AT}", hex(SIGNED_AT), "-1", "NaN", "9" * 400):
            reasons = ["bad_format", "missing_header"] if text == "" else ["bad_format", "timestamp_in_future"] if text == "9" * 400 else ["bad_format"]
            shown = text if len(text) < 20 else "400 nines"
            yield received(f"a timestamp that is no number: {shown!r}", signed(profile, body, [secret], text), body, [secret], expect=reasons)


def wrong_standard(good, body, secret, with_value):
    content = f"{good['webhook-id']}.{SIGNED_AT}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    other_id = good | {"webhook-id": "evt_another"}
    yield received("another message's id", other_id, body, [secret], expect=["no_match"])
    yield with_value("another algorithm: sha512", "v1," + b64(hmac.digest(key, content, "sha512")), UNREADABLE)
    yield with_value("hex where base64 belongs", "v1," + hmac.digest(key, content, "sha256").hex(), UNREADABLE)
    yield with_value("the secret's text as the key", "v1," + b64(hmac.digest(secret.encode(), content, "sha256")), ["no_match"])
    yield with_value("a shared-secret signature under v1a", "v1a," + b64(hmac.digest(key, content, "sha256")), UNREADABLE)
    seed = seeded("ed25519", 32)
    shown = "whpk_" + b64(ed25519_public(seed))
    right = ed25519_sign(seed, content)
    flipped = bytes([right[0] ^ 1]) + right[1:]

    def asymmetric(name, text, expect, key=shown):
        return received(name, good | {"webhook-signature": text}, body, [key], expect=expect)

    yield asymmetric("an ed25519 signature with one bit changed", "v1a," + b64(flipped), ["no_match"])
    yield asymmetric("an ed25519 signature under v1", "v1," + b64(right), UNREADABLE)
    yield asymmetric("an ed25519 signature by another key", "v1a," + b64(ed25519_sign(seeded("another", 32), content)), ["no_match"])
    yield asymmetric("a truncated ed25519 signature", "v1a," + b64(right[:-1]), UNREADABLE)
    yield asymmetric("a public key that is too short", "v1a," + b64(right), ["wrong_secret_format"], "whpk_" + b64(bytes(31)))
    public = base64.b64decode(shown.removeprefix("whpk_"))
    confused = "v1," + b64(hmac.digest(public, content, "sha256"))
    yield asymmetric("an HMAC under the public key, which anybody has", confused, UNREADABLE)


def wrong_meshagent(good, body, secret, with_value):
    own = {"sha256": hashlib.sha256(body).hexdigest()}
    token = good["Meshagent-Signature"].removeprefix("Bearer ")
    head, claims, signature = token.split(".")
    none = b64url(b'{"alg":"none"}')
    not_json = b64url(b"not json")
    bearer = lambda text: "Bearer " + text
    yield with_value("alg none", bearer(jwt(secret, own, {"alg": "none", "typ": "JWT"})), UNREADABLE)
    yield with_value("alg none over the right signature", bearer(f"{none}.{claims}.{signature}"), UNREADABLE)
    yield with_value("another algorithm: HS512", bearer(jwt(secret, own, {"alg": "HS512", "typ": "JWT"}, "sha512")), UNREADABLE)
    yield with_value("an algorithm that lies: RS256 over an HMAC", bearer(jwt(secret, own, {"alg": "RS256", "typ": "JWT"})), UNREADABLE)
    yield with_value("an algorithm in lower case", bearer(jwt(secret, own, {"alg": "hs256", "typ": "JWT"})), UNREADABLE)
    yield with_value("no claim", bearer(jwt(secret, {})), UNREADABLE)
    yield with_value("the claim under another name", bearer(jwt(secret, {"sha512": own["sha256"]})), UNREADABLE)
    yield with_value("the claim of another body", bearer(jwt(secret, {"sha256": hashlib.sha256(b"{}").hexdigest()})), ["no_match"])
    yield with_value("the claim in upper-case hex", bearer(jwt(secret, {"sha256": own["sha256"].upper()})), UNREADABLE)
    yield with_value("the claim as a list", bearer(jwt(secret, {"sha256": [own["sha256"]]})), UNREADABLE)
    yield with_value("an empty claim", bearer(jwt(secret, {"sha256": ""})), UNREADABLE)
    forged = b64url(json.dumps({"sha256": hashlib.sha256(b"{}").hexdigest()}).encode())
    yield with_value("claims that were changed", bearer(f"{head}.{forged}.{signature}"), ["no_match"])
    yield with_value("a token of two parts", bearer(f"{head}.{claims}"), UNREADABLE)
    yield with_value("a token of four parts", bearer(f"{token}.{signature}"), UNREADABLE)
    yield with_value("a token whose claims are no JSON", bearer(f"{head}.{not_json}.{signature}"), UNREADABLE)
    yield with_value("a token padded with =", bearer(f"{head}.{claims}.{signature}="), UNREADABLE)


def main():
    catalogues = samples() | {"custom": {"order.shipped": '{"order":"A-1","items":[1,2,3]}'}}
    for profile, catalogue in catalogues.items():
        vectors = {"profile": profile}
        if profile == "custom":
            vectors["definition"] = CUSTOM_DEFINITION
        vectors |= {
            "scheme": SCHEMES[profile],
            "toleranceSeconds": TOLERANCE,
            "positive": list(positives(profile, catalogue)),
            "accepted": list(accepted(profile, catalogue)),
            "negative": list(negative(profile, catalogue)),
        }
        (HERE / f"{profile}.json").write_text(json.dumps(vectors, indent=1, ensure_ascii=False) + "\n")
        print(profile, *(f"{len(vectors[kind])} {kind}" for kind in ("positive", "accepted", "negative")))


if __name__ == "__main__":
    main()
