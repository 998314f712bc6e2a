"""Writes vectors.json: signed messages of the senders in src/schemes/, and messages that a receiver must refuse.

Made from each sender's page with Python's standard library (and the openssl command for ed25519), never by the code
under test. The same bytes every time: no clock, no randomness.

    python3 packages/receiver/vectors/make-vectors.py
"""

import base64
import hashlib
import hmac
import json
import pathlib
import subprocess
import tempfile
from datetime import datetime, timezone
from urllib.parse import parse_qsl, urlencode

NOW = 1_790_000_000  # 2026-09-21, the verifier's clock in seconds
URL = "https://receiver.example/webhooks/in?tenant=a%2Fb&name=caf%C3%A9"
SECRET, OTHER = "a secret that both sides know", "another secret that is as long"


def mac(name, key, *parts):
    return hmac.new(key, b"".join(p if isinstance(p, bytes) else p.encode() for p in parts), name).digest()


def hexmac(key, *parts, name="sha256"):
    return mac(name, key.encode(), *parts).hex()


def b64mac(key, *parts, name="sha256"):
    return base64.b64encode(mac(name, key.encode(), *parts)).decode()


def iso(seconds, decimals=0):
    text = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return text + ("." + "1" * decimals if decimals else "") + "Z"


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


# -- ed25519 by openssl, ECDSA P-256 with RFC 6979 nonces by hand (openssl 3.0 has random nonces only) ---------------

PKCS8_HEAD = bytes.fromhex("302e020100300506032b657004220420")


def ed25519(seed, content):
    with tempfile.TemporaryDirectory() as folder:
        key, message = pathlib.Path(folder, "key.der"), pathlib.Path(folder, "message")
        key.write_bytes(PKCS8_HEAD + seed)
        message.write_bytes(content)
        run = lambda *a: subprocess.run(["openssl", *a], check=True, capture_output=True).stdout
        public = run("pkey", "-inform", "DER", "-in", str(key), "-pubout", "-outform", "DER")[-32:]
        return run("pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", str(key), "-in", str(message)), public


P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296, 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(k, point):
    total = None
    while k:
        if k & 1:
            total = add(total, point)
        point, k = add(point, point), k >> 1
    return total


def der(tag, content):
    return bytes([tag, len(content)]) + content


def der_int(n):
    raw = n.to_bytes(33, "big").lstrip(b"\0") or b"\0"
    return der(2, b"\0" + raw if raw[0] & 0x80 else raw)


def ecdsa(private, content):
    digest = hashlib.sha256(content).digest()
    z = int.from_bytes(digest, "big")
    seed = private.to_bytes(32, "big") + (z % N).to_bytes(32, "big")
    v, k = b"\1" * 32, b"\0" * 32
    for byte in (b"\0", b"\1"):
        k = hmac.new(k, v + byte + seed, "sha256").digest()
        v = hmac.new(k, v, "sha256").digest()
    nonce = int.from_bytes(hmac.new(k, v, "sha256").digest(), "big")
    assert 0 < nonce < N
    r = times(nonce, G)[0] % N
    return der(0x30, der_int(r) + der_int(pow(nonce, -1, N) * (z + r * private) % N))


def spki(private):
    x, y = times(private, G)
    algorithm = der(0x30, bytes.fromhex("06072a8648ce3d0201") + bytes.fromhex("06082a8648ce3d030107"))
    return base64.b64encode(der(0x30, algorithm + der(3, b"\0\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big")))).decode()


# -- the senders ---------------------------------------------------------------------------------------------------------

SENDERS = {}


class Sender:
    """How one sender signs. `headers(secret, m)` gives the headers of a message; m has body, time (seconds), id, url, method."""

    tolerance = 300
    time_header = None       # the header of the timestamp, where it is one
    extra = {}               # headers that are not signed
    secret, other = SECRET, OTHER
    rotates = None           # (headers of two signatures) for senders whose header can carry several
    timed = True
    public = False           # the verifier's key is not the signer's
    signs_body = True
    url = method = None
    body = json.dumps({"id": "evt_1", "type": "thing.made", "data": {"text": "Grüße ☂ 𝄞", "n": 1.5}}, ensure_ascii=False, separators=(",", ":"))
    event = {"id": "evt_1", "type": "thing.made"}

    def verify_key(self, secret):
        return secret


