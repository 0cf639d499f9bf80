#!/usr/bin/env python3
"""Makes the first inputs of tests/fuzz/corpus from the captured exchanges in tests/vectors.

    tests/fuzz/seed.py

Inputs are named by what they show. Those that a fuzzer added stay.
"""

import pathlib

FUZZ = pathlib.Path(__file__).parent
VECTORS = FUZZ.parent / "vectors"
KINDS = {"> ": "request", "< ": "response", "<+ ": "response", "~ ": "stream"}
# One message per kind of body is enough; the fuzzer finds the rest.
CASES = {
    "handle": [
        "create_rsa", "create_seckey_version_2_0", "delete_rsa", "list_handles_rsa",
        "modify_rsa", "raw_opcode_unknown", "raw_tcp_garbage", "raw_verify_auth_bad",
        "remove_rsa", "resolve_certify_rrd_udp",
        "resolve_index_and_type", "resolve_not_found", "resolve_prefix_referral_serv",
        "retrieve_txn_2_7_redump", "retrieve_txn_2_9_tls", "dump_handles_resume_2_7",
        "session_dh_create_rsa", "session_client_key_fails", "siteinfo",
    ],
    "idis": [
        "caict_password_login_01_login_2000", "caict_referral_03_service_referral_with_site_values",
        "idp_anonymous_06_resolve_with_recursive_auth_token", "idp_rsa_session_01_login_2001",
    ],
}


def pieces(path):
    kind, digits = None, ""
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].rstrip()
        mark = next((mark for mark in KINDS if line.startswith(mark)), None)
        if mark or not line.startswith("  "):
            if kind and digits:
                yield kind, bytes.fromhex(digits)
            kind, digits = KINDS.get(mark), ""
        digits += line.removeprefix(mark or "").strip() if kind else ""
    if kind and digits:
        yield kind, bytes.fromhex(digits)


def put(unit, name, octets):
    folder = FUZZ / "corpus" / unit
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(octets)


def seed_messages():
    for folder, names in CASES.items():
        for name in names:
            for number, (kind, octets) in enumerate(pieces(VECTORS / folder / f"{name}.txt")):
                if kind == "stream":
                    continue
                put(kind, f"{name}_{number}", octets)
                if number == 0:
                    put("envelope", name, octets[:20])


def sized(octets):
    return len(octets).to_bytes(4, "big") + octets


def seed_streams():
    value = bytes.fromhex("000000016553f10000000151800e")
    value += sized(b"URL") + sized(b"http://a") + bytes(4)
    values = (1).to_bytes(4, "big") + sized(value)
    handle = sized(b"88/A")
    prefix = sized(b"0.NA/88")
    put("dump_stream", "server_state_handle_prefix_end",
        b"\0" + bytes(16) + b"\1" + handle + values + b"\2" + prefix + b"\xff")
    put("dump_stream", "dates_and_sources",
        b"\5" + sized(b"{}") + b"\3" + handle + bytes(12) + b"\4" + prefix + bytes(12))
    put("transaction_stream", "create_delete_end_version_1",
        b"\1" + b"\1" + bytes(8) + handle + b"\1" + bytes(8) + values
        + b"\1" + bytes(8) + handle + b"\2" + bytes(8) + b"\0" + bytes(8))
    put("transaction_stream", "queues_version_2",
        b"\2" + b"\2" + sized(b"1:300:88/site") + b"\3" + bytes(8) + b"\0")


def packet(sender, wait, missing, number, length):
    numbers = b"".join(part.to_bytes(4, "big") for part in (0, 1, number, length))
    return bytes([sender, wait, missing]) + bytes.fromhex("020b020b") + numbers


def seed_fragments():
    first = packet(1, 0, 0, 0, 800)
    put("fragment", "two_parts_in_order", first + packet(1, 1, 0, 1, 800))
    put("fragment", "duplicate_and_conflict", first + first + packet(1, 0, 0, 1, 801))
    put("fragment", "too_long_and_impossible",
        packet(1, 0, 0, 0, 70000) + packet(1, 0, 1, 0, 800) + packet(1, 0, 0, 0xFFFFFFFF, 800))
    put("fragment", "late", first + packet(2, 255, 0, 0, 800) + packet(1, 255, 0, 1, 800))


IDENTIFIERS = {
    "plain": "88.118.8/SN2023A000123456",
    "slashless": "88.118.8",
    "empty": "",
    "chinese": "88.1/你好",
    "longest": "88/" + "x" * 477,
    "too_long": "88/" + "x" * 478,
    "spaces": "88/ a b ",
    "empty_segment": "88..1/a",
}


def seed_identifiers():
    for name, text in IDENTIFIERS.items():
        put("identifier", name, text.encode())
        put("server_hash", name, b"\0\5" + text.encode())
    put("identifier", "surrogate", b"88/\xed\xa0\x80")
    put("server_hash", "by_suffix_longer_than_a_piece", b"\1\3" + b"88/" + b"y" * 300)


if __name__ == "__main__":
    seed_messages()
    seed_streams()
    seed_fragments()
    seed_identifiers()
