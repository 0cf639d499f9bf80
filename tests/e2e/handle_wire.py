"""The Handle wire format for tests, written from its description and not from our C++ codec.

Octets <-> objects: envelope, header, credential, resolution and site information, errors,
referrals, request digests, UDP packets. Bodies of other operations stay octets. Refuses with
Malformed.
"""
import hashlib
import struct
from dataclasses import dataclass, field

ENVELOPE = struct.Struct(">BBBBIIII")
HEADER = struct.Struct(">IIIHBBII")
UDP_PART = 492
MESSAGE_MAX = 262_144

RESOLUTION, GET_SITE = 1, 2
SUCCESS, SERVICE_REFERRAL, PREFIX_REFERRAL, CHALLENGE = 1, 302, 303, 402

TRUNCATED, ENCRYPTED = 0x20, 0x40  # Envelope.
AUTH, CERT, ENCR, RECU, CACR = 0x80000000, 0x40000000, 0x20000000, 0x10000000, 0x08000000
CONT, KPAL, PUBL, RRDG, DNRF = 0x04000000, 0x02000000, 0x01000000, 0x00800000, 0x00100000
STOCK_FLAGS = RECU | CACR | PUBL

DIGESTS = {1: hashlib.md5, 2: hashlib.sha1, 3: hashlib.sha256}
PROTOCOLS = ("UDP", "TCP", "HTTP", "HTTPS")


class Malformed(Exception):
    """What was received is not a message of the protocol."""