def sender(name):
    def register(cls):
        SENDERS[name] = cls()
        return cls
    return register


class Field(Sender):
    """`t=…,v1=…` in one header."""

    separator, name_of_time, name_of_signature, between, unit = ",", "t", "v1", ".", 1

    def time(self, m):
        return str(m["time"] * self.unit)

    def value(self, secrets, m):
        t = self.time(m)
        digests = [f"{self.name_of_signature}={hexmac(s, t, self.between, m['body'])}" for s in secrets]
        return self.separator.join([f"{self.name_of_time}={t}", *digests])

    def headers(self, secret, m):
        return {self.header: self.value([secret], m)}

    def rotates(self, secrets, m):
        return {self.header: self.value(secrets, m)}


@sender("stripe")
class Stripe(Field):
    header = "Stripe-Signature"
    secret, other = "whsec_4nCa9kXbqL2mVt7RfYpWsEdZuHjGiOxQ", "whsec_T8wPz3vKcN6bMqRyFhJdSgLxAeUoIi1B"

    def headers(self, secret, m):
        return {self.header: self.value([secret], m) + ",v0=" + hexmac("test clock", m["body"])}


@sender("mux")
class Mux(Field):
    header = "Mux-Signature"


@sender("calendly")
class Calendly(Field):
    header, tolerance = "Calendly-Webhook-Signature", 180
    body = '{"event":"invitee.created","created_at":"2026-09-21T14:13:20.000000Z","payload":{"email":"a@b.example"}}'
    event = {"id": None, "type": "invitee.created"}


@sender("workos")
class WorkOS(Field):
    header, tolerance, unit, separator = "WorkOS-Signature", 180, 1000, ", "
    body = '{"id":"event_1","event":"dsync.user.created","data":{"id":"u"},"created_at":"2026-09-21T14:13:20.000Z"}'
    event = {"id": "event_1", "type": "dsync.user.created"}


@sender("elevenlabs")
class ElevenLabs(Field):
    header, tolerance, name_of_signature = "ElevenLabs-Signature", 1800, "v0"
    body = '{"type":"post_call_transcription","event_timestamp":1790000000,"data":{"agent_id":"a"}}'
    event = {"id": None, "type": "post_call_transcription"}


@sender("paddle")
class Paddle(Field):
    header, tolerance, separator, name_of_time, name_of_signature, between = "Paddle-Signature", 5, ";", "ts", "h1", ":"
    secret, other = "pdl_ntfset_01hbc_9gkXbqL2mVt7RfYpWsEd", "pdl_ntfset_01hbd_T8wPz3vKcN6bMqRyFhJd"
    body = '{"event_id":"evt_01h","event_type":"transaction.paid","occurred_at":"2026-09-21T14:13:20.000000Z","data":{"id":"txn_1"}}'
    event = {"id": "evt_01h", "type": "transaction.paid"}


@sender("retell")
class Retell(Field):
    header, unit, name_of_time, name_of_signature, rotates = "X-Retell-Signature", 1000, "v", "d", None
    secret, other = "key_9gkXbqL2mVt7RfYpWsEd", "key_T8wPz3vKcN6bMqRyFhJd"
    body = '{"event":"call_ended","call":{"call_id":"c1"}}'
    event = {"id": None, "type": "call_ended"}

    def value(self, secrets, m):
        t = self.time(m)
        return f"v={t},d=" + hexmac(secrets[0], m["body"], t)


class Body(Sender):
    """One header with the digest of the body alone."""

    timed, prefix, digest = False, "", staticmethod(hexmac)

    def headers(self, secret, m):
        return {self.header: self.prefix + self.digest(secret, m["body"]), **self.extra}


