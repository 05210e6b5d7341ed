#!/usr/bin/env python3
"""Receives the reports of a service, as systemd does: prints each datagram to the socket of the given name as a line of JSON. Node has no
datagram sockets for local addresses."""
import json
import socket
import sys

receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print(json.dumps("bound"), flush=True)
while True:
    print(json.dumps(receiver.recv(4096).decode()), flush=True)
