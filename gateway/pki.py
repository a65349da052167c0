"""The sandbox's own certificates and secrets, made on the first run and renewed when due.

A certificate authority, a server certificate for the edge, a client certificate for each calling
platform (X.509 v3 as RFC 5280 profiles it), the secret by which the edge proves itself to a
replica, the key that seals ids, the one that signs the calls of the service `invoices`, and the
secret that signs switches. A hospital brings its own authority and secrets; these files show which
ones are needed and what they must look like.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CLIENTS = ("booking", "clinic-kiosk")
"""The sandbox's calling platforms; the second exists to be refused what the first may do."""

AUTHORITY_LIFETIME = timedelta(days=3650)
LIFETIME = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)
"""A certificate with less than this left is made anew."""

BACKDATE = timedelta(minutes=5)
"""Clocks of two hosts differ a little; a certificate of right now must be valid on both."""

EDGE_PROOF_BYTES = 32
SWITCH_SECRET_BYTES = 32
PROOF_MAP = "edge-proof.map"
SEALING_KEY_BYTES = 64
"""AES-256-SIV (RFC 5297) takes two keys of 32 bytes in one."""

INVOICES_KEY_BYTES = 16
SECRETS = {
    "edge-proof": EDGE_PROOF_BYTES,
    "sealing-key": SEALING_KEY_BYTES,
    "invoices-key": INVOICES_KEY_BYTES,
    "switch-secret": SWITCH_SECRET_BYTES,
}


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and the private key that it certifies."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def read(cls, certificate: Path, key: Path) -> Self:
        """Read both from PEM files; `ValueError` when they hold anything else."""
        loaded = serialization.load_pem_private_key(key.read_bytes(), password=None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{key} is not an elliptic-curve key")
        return cls(x509.load_pem_x509_certificate(certificate.read_bytes()), loaded)

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as PEM (RFC 7468)."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key as unencrypted PKCS#8 PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def make_authority(now: datetime) -> Credential:
    """Make a self-signed authority on P-256 that may sign certificates and revocation lists."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("dmz-gateway sandbox authority")
    builder = _builder(name, name, key.public_key(), now, AUTHORITY_LIFETIME)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(authority=True), critical=True)
    return Credential(builder.sign(key, hashes.SHA256()), key)


def make_server(authority: Credential, now: datetime) -> Credential:
    """Make the edge's server certificate, for localhost and 127.0.0.1."""
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
    )
    return _issue(authority, "localhost", ExtendedKeyUsageOID.SERVER_AUTH, now, names)


def make_client(authority: Credential, client: str, now: datetime) -> Credential:
    """Make a calling platform's certificate, good for client authentication alone."""
    return _issue(authority, client, ExtendedKeyUsageOID.CLIENT_AUTH, now)


def make_pki(folder: Path, now: datetime | None = None) -> list[str]:
    """Make what is missing or due under `folder`; return what was done, a line each.

    Nothing that is still good is touched, so this may run before every start. A new authority
    makes its certificates anew too. The secrets are never replaced: ids that are out there are
    sealed under them.
    """
    now = now or datetime.now(UTC)
    pki = folder / "pki"
    done: list[str] = []
    authority, why = _load(pki / "ca.pem", pki / "ca.key", now)
    if authority is None:
        authority = make_authority(now)
        _write(pki / "ca.key", authority.key_pem, secret=True)
        _write(pki / "ca.pem", authority.certificate_pem)
        done.append(f"{pki / 'ca.pem'}: {why}")

    # HAProxy reads the certificate and its key from one file.
    edge = pki / "edge" / "edge.pem"
    why = _reason_to_renew(edge, edge, authority, now)
    if why:
        server = make_server(authority, now)
        _write(edge, server.certificate_pem + server.key_pem, secret=True)
        done.append(f"{edge}: {why}")

    for name in CLIENTS:
        certificate, key = pki / name / "cert.pem", pki / name / "key.pem"
        why = _reason_to_renew(certificate, key, authority, now)
        if why:
            client = make_client(authority, name, now)
            _write(key, client.key_pem, secret=True)
            _write(certificate, client.certificate_pem)
            done.append(f"{certificate}: {why}")

    kept = folder / "secrets"
    for name, size in SECRETS.items():
        if not (kept / name).exists():
            _write(kept / name, secrets.token_hex(size).encode() + b"\n", secret=True)
            done.append(f"{kept / name}: made")
    # HAProxy takes a secret from a file only as a map; on its command line anyone could read it.
    proof_map = b"edge-proof " + (kept / "edge-proof").read_bytes()
    if not (kept / PROOF_MAP).exists() or (kept / PROOF_MAP).read_bytes() != proof_map:
        _write(kept / PROOF_MAP, proof_map, secret=True)
        done.append(f"{kept / PROOF_MAP}: made from edge-proof")
    return done


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `dmz-gateway pki`."""
    parser.add_argument(
        "--into",
        type=Path,
        default=Path("var"),
        help="folder that gets pki/ and secrets/ (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Make what is missing or due and say so; return the exit status."""
    try:
        done = make_pki(arguments.into)
    except OSError as error:
        print(f"dmz-gateway: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    print("\n".join(done) if done else f"{arguments.into}: everything is there and good")
    return 0


def _issue(
    authority: Credential,
    common_name: str,
    usage: x509.ObjectIdentifier,
    now: datetime,
    names: x509.SubjectAlternativeName | None = None,
) -> Credential:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    # A leaf that outlives its authority is refused all the same, only less clearly.
    lifetime = min(LIFETIME, issuer.not_valid_after_utc - now)
    builder = _builder(issuer.subject, _name(common_name), key.public_key(), now, lifetime)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
    builder = builder.add_extension(_key_usage(authority=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    issuer_key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key_id),
        critical=False,
    )
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return Credential(builder.sign(authority.key, hashes.SHA256()), key)


def _builder(
    issuer: x509.Name,
    subject: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "dmz-gateway sandbox"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _load(certificate: Path, key: Path, now: datetime) -> tuple[Credential | None, str]:
    """Read a credential that is whole and not due; otherwise None and why it must be made."""
    if not (certificate.exists() and key.exists()):
        return None, "made"
    try:
        credential = Credential.read(certificate, key)
    except ValueError:
        return None, "made anew, it could not be read"
    if credential.key.public_key() != credential.certificate.public_key():
        return None, "made anew, its key was another's"
    if credential.certificate.not_valid_after_utc - now < RENEW_BEFORE:
        return None, f"made anew, it ends {credential.certificate.not_valid_after_utc:%Y-%m-%d}"
    return credential, ""


def _reason_to_renew(certificate: Path, key: Path, authority: Credential, now: datetime) -> str:
    credential, why = _load(certificate, key, now)
    if credential is None:
        return why
    try:
        credential.certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return "made anew, its authority changed"
    return ""


def _write(path: Path, content: bytes, *, secret: bool = False) -> None:
    """Put a file in place whole, so that a process starting meanwhile never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    # The mode is given at creation: a key must not be readable even for a moment.
    opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    with os.fdopen(opened, "wb") as file:
        file.write(content)
    unfinished.replace(path)
