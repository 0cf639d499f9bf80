#!/usr/bin/env python3
"""A client of the Handle protocol for tests: python's standard library and handle_wire.py alone.

    tests/e2e/handle_client.py HOST:PORT IDENTIFIER [--transport udp|tcp] [--family NAME]

Ends with 0 when values are found, 1 when there is another answer, 5 when there is none.
"""
import argparse
import itertools
import random
import socket
import sys
import time
from dataclasses import dataclass

from handle_wire import (ENVELOPE, GET_SITE, MESSAGE_MAX, RESOLUTION, RRDG,
                         STOCK_FLAGS, SUCCESS, Answer, Envelope, Header, Malformed, Message,
                         Reassembly, ResolutionRequest, packets_of, request_digest, sized)

SECONDS_MAX = 30.0


@dataclass(frozen=True)
class Family:
    """How the requests of one kind of client look."""
    version: tuple
    suggested: tuple
    flags: int = STOCK_FLAGS
    tail: bytes = b""  # Behind the fields of a resolution.


FAMILIES = {
    "handle": Family((2, 3), (2, 11)),
    "handle-2.11": Family((2, 11), (2, 11)),
    "caict": Family((2, 3), (2, 10), flags=0),
    "idp": Family((2, 10), (2, 11), tail=sized(b"")),
}

_request_ids = itertools.count(random.randrange(1, 1 << 30))


def make_request(operation, body, family="handle", flags=None):
    """A request as that family sends it, with a fresh id."""
    like = FAMILIES[family]
    envelope = Envelope(like.version, like.suggested, request_id=next(_request_ids))
    header = Header(operation, flags=like.flags if flags is None else flags,
                    expiration=int(time.time()) + 12 * 3600)
    return Message(envelope, header, body)


def resolution(identifier, indexes=(), types=(), family="handle", flags=None):
    body = ResolutionRequest(identifier, list(indexes), list(types), FAMILIES[family].tail)
    return make_request(RESOLUTION, body.encode(), family, flags)


def site_request(identifier="/", family="handle", flags=None):
    return make_request(GET_SITE, sized(identifier), family, flags)


def padded(request, size):
    """The same question with octets behind its body until the message has `size` octets."""
    missing = size - len(request.encode())
    request.body += bytes(max(0, missing))
    return request


def padded_by_indexes(identifier, size, first=1000, **how):
    """A resolution of at least `size` octets that asks for many indexes, from `first` on."""
    plain = len(resolution(identifier, **how).encode())
    count = max(0, (size - plain + 3) // 4)
    return resolution(identifier, indexes=range(first, first + count), **how)


class Udp:
    """One socket. Answers are told apart by request id; what answers others is passed over."""

    def __init__(self, host, port):
        info = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        self.socket = socket.socket(info[0], socket.SOCK_DGRAM)
        self.address = info[4]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, request, order=None):
        """Sends a request in its packets; `order` may turn the list of them about."""
        packets = packets_of(request.encode())
        for packet in order(packets) if order else packets:
            self.socket.sendto(packet, self.address)

    def receive(self, request_ids, seconds=SECONDS_MAX):
        """The next whole message with one of these ids, as octets; else TimeoutError."""
        deadline, parts = time.monotonic() + seconds, {}
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("no answer")
            self.socket.settimeout(left)
            packet, sender = self.socket.recvfrom(65_536)
            request_id = Envelope.decode(packet).request_id
            if sender[:2] != self.address[:2] or request_id not in request_ids:
                continue
            whole = parts.setdefault(request_id, Reassembly()).add(packet)
            if whole is not None:
                return whole

    def ask(self, request, order=None, seconds=SECONDS_MAX):
        self.send(request, order)
        return checked(request, self.receive({request.envelope.request_id}, seconds))