@sender("github")
class GitHub(Body):
    header, prefix = "X-Hub-Signature-256", "sha256="
    extra = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958"}
    event = {"id": "72d3162e-cc78-11e3-81ab-4c9367dc0958", "type": "issues"}


@sender("meta")
class Meta(Body):
    header, prefix = "X-Hub-Signature-256", "sha256="
    body = '{"object":"page","entry":[{"id":"1","time":1790000000,"changes":[]}]}'
    event = {"id": None, "type": "page"}


@sender("shopify")
class Shopify(Body):
    header, digest = "X-Shopify-Hmac-Sha256", staticmethod(b64mac)
    extra = {"X-Shopify-Topic": "orders/create", "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043", "X-Shopify-Triggered-At": "2026-09-21T14:13:20.123456789Z"}
    event = {"id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043", "type": "orders/create"}


@sender("typeform")
class Typeform(Body):
    header, prefix, digest = "Typeform-Signature", "sha256=", staticmethod(b64mac)
    body = '{"event_id":"01H","event_type":"form_response","form_response":{"form_id":"f","submitted_at":"2026-09-21T14:13:20Z"}}'
    event = {"id": "01H", "type": "form_response"}


@sender("intercom")
class Intercom(Body):
    header, prefix = "X-Hub-Signature", "sha1="
    digest = staticmethod(lambda secret, body: hexmac(secret, body, name="sha1"))
    body = '{"type":"notification_event","id":"notif_1","topic":"conversation.user.created","created_at":1790000000,"data":{"item":{}}}'
    event = {"id": "notif_1", "type": "conversation.user.created"}


@sender("vercel")
class Vercel(Body):
    header = "x-vercel-signature"
    digest = staticmethod(lambda secret, body: hexmac(secret, body, name="sha1"))
    body = '{"id":"ev_1","type":"deployment.created","createdAt":1790000000000,"payload":{"url":"a.example"}}'
    event = {"id": "ev_1", "type": "deployment.created"}


@sender("pagerduty")
class PagerDuty(Body):
    header = "X-PagerDuty-Signature"
    body = '{"event":{"id":"01DE","event_type":"incident.triggered","occurred_at":"2026-09-21T14:13:20.000Z","data":{"id":"P1"}}}'
    event = {"id": "01DE", "type": "incident.triggered"}

    def headers(self, secret, m):
        return self.rotates([secret], m)

    def rotates(self, secrets, m):
        return {self.header: ",".join("v1=" + hexmac(s, m["body"]) for s in secrets)}


@sender("linear")
class Linear(Body):
    """The time of sending is in the body: a stale message has another body."""

    header, tolerance, timed, time_in_body = "Linear-Signature", 60, True, True
    extra = {"Linear-Delivery": "234d1a4e-b617-4388-90fe-adc3633d6b72", "Linear-Event": "Issue"}
    event = {"id": "234d1a4e-b617-4388-90fe-adc3633d6b72", "type": "Issue"}
    body = '{"action":"create","type":"Issue","createdAt":"2026-09-21T14:13:20.000Z","data":{"id":"1"},"webhookTimestamp":1790000000000}'


@sender("gitlab")
class GitLab(Sender):
    timed, signs_body = False, False
    header = "X-Gitlab-Token"
    event = {"id": "f5e5f430-f57b-4e6e-9fac-d9128cd7232f", "type": "Push Hook"}

    def headers(self, secret, m):
        return {self.header: secret, "X-Gitlab-Event": "Push Hook", "Idempotency-Key": self.event["id"]}


class Header(Sender):
    """Signature and timestamp in a header each."""

    encode, prefix = staticmethod(hexmac), ""

    def time(self, m):
        return str(m["time"])

    def headers(self, secret, m):
        t = self.time(m)
        return {self.header: self.prefix + self.encode(secret, *self.content(t, m)), self.time_header: t, **self.extra}


