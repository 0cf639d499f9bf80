#!/usr/bin/env python3
"""Wildcard listening, in a network namespace of the test's own: the answer leaves from the
address that was asked."""
import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import handle_client as client  # noqa: E402
import handle_wire as wire  # noqa: E402
import node  # noqa: E402

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
IPV4 = ("127.0.0.1", "127.0.0.2", "127.77.66.55")
MORE_IPV6 = ("fd00:88::1", "fd00:88::2")


def enter_namespace():
    """Whether this process has a network of its own now, with nothing but a loopback."""
    libc = ctypes.CDLL(None, use_errno=True)
    flags = CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER
    if libc.unshare(flags) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16xH14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[0]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))
    return True


def ipv6_addresses():
    """The loopback's, and more where there is a command to add them."""
    if not Path("/proc/net/if_inet6").read_text().strip():
        return ()
    if shutil.which("ip") is None:
        return ("::1",)
    for address in MORE_IPV6:
        subprocess.run(["ip", "address", "add", f"{address}/128", "dev", "lo", "nodad"], check=True)
    return ("::1", *MORE_IPV6)


class Wildcard(unittest.TestCase):
    def setUp(self):
        self.registry = node.Registry()
        self.registry.load([{"handle": "88.118.8/SN1", "values": [
            {"index": 1, "type": "N", "data": "x" * 1000}]}], "--add-prefixes")

    def assert_answers_from(self, running, address):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        request = client.resolution("88.118.8/SN1")
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.settimeout(client.SECONDS_MAX)
            asking.sendto(request.encode(), (address, running.udp_port))
            parts, whole = wire.Reassembly(), None
            while whole is None:
                packet, sender = asking.recvfrom(65_536)
                self.assertEqual(sender[:2], (address, running.udp_port))
                whole = parts.add(packet)
        self.assertEqual(len(client.checked(request, whole).value(1).data), 1000)
        with running.udp(address) as udp:  # In packets, too.
            padded = client.padded(client.resolution("88.118.8/SN1"), 1300)
            self.assertEqual(udp.ask(padded).code, wire.SUCCESS)
        with running.tcp(address) as tcp:
            self.assertEqual(tcp.ask(client.resolution("88.118.8/SN1")).code, wire.SUCCESS)

    def test_ipv4_answers_from_the_address_asked(self):
        with node.Node(self.registry, listen_udp=["0.0.0.0:0"], listen_tcp=["0.0.0.0:0"],
                       site_public=["127.0.0.2"]) as running:
            for address in IPV4:
                self.assert_answers_from(running, address)

    def test_ipv6_answers_from_the_address_asked(self):
        addresses = ipv6_addresses()
        if not addresses:
            self.skipTest("this machine has no IPv6")
        with node.Node(self.registry, listen_udp=["[::]:0"], listen_tcp=["[::]:0"],
                       site_public=["[::1]"]) as running:
            for address in addresses:
                self.assert_answers_from(running, address)

    def test_the_site_names_the_public_address(self):
        with node.Node(self.registry, listen_udp=["0.0.0.0:0"], listen_tcp=["0.0.0.0:0"],
                       site_public=["127.0.0.2"]) as running, running.udp() as udp:
            site = udp.ask(client.site_request()).answer.site
        self.assertEqual(site.servers[0].address[12:], bytes([127, 0, 0, 2]))


if __name__ == "__main__":
    if not enter_namespace():
        print("skipped: this user may not make a network namespace")
        sys.exit(node.SKIPPED)
    node.main()