class Tcp:
    """One connection, kept open."""

    def __init__(self, host, port, seconds=SECONDS_MAX):
        self.socket = socket.create_connection((host, port), timeout=seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, octets, at_a_time=None):
        """All at once, or in pieces of `at_a_time` octets, each a segment of its own."""
        step = at_a_time or len(octets)
        for at in range(0, len(octets), step):
            self.socket.sendall(octets[at:at + step])

    def receive(self):
        """The next message, as octets."""
        start = self._exactly(ENVELOPE.size)
        length = Envelope.decode(start).length
        if length > MESSAGE_MAX:
            raise Malformed("message too long")
        return start + self._exactly(length)

    def _exactly(self, count):
        octets = b""
        while len(octets) < count:
            piece = self.socket.recv(count - len(octets))
            if not piece:
                raise EOFError(f"closed after {len(octets)} of {count} octets")
            octets += piece
        return octets

    def is_closed_by_peer(self):
        """Waits for the end of the connection; True when it came without another octet."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def ask(self, request, at_a_time=None):
        self.send(request.encode(), at_a_time)
        return checked(request, self.receive())

    def ask_all(self, requests):
        """Sends all requests in one go, then reads the answers; in the order of the requests."""
        self.send(b"".join(request.encode() for request in requests))
        by_id = {}
        for _ in requests:
            octets = self.receive()
            by_id[Envelope.decode(octets).request_id] = octets
        return [checked(request, by_id[request.envelope.request_id]) for request in requests]


@dataclass
class Reply:
    message: Message
    answer: Answer

    @property
    def code(self):
        return self.message.header.response_code

    def value(self, index):
        """The value with that index, or nothing."""
        return next((one for one in self.answer.values or [] if one.index == index), None)


def checked(request, octets):
    """Decodes an answer and refuses one that does not belong to the request."""
    message = Message.decode(octets)
    asked = request.envelope.request_id
    if message.envelope.request_id != asked:
        raise Malformed(f"answer to request {message.envelope.request_id}, not {asked}")
    if message.header.operation != request.header.operation:
        raise Malformed(f"answer to operation {message.header.operation}")
    if message.header.response_code == 0:
        raise Malformed("an answer without response code")
    if message.encode() != octets:
        raise Malformed("an answer that encodes to other octets")
    answer = Answer.decode(message)
    _check_digest(request, message, answer)
    return Reply(message, answer)


def _check_digest(request, message, answer):
    wanted = bool(request.header.flags & RRDG)
    if bool(message.header.flags & RRDG) != wanted:
        raise Malformed("RRDG is not echoed")
    if answer.digest and answer.digest != request_digest(request, message.envelope.version):
        raise Malformed("the digest is not that of the request")


def endpoint(text):
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("server", type=endpoint, metavar="HOST:PORT")
    parser.add_argument("identifier")
    parser.add_argument("--transport", choices=("udp", "tcp"), default="udp")
    parser.add_argument("--family", choices=sorted(FAMILIES), default="handle")
    parser.add_argument("--index", type=int, action="append", default=[])
    parser.add_argument("--type", action="append", default=[])
    parser.add_argument("--digest", action="store_true", help="ask for the request's digest")
    parser.add_argument("--pad", type=int, default=0, metavar="OCTETS",
                        help="make the request so long; above 512 it takes several packets")
    return parser.parse_args()


def _print(reply):
    print(f"code {reply.code}" + (f" {reply.answer.text}" if reply.answer.text else ""))
    for value in reply.answer.values or []:
        print(value.index, value.type, value.data)


def main():
    arguments = _arguments()
    flags = FAMILIES[arguments.family].flags | (RRDG if arguments.digest else 0)
    request = padded(resolution(arguments.identifier, arguments.index, arguments.type,
                                arguments.family, flags), arguments.pad)
    try:
        with (Udp if arguments.transport == "udp" else Tcp)(*arguments.server) as connection:
            reply = connection.ask(request)
    except (OSError, EOFError, Malformed) as error:
        print(f"no answer: {error}", file=sys.stderr)
        return 5
    _print(reply)
    return 0 if reply.code == SUCCESS else 1


if __name__ == "__main__":
    sys.exit(main())