@sender("slack")
class Slack(Header):
    header, time_header, prefix = "X-Slack-Signature", "X-Slack-Request-Timestamp", "v0="
    content = lambda self, t, m: ["v0:", t, ":", m["body"]]
    body = '{"type":"event_callback","event_id":"Ev1","event_time":1790000000,"event":{"type":"app_mention","text":"hä"}}'
    event = {"id": "Ev1", "type": "app_mention"}


@sender("zoom")
class Zoom(Header):
    header, time_header, prefix = "x-zm-signature", "x-zm-request-timestamp", "v0="
    content = lambda self, t, m: ["v0:", t, ":", m["body"]]
    body = '{"event":"meeting.ended","event_ts":1790000000000,"payload":{"account_id":"a"}}'
    event = {"id": None, "type": "meeting.ended"}


@sender("zendesk")
class Zendesk(Header):
    header, time_header, encode = "X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp", staticmethod(b64mac)
    time = lambda self, m: iso(m["time"])
    content = lambda self, t, m: [t, m["body"]]
    body = '{"id":"01J","type":"zen:event-type:ticket.created","time":"2026-09-21T14:13:20.123456789Z","detail":{}}'
    event = {"id": "01J", "type": "zen:event-type:ticket.created"}


@sender("twitch")
class Twitch(Header):
    header, time_header, prefix, tolerance = "Twitch-Eventsub-Message-Signature", "Twitch-Eventsub-Message-Timestamp", "sha256=", 600
    time = lambda self, m: iso(m["time"], 9)
    content = lambda self, t, m: [m["id"], t, m["body"]]
    body = '{"subscription":{"id":"s","type":"channel.follow"},"event":{"user_id":"1"}}'
    event = {"id": "msg-1", "type": "channel.follow"}

    def headers(self, secret, m):
        return {**super().headers(secret, m), "Twitch-Eventsub-Message-Id": m["id"], "Twitch-Eventsub-Message-Type": "notification"}


@sender("hubspot")
class HubSpot(Header):
    header, time_header, encode = "X-HubSpot-Signature-v3", "X-HubSpot-Request-Timestamp", staticmethod(b64mac)
    url, method = URL, "POST"
    time = lambda self, m: str(m["time"] * 1000)
    content = lambda self, t, m: [m["method"], m["url"].replace("%2F", "/"), m["body"], t]
    body = '[{"eventId":1,"subscriptionType":"contact.creation","occurredAt":1790000000000}]'
    event = {"id": None, "type": ""}


@sender("square")
class Square(Sender):
    timed, header, url, method = False, "x-square-hmacsha256-signature", URL, "POST"
    body = '{"merchant_id":"M","event_id":"6a8f5f28","type":"payment.updated","created_at":"2026-09-21T14:13:20Z","data":{"id":"p"}}'
    event = {"id": "6a8f5f28", "type": "payment.updated"}

    def headers(self, secret, m):
        return {self.header: b64mac(secret, m["url"], m["body"])}


@sender("twilio")
class Twilio(Sender):
    timed, header, url, method = False, "X-Twilio-Signature", URL, "POST"
    body = urlencode([("CallSid", "CA1"), ("Caller", "+14158675310"), ("Body", "Grüße & ☂"), ("Digits", "1234"), ("Empty", "")])
    event = {"id": "tw-1", "type": ""}
    extra = {"Content-Type": "application/x-www-form-urlencoded", "I-Twilio-Idempotency-Token": "tw-1"}

    def headers(self, secret, m):
        fields = {}
        for name, value in parse_qsl(m["body"].decode() if isinstance(m["body"], bytes) else m["body"], keep_blank_values=True):
            fields.setdefault(name, set()).add(value)
        text = "".join(name + value for name in sorted(fields) for value in sorted(fields[name]))
        return {self.header: b64mac(secret, m["url"], text, name="sha1"), **self.extra}


class Pair(Header):
    public = True
    content = lambda self, t, m: (t.encode() + m["body"].encode())


