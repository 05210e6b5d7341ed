"""HTTPS servers for test_curl_sender_tls: one for each certificate, on free ports of loopback.

tls_servers.py DIR creates the certificates in DIR, prints one line `CERTIFICATE PORT` per server, then an empty line, and serves until
standard input ends. Each server answers a request with 204 and writes its first line to DIR/CERTIFICATE.requests.
"""
import os
import socket
import ssl
import sys
import threading

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tls_certificates import CERTIFICATES, make_certificates  # noqa: E402 (the path is set before)


def serve(listener, context, name):
    with open(f"{name}.requests", "w", encoding="ascii") as log:
        while True:
            connection, _ = listener.accept()
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    # With TLS 1.3, a client that refuses the certificate ends the connection after the server's handshake.
                    if request := secure.recv(65536).decode("ascii"):
                        log.write(request.split("\r\n", 1)[0] + "\n")
                        log.flush()
                    secure.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            except OSError:
                connection.close()


def main():
    make_certificates(sys.argv[1])
    for name in CERTIFICATES:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{name}.pem", f"{name}.key")
        listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=serve, args=(listener, context, name), daemon=True).start()
        print(name, listener.getsockname()[1])
    print(flush=True)
    sys.stdin.read()


main()
