"""Certificates for test servers with TLS on 127.0.0.1: a valid one, and one for each reason to refuse it."""
import os
import subprocess

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
# name: subject alternative name, validity in days (-1: expired), signing CA
CERTIFICATES = {
    "good": ("IP:127.0.0.1", "2", "ca"),
    "wrong_name": ("DNS:relay.example", "2", "ca"),
    "expired": ("IP:127.0.0.1", "-1", "ca"),
    "unknown_signer": ("IP:127.0.0.1", "2", "other"),
}


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)


def make_certificates(folder):
    """Writes NAME.pem and NAME.key of each certificate and ca.pem, the CA to trust, and makes `folder` the working directory."""
    os.chdir(folder)
    for signer in ("ca", "other"):
        openssl("req", "-x509", *KEY, "-keyout", f"{signer}.key", "-out", f"{signer}.pem", "-subj", f"/CN={signer}", "-days", "2")
    for name, (alternative, days, signer) in CERTIFICATES.items():
        with open(f"{name}.ext", "w", encoding="ascii") as ext:
            ext.write(f"subjectAltName={alternative}\n")
        openssl("req", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{signer}.pem", "-CAkey", f"{signer}.key", "-set_serial", "7",
                "-extfile", f"{name}.ext", "-days", days, "-out", f"{name}.pem")
