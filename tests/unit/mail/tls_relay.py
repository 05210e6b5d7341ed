"""Mail servers with TLS for test_smtp_tls: one for each certificate and each way to begin, on free ports of loopback.

tls_relay.py DIR makes the certificates in DIR, prints `CERTIFICATE WAY PORT` a line, then an empty one, and serves until its input
ends. What each hears stands in DIR/CERTIFICATE.WAY, a line each, `tls` or `clear` before it.
"""
import os
import socket
import ssl
import subprocess
import sys
import threading

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
# name: the alternative name it is made for, the days it lives (-1: it is over), who signs
CERTIFICATES = {
    "good": ("IP:127.0.0.1", "2", "ca"),
    "wrong_name": ("DNS:relay.example", "2", "ca"),
    "expired": ("IP:127.0.0.1", "-1", "ca"),
    "unknown_signer": ("IP:127.0.0.1", "2", "other"),
}
ANSWERS = {"EHLO": "250-test\r\n250-AUTH PLAIN\r\n250 STARTTLS", "AUTH": "334 ", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go",
           "QUIT": "221 bye", "STARTTLS": "220 go"}


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=30)


def make(folder):
    os.chdir(folder)
    for signer in ("ca", "other"):
        openssl("req", "-x509", *KEY, "-keyout", f"{signer}.key", "-out", f"{signer}.pem", "-subj", f"/CN={signer}", "-days", "2")
    for name, (alternative, days, signer) in CERTIFICATES.items():
        with open(f"{name}.ext", "w", encoding="ascii") as ext:
            ext.write(f"subjectAltName={alternative}\n")
        openssl("req", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{signer}.pem", "-CAkey", f"{signer}.key", "-set_serial", "7",
                "-extfile", f"{name}.ext", "-days", days, "-out", f"{name}.pem")


def talk(connection, context, way, said):
    if way == "smtps":
        connection = context.wrap_socket(connection, server_side=True)
    connection.sendall(b"220 test ESMTP\r\n")
    heard = connection.makefile("rb")
    in_letter = False
    while line := heard.readline():
        text = line.decode("ascii").rstrip("\r\n")
        said.write(f"{'tls' if isinstance(connection, ssl.SSLSocket) else 'clear'} {text}\n")
        said.flush()
        verb = text.split(" ")[0]
        if in_letter and text != ".":
            continue
        answer = "250 queued" if in_letter else ANSWERS.get(verb, "235 in")
        in_letter = not in_letter and verb == "DATA"
        connection.sendall(answer.encode("ascii") + b"\r\n")
        if verb == "STARTTLS":
            connection = context.wrap_socket(connection, server_side=True)
            heard = connection.makefile("rb")


def serve(listener, context, way, name):
    with open(f"{name}.{way}", "w", encoding="ascii") as said:
        while True:
            connection, _ = listener.accept()
            try:
                talk(connection, context, way, said)
            except OSError:
                pass
            connection.close()


def main():
    make(sys.argv[1])
    for name in CERTIFICATES:
        for way in ("smtps", "starttls"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(f"{name}.pem", f"{name}.key")
            listener = socket.create_server(("127.0.0.1", 0))
            threading.Thread(target=serve, args=(listener, context, way, name), daemon=True).start()
            print(name, way, listener.getsockname()[1])
    print(flush=True)
    sys.stdin.read()


main()
