"""Records of captured exchanges as Handle JSON, the form that `idnode import` reads.

Values come as base64, so that what is registered is what was captured, octet for octet.
"""
import base64
import time

import handle_wire as wire
from vector_files import vector


def timestamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def value_json(value):
    return {"index": value.index, "type": value.type,
            "data": {"format": "base64", "value": base64.b64encode(value.data).decode()},
            "ttl": value.ttl, "ttlType": value.ttl_type,
            "permissions": f"{value.permissions:04b}", "timestamp": timestamp(value.timestamp),
            "references": [{"handle": handle, "index": index}
                           for handle, index in value.references]}


def record_json(handle, values):
    return {"handle": handle, "values": [value_json(value) for value in values]}


def dumped_records(name="dump_handles_2_7"):
    """All records of a whole database as a peer dumps it: signed blocks, one record each."""
    records = []
    reader = wire.Reader(b"".join(vector("handle", name).octets("~")))
    if (reader.number(4), reader.text(), reader.number(4)) != (0, "SHA1", 2):
        raise wire.Malformed("not a signed stream")
    reader.sized()  # The signature of what stands before it, here and below.
    while (kind := reader.number(1)) != 255:
        if kind == 0:  # Date and transaction of the server.
            reader.take(16)
        elif kind == 1:
            handle = reader.text()
            records.append(record_json(handle, reader.list(lambda: _dumped_value(reader), 4)))
        elif kind == 2:  # A homed prefix.
            reader.text()
        else:
            raise wire.Malformed(f"block of kind {kind}")
        reader.sized()
    reader.end()
    return records


def _dumped_value(reader):
    return wire.Value.decode(wire.Reader(reader.sized()))


def answered_values(name, folder="idis"):
    """The values of the answer in a captured exchange."""
    message = wire.Message.decode(vector(folder, name).octets("<")[0])
    return wire.Answer.decode(message).values


def seed_of_the_sdks():
    """What the stand-in server of the two SDKs held."""
    hidden = wire.Value(3, 1_700_000_000, 0, 86400, 0, "URL", b"http://example.cn/hidden")
    return [
        record_json("88.1000.1/demo", [*answered_values("caict_tcp_01_resolve_all"), hidden]),
        record_json("88.1000.1/ADMIN",
                    answered_values("caict_udp_01_resolve_multi_packet_answer")),
        record_json("0.NA/88.1000.1",
                    answered_values("idp_anonymous_02_prefix_lookup_bare_prefix_hs_site"))]