@sender("discord")
class Discord(Pair):
    header, time_header = "X-Signature-Ed25519", "X-Signature-Timestamp"
    secret, other = "11" * 32, "22" * 32
    body = '{"version":1,"application_id":"1","type":1,"event":{"type":"APPLICATION_AUTHORIZED","timestamp":"2026-09-21T14:13:20.111111","data":{}}}'
    event = {"id": None, "type": "APPLICATION_AUTHORIZED"}
    encode = staticmethod(lambda secret, *content: ed25519(bytes.fromhex(secret), bytes(content))[0].hex())

    def verify_key(self, secret):
        return ed25519(bytes.fromhex(secret), b"any")[1].hex()


@sender("sendgrid")
class SendGrid(Pair):
    header, time_header = "X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"
    secret, other = "1" + "7" * 60, "2" + "9" * 60
    body = '[{"email":"a@b.example","event":"processed","sg_event_id":"x","timestamp":1790000000}]\r\n'
    event = {"id": None, "type": ""}
    encode = staticmethod(lambda secret, *content: base64.b64encode(ecdsa(int(secret), bytes(content))).decode())

    def verify_key(self, secret):
        return spki(int(secret))


class Standard(Sender):
    prefix = "webhook"
    secret, other = ("whsec_" + base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in (SECRET, OTHER))
    body = '{"id":"evt_1","object":"event","created_at":1790000000,"type":"response.completed","data":{"text":"ü"}}'
    event = {"id": "msg-1", "type": "response.completed"}

    def headers(self, secret, m):
        return self.rotates([secret], m)

    def rotates(self, secrets, m):
        t = str(m["time"])
        keys = [base64.b64decode(s.removeprefix("whsec_")) for s in secrets]
        signed = ["v1," + base64.b64encode(mac("sha256", k, m["id"], ".", t, ".", m["body"])).decode() for k in keys]
        names = {f"{self.prefix}-id": m["id"], f"{self.prefix}-timestamp": t, f"{self.prefix}-signature": " ".join(signed)}
        return {**names, **self.extra}

    @property
    def header(self):
        return f"{self.prefix}-signature"

    @property
    def time_header(self):
        return f"{self.prefix}-timestamp"


@sender("openai")
class OpenAI(Standard):
    pass


@sender("anthropic")
class Anthropic(Standard):
    body = '{"type":"event","id":"event_1","created_at":"2026-09-21T14:13:20Z","data":{"type":"session.status_idled","id":"sesn_1"}}'
    event = {"id": "event_1", "type": "session.status_idled"}


@sender("svix")
class Svix(Standard):
    prefix = "svix"
    body = '{"type":"invoice.paid","timestamp":"2026-09-21T14:13:20Z","data":{"id":"in_1"}}'
    event = {"id": "msg-1", "type": "invoice.paid"}


@sender("gitlab-signed")
class GitLabSigned(Standard):
    extra = {"X-Gitlab-Event": "Push Hook"}
    event = {"id": "msg-1", "type": "Push Hook"}


@sender("livekit")
class LiveKit(Sender):
    header, timed, tolerance = "Authorization", False, 10  # a token has a lifetime instead; see below
    body = '{"event":"room_started","room":{"sid":"RM_1","name":"my-room"},"id":"EV_1","createdAt":"1790000000"}'
    event = {"id": "EV_1", "type": "room_started"}
    extra = {"Content-Type": "application/webhook+json"}

    def token(self, secret, body, claims=None, head=None):
        digest = base64.b64encode(hashlib.sha256(body.encode() if isinstance(body, str) else body).digest()).decode()
        claims = {"iss": "APIkey", "nbf": NOW, "exp": NOW + 300, "sha256": digest, **(claims or {})}
        claims = {k: v for k, v in claims.items() if v is not None}
        parts = [b64url(json.dumps(part, separators=(",", ":")).encode()) for part in (head or {"alg": "HS256"}, claims)]
        return ".".join([*parts, b64url(mac("sha256", secret.encode(), ".".join(parts)))])

    def headers(self, secret, m):
        return {self.header: self.token(secret, m["body"]), **self.extra}


