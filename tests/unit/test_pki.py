"""The sandbox's certificates and secrets: made once, renewed when due, good for one use each."""

from __future__ import annotations

import argparse
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from gateway import pki

NOW = datetime.now(UTC)


def certificate(path: Path) -> x509.Certificate:
    """The first certificate in a PEM file."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def contents(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_first_run_makes_every_file(tmp_path: Path) -> None:
    """The files are those that the edge, the replicas and the callers are pointed at."""
    pki.make_pki(tmp_path)
    assert sorted(contents(tmp_path)) == [
        "pki/booking/cert.pem",
        "pki/booking/key.pem",
        "pki/ca.key",
        "pki/ca.pem",
        "pki/clinic-kiosk/cert.pem",
        "pki/clinic-kiosk/key.pem",
        "pki/edge/edge.pem",
        "secrets/edge-proof",
        "secrets/edge-proof.map",
        "secrets/invoices-key",
        "secrets/sealing-key",
        "secrets/switch-secret",
    ]


def test_second_run_changes_nothing(tmp_path: Path) -> None:
    """Every start may run it, so what is good stays as it is."""
    pki.make_pki(tmp_path)
    before = contents(tmp_path)
    assert pki.make_pki(tmp_path) == []
    assert contents(tmp_path) == before


def test_only_the_owner_reads_keys_and_secrets(tmp_path: Path) -> None:
    """A key that others can read proves nothing."""
    pki.make_pki(tmp_path)
    public = {tmp_path / "pki" / "ca.pem", *(tmp_path / "pki").glob("*/cert.pem")}
    modes = {
        path: stat.S_IMODE(path.stat().st_mode)
        for path in tmp_path.rglob("*")
        if path.is_file() and path not in public
    }
    assert set(modes.values()) == {0o600}


def test_secrets_have_the_sizes_that_their_readers_expect(tmp_path: Path) -> None:
    """32 random bytes for the edge, 64 for AES-256-SIV, and HAProxy's map holds the same proof."""
    pki.make_pki(tmp_path)
    secrets = tmp_path / "secrets"
    proof = (secrets / "edge-proof").read_text().strip()
    assert len(bytes.fromhex(proof)) == 32
    assert len(bytes.fromhex((secrets / "sealing-key").read_text())) == 64
    assert (secrets / "edge-proof.map").read_text() == f"edge-proof {proof}\n"


def test_server_certificate_verifies_for_the_edges_names(tmp_path: Path) -> None:
    """A strict verifier accepts it for localhost, as a server."""
    pki.make_pki(tmp_path)
    store = Store([certificate(tmp_path / "pki" / "ca.pem")])
    verifier = PolicyBuilder().store(store).build_server_verifier(x509.DNSName("localhost"))
    assert verifier.verify(certificate(tmp_path / "pki" / "edge" / "edge.pem"), [])


@pytest.mark.parametrize(
    ("path", "usage"),
    [
        ("edge/edge.pem", ExtendedKeyUsageOID.SERVER_AUTH),
        ("booking/cert.pem", ExtendedKeyUsageOID.CLIENT_AUTH),
        ("clinic-kiosk/cert.pem", ExtendedKeyUsageOID.CLIENT_AUTH),
    ],
)
def test_a_leaf_serves_one_purpose(tmp_path: Path, path: str, usage: x509.ObjectIdentifier) -> None:
    """A client's certificate cannot pose as a server, nor the edge's as a client, nor as a CA."""
    pki.make_pki(tmp_path)
    leaf, authority = certificate(tmp_path / "pki" / path), certificate(tmp_path / "pki/ca.pem")
    extensions = leaf.extensions
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [usage]
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    assert (
        extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        == authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    )


def test_keys_fit_their_certificates(tmp_path: Path) -> None:
    """OpenSSL loads each pair, which fails when key and certificate differ."""
    pki.make_pki(tmp_path)
    folder = tmp_path / "pki"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_cert_chain(folder / "edge" / "edge.pem")
    for client in pki.CLIENTS:
        context.load_cert_chain(folder / client / "cert.pem", folder / client / "key.pem")


def test_certificates_near_their_end_are_made_anew_and_secrets_are_not(tmp_path: Path) -> None:
    """Ids that are out there are sealed under the secrets, so only certificates are renewed."""
    pki.make_pki(tmp_path, NOW - pki.LIFETIME + pki.RENEW_BEFORE - timedelta(hours=1))
    before = contents(tmp_path)
    done = pki.make_pki(tmp_path, NOW)
    changed = {path for path, content in contents(tmp_path).items() if content != before[path]}
    assert changed == {
        "pki/booking/cert.pem",
        "pki/booking/key.pem",
        "pki/clinic-kiosk/cert.pem",
        "pki/clinic-kiosk/key.pem",
        "pki/edge/edge.pem",
    }
    assert all("made anew, it ends" in line for line in done)


def test_a_new_authority_makes_its_certificates_anew(tmp_path: Path) -> None:
    """Certificates of another authority would only fail at the handshake, far from the cause."""
    pki.make_pki(tmp_path)
    (tmp_path / "pki" / "ca.key").unlink()
    done = pki.make_pki(tmp_path)
    assert [line.rpartition(": ")[2] for line in done] == [
        "made",
        "made anew, its authority changed",
        "made anew, its authority changed",
        "made anew, its authority changed",
    ]


def test_a_leaf_never_outlives_its_authority() -> None:
    """Verifiers refuse such a leaf with an error that names the wrong certificate."""
    authority = pki.make_authority(NOW - pki.AUTHORITY_LIFETIME + timedelta(days=60))
    leaf = pki.make_client(authority, "booking", NOW).certificate
    assert leaf.not_valid_after_utc <= authority.certificate.not_valid_after_utc


@pytest.mark.parametrize("content", [b"", b"not a certificate"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    """A disk that filled up during a first run must not need a person."""
    pki.make_pki(tmp_path)
    damaged = tmp_path / "pki" / "booking" / "key.pem"
    damaged.write_bytes(content)
    assert pki.make_pki(tmp_path) == [
        f"{tmp_path / 'pki/booking/cert.pem'}: made anew, it could not be read"
    ]


def test_command_says_what_it_made_and_then_that_all_is_good(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command is for a person, who wants to know what changed."""
    parser = argparse.ArgumentParser()
    pki.add_arguments(parser)
    arguments = parser.parse_args(["--into", str(tmp_path)])
    assert pki.run(arguments) == 0
    assert f"{tmp_path}/pki/ca.pem: made\n" in capsys.readouterr().out
    assert pki.run(arguments) == 0
    assert capsys.readouterr().out == f"{tmp_path}: everything is there and good\n"


def test_command_names_the_file_that_it_cannot_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line with the cause, not a traceback."""
    (tmp_path / "pki").write_text("a file where a folder should be")
    parser = argparse.ArgumentParser()
    pki.add_arguments(parser)
    assert pki.run(parser.parse_args(["--into", str(tmp_path)])) == 2
    assert capsys.readouterr().err.startswith(f"dmz-gateway: {tmp_path}/pki")