class Reader:
    """Takes fields from the front; a field that is not wholly there is Malformed."""

    def __init__(self, octets):
        self.octets, self.at = bytes(octets), 0

    def take(self, count):
        if count < 0 or count > len(self.octets) - self.at:
            raise Malformed(f"{count} octets wanted, {len(self.octets) - self.at} left")
        self.at += count
        return self.octets[self.at - count:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def signed(self):
        return int.from_bytes(self.take(4), "big", signed=True)

    def sized(self):
        return self.take(self.signed())

    def text(self):
        try:
            return self.sized().decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed(str(error)) from error

    def list(self, item, size_min):
        count = self.signed()
        if count < 0 or count * size_min > len(self.octets) - self.at:
            raise Malformed(f"{count} items cannot be there")
        return [item() for _ in range(count)]

    def rest(self):
        return self.take(len(self.octets) - self.at)

    def end(self):
        if self.at != len(self.octets):
            raise Malformed(f"{len(self.octets) - self.at} octets too many")


def number(value):
    return struct.pack(">I", value & 0xFFFFFFFF)


def sized(octets):
    octets = octets.encode() if isinstance(octets, str) else octets
    return number(len(octets)) + octets


def listed(items):
    return number(len(items)) + b"".join(items)


@dataclass
class Envelope:
    version: tuple = (2, 11)
    suggested: tuple = (2, 11)
    flags: int = 0  # The upper six bits of the third octet.
    session_id: int = 0
    request_id: int = 0
    sequence: int = 0
    length: int = 0

    @classmethod
    def decode(cls, octets):
        if len(octets) < ENVELOPE.size:
            raise Malformed("envelope cut off")
        major, minor, bits, suggested, *rest = ENVELOPE.unpack_from(octets)
        return cls((major, minor), (bits & 3, suggested), bits & 0xFC, *rest)

    def encode(self):
        return ENVELOPE.pack(*self.version, self.flags | self.suggested[0], self.suggested[1],
                             self.session_id, self.request_id, self.sequence, self.length)


@dataclass
class Header:
    operation: int = RESOLUTION
    response_code: int = 0
    flags: int = STOCK_FLAGS
    site_serial: int = 0xFFFF
    recursion_count: int = 0
    reserved: int = 0
    expiration: int = 0
    body_length: int = 0

    @classmethod
    def decode(cls, octets):
        if len(octets) < HEADER.size:
            raise Malformed("header cut off")
        return cls(*HEADER.unpack_from(octets))

    def encode(self):
        return HEADER.pack(self.operation, self.response_code, self.flags, self.site_serial,
                           self.recursion_count, self.reserved, self.expiration, self.body_length)


@dataclass
class Message:
    """Envelope, header, body, credential. encode() sets the lengths."""
    envelope: Envelope
    header: Header
    body: bytes = b""
    credential: bytes = b""
    has_credential_length: bool = True

    @classmethod
    def decode(cls, octets):
        envelope = Envelope.decode(octets)
        inside = Reader(octets[ENVELOPE.size:])
        if envelope.flags & ENCRYPTED:
            raise Malformed("encrypted")
        if len(inside.octets) != envelope.length:
            raise Malformed(f"{len(inside.octets)} octets, the envelope says {envelope.length}")
        header = Header.decode(inside.take(min(HEADER.size, len(inside.octets))))
        message = cls(envelope, header, inside.take(header.body_length))
        message.has_credential_length = inside.at != len(inside.octets)
        if message.has_credential_length:
            message.credential = inside.sized()
        inside.end()
        return message

    def encode(self):
        self.header.body_length = len(self.body)
        inside = self.header.encode() + self.body
        if self.has_credential_length:
            inside += sized(self.credential)
        self.envelope.length = len(inside)
        return self.envelope.encode() + inside

    def signed_part(self):
        """What a request digest is taken of: header and body."""
        return self.header.encode() + self.body


@dataclass
class Value:
    index: int
    timestamp: int
    ttl_type: int
    ttl: int
    permissions: int
    type: str
    data: bytes
    references: list = field(default_factory=list)  # (handle, index)

    @classmethod
    def decode(cls, reader):
        fields = [reader.number(size) for size in (4, 4, 1, 4, 1)]
        return cls(*fields, reader.text(), reader.sized(),
                   reader.list(lambda: (reader.text(), reader.number(4)), 8))

    def encode(self):
        return (struct.pack(">IIBIB", self.index, self.timestamp, self.ttl_type, self.ttl,
                            self.permissions) + sized(self.type) + sized(self.data) +
                listed([sized(handle) + number(index) for handle, index in self.references]))


@dataclass
class ResolutionRequest:
    handle: str
    indexes: list = field(default_factory=list)
    types: list = field(default_factory=list)
    tail: bytes = b""  # Octets behind the last known field: id-pointer-sdk's token.

    @classmethod
    def decode(cls, body):
        reader = Reader(body)
        return cls(reader.text(), reader.list(lambda: reader.number(4), 4),
                   reader.list(reader.text, 4), reader.rest())

    def encode(self):
        return (sized(self.handle) + listed([number(index) for index in self.indexes]) +
                listed([sized(name) for name in self.types]) + self.tail)


@dataclass
class Interface:
    kind: int  # 1 administration, 2 query, 3 both.
    protocol: str
    port: int


@dataclass
class Server:
    server_id: int
    address: bytes  # 16; IPv4 in the last four.
    public_key: bytes
    interfaces: list


@dataclass
class Site:
    data_version: int
    protocol_version: tuple
    serial: int
    flags: int
    hash_option: int
    hash_filter: bytes
    attributes: list
    servers: list

    @classmethod
    def decode(cls, octets):
        reader = Reader(octets)
        site = cls(reader.number(2), (reader.number(1), reader.number(1)), reader.number(2),
                   reader.number(1), reader.number(1), reader.sized(),
                   reader.list(lambda: (reader.text(), reader.text()), 8),
                   reader.list(lambda: _decode_server(reader), 28))
        reader.end()
        return site

    def encode(self):
        start = struct.pack(">HBBHBB", self.data_version, *self.protocol_version, self.serial,
                            self.flags, self.hash_option)
        return (start + sized(self.hash_filter) +
                listed([sized(name) + sized(value) for name, value in self.attributes]) +
                listed([_encode_server(server) for server in self.servers]))


def _decode_server(reader):
    return Server(reader.number(4), reader.take(16), reader.sized(),
                  reader.list(lambda: _decode_interface(reader), 6))


def _decode_interface(reader):
    kind, protocol = reader.number(1), reader.number(1)
    if protocol >= len(PROTOCOLS):
        raise Malformed(f"protocol {protocol}")
    return Interface(kind, PROTOCOLS[protocol], reader.number(4))


def _encode_server(server):
    interfaces = [bytes([one.kind, PROTOCOLS.index(one.protocol)]) + number(one.port)
                  for one in server.interfaces]
    return number(server.server_id) + server.address + sized(server.public_key) + listed(interfaces)


@dataclass
class Answer:
    """The body of a response, by operation and response code."""
    digest: bytes = b""  # With its type octet; empty: none.
    handle: str = None
    values: list = None
    site: Site = None
    text: str = None     # Of an error.
    rest: bytes = b""    # What is none of these.

    @classmethod
    def decode(cls, message):
        reader = Reader(message.body)
        answer = cls()
        code, operation = message.header.response_code, message.header.operation
        if _has_digest(message):
            answer.digest = _take_digest(reader)
        if code == SUCCESS and operation == RESOLUTION:
            answer.handle = reader.text()
            answer.values = reader.list(lambda: Value.decode(reader), 26)
            reader.end()
        elif code == SUCCESS and operation == GET_SITE:
            answer.site = Site.decode(reader.rest())
        elif code in (SERVICE_REFERRAL, PREFIX_REFERRAL):
            answer.handle = reader.text()
            if reader.at != len(reader.octets):
                answer.values = reader.list(lambda: Value.decode(reader), 26)
            answer.rest = reader.rest()
        elif code == SUCCESS or code == CHALLENGE:
            answer.rest = reader.rest()
        elif reader.octets:
            answer.text = reader.text()
            answer.rest = reader.rest()
        return answer

    def encode(self):
        body = self.digest
        if self.handle is not None:
            body += sized(self.handle)
        if self.values is not None:
            body += listed([value.encode() for value in self.values])
        if self.site is not None:
            body += self.site.encode()
        if self.text is not None:
            body += sized(self.text)
        return body + self.rest


def _has_digest(message):
    """Every challenge has one, in front from version 2.1 on; others when it was asked for."""
    code = message.header.response_code
    if message.envelope.version < (2, 1):
        return False
    return code == CHALLENGE or (code == SUCCESS and bool(message.header.flags & RRDG))


def _take_digest(reader):
    kind = reader.take(1)
    if kind[0] not in DIGESTS:
        raise Malformed(f"digest of kind {kind[0]}")
    return kind + reader.take(DIGESTS[kind[0]]().digest_size)


def digest_of(request, kind):
    return bytes([kind]) + DIGESTS[kind](request.signed_part()).digest()


def request_digest(request, version):
    """The digest that an answer of that version has to carry."""
    return digest_of(request, 3 if version >= (2, 7) else 2)


def packets_of(octets, is_request=True):
    """A message as its UDP packets: envelope and up to 492 octets each."""
    envelope, inside = Envelope.decode(octets), octets[ENVELOPE.size:]
    if len(inside) <= UDP_PART:
        return [octets]
    if is_request:
        envelope.flags |= TRUNCATED
    packets = []
    for at in range(0, len(inside), UDP_PART):
        envelope.sequence = at // UDP_PART
        packets.append(envelope.encode() + inside[at:at + UDP_PART])
    return packets


class Reassembly:
    """Puts the packets of one message together, in whatever order they come."""

    def __init__(self):
        self.parts, self.length = {}, None

    def add(self, packet):
        """The whole message once it is there, else nothing."""
        envelope, part = Envelope.decode(packet), packet[ENVELOPE.size:]
        if self.length not in (None, envelope.length):
            raise Malformed("parts of different messages")
        if envelope.length > MESSAGE_MAX:
            raise Malformed("message too long")
        self.length = envelope.length
        at = envelope.sequence * UDP_PART
        if at >= max(self.length, 1) or len(part) != min(UDP_PART, self.length - at):
            raise Malformed(f"part {envelope.sequence} of {len(part)} octets")
        self.parts[envelope.sequence] = part
        if sum(map(len, self.parts.values())) != self.length:
            return None
        envelope.sequence, envelope.flags = 0, envelope.flags & ~TRUNCATED
        return envelope.encode() + b"".join(self.parts[i] for i in sorted(self.parts))