# -- the messages ----------------------------------------------------------------------------------------------------------


def messages(s):
    base = {"body": s.body, "time": NOW, "id": "msg-1", "url": s.url, "method": s.method}
    key, other = s.verify_key(s.secret), s.verify_key(s.other)
    out = []

    def message(name, expect, headers=None, secrets=None, now=NOW, event=None, **changes):
        m = {**base, **changes}
        entry = {"name": name, "secrets": [key] if secrets is None else secrets, "nowSeconds": now}
        if s.url is not None:
            entry.update({k: m[k] for k in ("method", "url") if m[k] is not None})
        entry["headers"] = s.headers(s.secret, base) if headers is None else headers
        body = m["body"]
        try:
            entry["body"] = body if isinstance(body, str) else body.decode()
        except UnicodeDecodeError:
            entry["bodyBase64"] = base64.b64encode(body).decode()
        entry["expect"] = expect
        if event:
            entry["event"] = event
        out.append(entry)

    signed = lambda secret=s.secret, **changes: s.headers(secret, {**base, **changes})
    good = signed()
    flip = lambda c: "0" if c != "0" else "1"

    message("a message as the sender makes it", "accepted", event=s.event)
    message("header names in lower case", "accepted", headers={k.lower(): v for k, v in good.items()}, event=s.event)
    message("the right secret among others", "accepted", secrets=[other, key])
    if s.rotates:
        both = s.rotates([s.other, s.secret], base)
        message("two signatures during a rotation, the old secret known", "accepted", headers=both)
        message("two signatures during a rotation, the new secret known", "accepted", headers=both, secrets=[other])
    message("the wrong secret", ["no_match"], secrets=[other])
    message("no secret at all", ["wrong_secret_format"], secrets=[])
    message("an empty secret", ["wrong_secret_format"], secrets=[""])
    if s.public:
        message("a public key cut short", ["wrong_secret_format", "no_match"], secrets=[key[:-8]])
    elif not isinstance(s, Standard):
        message("a short secret that signed", ["wrong_secret_format"], headers=signed("short"), secrets=["short"])
        message("an empty secret that signed", ["wrong_secret_format"], headers=signed(""), secrets=[""])
    else:
        short = "whsec_" + base64.b64encode(b"sixteen bytes...").decode()
        message("a short secret that signed", ["wrong_secret_format"], headers=signed(short), secrets=[short])

    if s.signs_body:
        message("one character of the body changed", ["no_match"], body=s.body.replace("a", "b", 1))
        message("the body without its end", ["no_match"], body=s.body[:-2])
        message("an empty body", ["no_match"], body="")
        message("a byte that is no UTF-8 in the body", ["no_match"], body=s.body.encode()[:-2] + b"\xff" + s.body.encode()[-2:])
        if s.body.startswith("{"):
            pretty = json.dumps(json.loads(s.body), indent=2, ensure_ascii=False)
            message("the body indented on the way", ["body_was_reserialized"], body=pretty)

    value = good[s.header]
    for name in good:
        if name in s.extra or name in ("Idempotency-Key", "X-Gitlab-Event", "Twitch-Eventsub-Message-Type"):
            continue
        message(f"no {name}", ["missing_header"], headers={k: v for k, v in good.items() if k != name})
    message("an empty signature", ["missing_header", "bad_format"], headers={**good, s.header: ""})
    message("the signature without its last character", ["bad_format", "no_match"], headers={**good, s.header: value[:-1].replace(",v0=" + hexmac("test clock", s.body)[:-1], "")[: -1 if s.header == "Stripe-Signature" else None]})
    if s.signs_body:
        message("text that is no signature", ["bad_format"], headers={**good, s.header: "not a signature"})
        message("the signature twice, as a proxy joins two headers", ["bad_format", "no_match"], headers={**good, s.header: f"{value}, {value}"}) if not isinstance(s, (Field, PagerDuty)) else message("the signatures twice, as a proxy joins two headers", "accepted", headers={**good, s.header: f"{value}, {value}"})
        message("the signature in upper case", ["bad_format", "no_match"], headers={**good, s.header: value.upper()})
        middle = len(value) // 2
        message("one character of the signature changed", ["bad_format", "no_match"], headers={**good, s.header: value[:middle] + flip(value[middle]) + value[middle + 1 :]})
    else:
        message("the token with a character more", ["no_match"], headers={**good, s.header: value + "x"})

    if s.timed:
        at = lambda shift: NOW + shift
        if getattr(s, "time_in_body", False):
            body_at = lambda shift: s.body.replace("1790000000000", str((NOW + shift) * 1000))
            timed = lambda shift: {"headers": signed(body=body_at(shift)), "body": body_at(shift)}
        else:
            timed = lambda shift: {"headers": signed(time=at(shift)), "time": at(shift)}
        edge = s.tolerance - (1 if isinstance(s, Twitch) else 0)  # Twitch's times have decimals
        message("as old as is tolerated", "accepted", **timed(-edge))
        message("as far ahead as is tolerated", "accepted", **timed(edge))
        message("a second older than is tolerated", ["timestamp_too_old"], **timed(-s.tolerance - (2 if isinstance(s, Twitch) else 1)))
        message("a second further ahead than is tolerated", ["timestamp_in_future"], **timed(s.tolerance + 1))
        message("a day old", ["timestamp_too_old"], **timed(-86400))
    if s.time_header:
        stamp = good[s.time_header]
        digit = len("2026-09-21T14:13:2") if "T" in stamp else len(stamp) - 1
        message("a timestamp that was changed", ["no_match"], headers={**good, s.time_header: stamp[:digit] + flip(stamp[digit]) + stamp[digit + 1 :]})
        for wrong in ("yesterday", "-1", "1.79e9", " 1790000000 ", "0x6ab1a080"):
            message(f"a timestamp that is none: {wrong!r}", ["bad_format"], headers={**good, s.time_header: wrong})
    elif isinstance(s, Field):
        digest = value.split(s.separator.strip(), 1)[1]
        message("a timestamp that was changed", ["no_match"], headers={**good, s.header: f"{s.name_of_time}={(NOW + 1) * s.unit}{s.separator.strip()}{digest}"})
        message("no timestamp", ["bad_format"], headers={**good, s.header: digest.strip()})
        message("a timestamp that is none", ["bad_format"], headers={**good, s.header: f"{s.name_of_time}=now{s.separator.strip()}{digest}"})
        message("a signature of another scheme alone", ["bad_format"], headers={**good, s.header: value.split(",v0=")[0].replace(s.name_of_signature + "=", "x9=") if s.name_of_signature != "v0" else value.replace("v0=", "x9=")})
    if s.url is not None:
        message("another URL", ["no_match"], url=s.url.replace("tenant", "user"))
        message("no URL given", ["missing_url"], url=None)
    if isinstance(s, HubSpot):
        message("another method", ["no_match"], method="PUT")
        message("no method given", ["missing_method"], method=None)
        message("the method in lower case", "accepted", method="post")
    if isinstance(s, Twitch):
        message("another message's id", ["no_match"], headers={**good, "Twitch-Eventsub-Message-Id": "msg-2"})
    if isinstance(s, Standard):
        message("another message's id", ["no_match"], headers={**good, f"{s.prefix}-id": "msg-2"})
        message("a signature of an unknown version beside the right one", "accepted", headers={**good, s.header: "v9,abc " + value})
        message("a signature of an unknown version alone", ["bad_format"], headers={**good, s.header: "v9," + value[3:]})
    if isinstance(s, Svix):
        message("the standard header names", "accepted", headers={k.replace("svix", "webhook"): v for k, v in good.items()}, event=s.event)
    if isinstance(s, Twilio):
        ported = URL.replace("example/", "example:443/")
        message("signed with the port in the URL, given without", "accepted", headers=signed(url=ported))
        message("signed without the port, given with it", "accepted", url=ported)
        doubled = urlencode([("To", "b"), ("To", "a"), ("To", "a"), ("From", "x")])
        message("a field that comes more than once", "accepted", headers=signed(body=doubled), body=doubled)
        text = '{"status":"ok"}'
        hashed = URL + "&bodySHA256=" + hashlib.sha256(text.encode()).hexdigest()
        json_headers = {s.header: b64mac(s.secret, hashed, name="sha1"), "Content-Type": "application/json"}
        message("a JSON body, signed by its hash in the URL", "accepted", headers=json_headers, body=text, url=hashed)
        message("a JSON body other than its hash in the URL", ["no_match"], headers=json_headers, body='{"status":"no"}', url=hashed)
    if isinstance(s, GitHub):
        message("an older SHA-1 signature alone", ["missing_header"], headers={"X-Hub-Signature": "sha1=" + hexmac(s.secret, s.body, name="sha1"), **s.extra})
        message("SHA-1 under the name of SHA-256", ["bad_format"], headers={**good, s.header: "sha256=" + hexmac(s.secret, s.body, name="sha1")})
        plain = '{"text":"plain"}'
        known = {s.header: "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}
        message("the page's own example", "accepted", headers=known, secrets=["It's a Secret to Everybody"], body="Hello, World!")
        message("a body that is a form", "accepted", headers=signed(body="payload=%7B%7D"), body="payload=%7B%7D")
        message("a plain hash, without the secret", ["no_match"], headers={**good, s.header: "sha256=" + hashlib.sha256(plain.encode()).hexdigest()}, body=plain)
    if isinstance(s, Slack):
        example = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
        known = {s.header: "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503", s.time_header: "1531420618"}
        message("the page's own example", "accepted", headers=known, secrets=["8f742231b10e8888abcd99yyyzzz85a5"], body=example, now=1531420618)
    if isinstance(s, SendGrid):
        known = {s.header: "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=", s.time_header: "1600112502"}
        body = '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n'
        public = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
        message("an example of SendGrid's own packages", "accepted", headers=known, secrets=[public], body=body, now=1600112502)
    if isinstance(s, LiveKit):
        lived = lambda **claims: {**good, s.header: s.token(s.secret, s.body, claims)}
        message("a token past its end", ["timestamp_too_old"], headers=lived(), now=NOW + 311)
        message("a token before its beginning", ["timestamp_in_future"], headers=lived(), now=NOW - 11)
        message("a token without a lifetime", "accepted", headers=lived(exp=None, nbf=None))
        message("a token without the claim", ["bad_format"], headers=lived(sha256=None))
        message("a token whose end is no number", ["bad_format"], headers=lived(exp="soon"))
        message("the hash in hex", ["bad_format"], headers=lived(sha256=hashlib.sha256(s.body.encode()).hexdigest()))
        message("a token behind Bearer", ["bad_format"], headers={**good, s.header: "Bearer " + value})
        for algorithm in ("none", "HS512", "RS256", "hs256"):
            message(f"the algorithm {algorithm}", ["bad_format"], headers={**good, s.header: s.token(s.secret, s.body, head={"alg": algorithm})})
        unsigned = s.token(s.secret, s.body, head={"alg": "none"}).rsplit(".", 1)[0] + "."
        message("an unsigned token", ["bad_format"], headers={**good, s.header: unsigned})
    return out


def main():
    from_page = {"toleranceSeconds": lambda s: s.tolerance}
    data = {name: {**{k: f(s) for k, f in from_page.items()}, "messages": messages(s)} for name, s in SENDERS.items()}
    path = pathlib.Path(__file__).parent / "vectors.json"
    path.write_text(json.dumps({"senders": data}, indent=1, ensure_ascii=True) + "\n")
    print(f"{path.name}: {len(data)} senders, {sum(len(d['messages']) for d in data.values())} messages")


main()
