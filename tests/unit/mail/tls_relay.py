"""Mail servers with TLS for test_smtp_tls: one for each certificate and TLS mode (smtps, starttls), on free ports of loopback.

tls_relay.py DIR creates the certificates in DIR, prints one line `CERTIFICATE MODE PORT` per server, then an empty line, and serves
until standard input ends. Each server writes the lines it receives to DIR/CERTIFICATE.MODE, each after `tls` or `clear` (unencrypted).
"""
import os
import socket
import ssl
import sys
import threading

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tls_certificates import CERTIFICATES, make_certificates  # noqa: E402 (the path is set before)

REPLIES = {"EHLO": "250-test\r\n250-AUTH PLAIN\r\n250 STARTTLS", "AUTH": "334 ", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go",
           "QUIT": "221 bye", "STARTTLS": "220 go"}


def serve_connection(connection, context, mode, log):
    if mode == "smtps":
        connection = context.wrap_socket(connection, server_side=True)
    connection.sendall(b"220 test ESMTP\r\n")
    received = connection.makefile("rb")
    in_data = False
    while line := received.readline():
        text = line.decode("ascii").rstrip("\r\n")
        log.write(f"{'tls' if isinstance(connection, ssl.SSLSocket) else 'clear'} {text}\n")
        log.flush()
        verb = text.split(" ")[0]
        if in_data and text != ".":
            continue
        reply = "250 queued" if in_data else REPLIES.get(verb, "235 in")
        in_data = not in_data and verb == "DATA"
        connection.sendall(reply.encode("ascii") + b"\r\n")
        if verb == "STARTTLS":
            connection = context.wrap_socket(connection, server_side=True)
            received = connection.makefile("rb")


def serve(listener, context, mode, name):
    with open(f"{name}.{mode}", "w", encoding="ascii") as log:
        while True:
            connection, _ = listener.accept()
            try:
                serve_connection(connection, context, mode, log)
            except OSError:
                pass
            connection.close()


def main():
    make_certificates(sys.argv[1])
    for name in CERTIFICATES:
        for mode in ("smtps", "starttls"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(f"{name}.pem", f"{name}.key")
            listener = socket.create_server(("127.0.0.1", 0))
            threading.Thread(target=serve, args=(listener, context, mode, name), daemon=True).start()
            print(name, mode, listener.getsockname()[1])
    print(flush=True)
    sys.stdin.read()


main()
