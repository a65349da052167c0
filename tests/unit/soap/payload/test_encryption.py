"""A message is encrypted as another implementation does it, and read back by nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.soap.credentials import Credentials
from gateway.soap.errors import ReplyInvalid
from gateway.soap.payload.encryption import MessageCipher, is_key
from gateway.soap.payload.model import Encryption
from tests.unit.soap.payload.billing import answer, body_child, contract, payload

KEY = "a-made-up-secret"
LONGER = "a-made-up-secret-of-24-x"
LONGEST = "a-made-up-secret-of-32-bytes-xxx"


def cipher(writing: Any = "base64", key: str = KEY, charset: str = "UTF-8") -> MessageCipher:
    """The messages of a service."""
    return MessageCipher(Encryption(writing), key, charset)


@pytest.mark.parametrize(
    ("made", "text", "encrypted"),
    [
        (cipher(), "王 1", "fdBtqIU7h7J3quo6G1CSqQ=="),
        (cipher(charset="GBK"), "王 1", "oiEdCReFv7Xno/26gO4DgQ=="),
        (cipher("hex"), "王 1", "7dd06da8853b87b277aaea3a1b5092a9"),
        (cipher(key=LONGER), "王 1", "YVbshS8hdEP7/h4+LxrCeQ=="),
        (cipher(key=LONGEST), "王 1", "IDRA9KprAmMGmQl7ROzCsw=="),
        (cipher(), "16 bytes of text", "hGFWQVImtzR6FhCe1b7FvtQn2qRqq649RuaUFUVB8/c="),
        (cipher(), "", "1CfapGqrrj1G5pQVRUHz9w=="),
    ],
)
def test_a_message_is_encrypted_as_openssl_does(
    made: MessageCipher, text: str, encrypted: str
) -> None:
    """`openssl enc -aes-128-ecb -K $key -base64 -A` made these, with each length of key."""
    assert made.encrypt(text) == encrypted
    assert made.decrypt(encrypted) == text


@pytest.mark.parametrize(
    ("writing", "text"),
    [
        ("base64", "fdBtqIU7h7J3\r\nquo6G1CSqQ==\n"),
        ("hex", "7DD06DA8853B87B277AAEA3A1B5092A9\n"),
    ],
)
def test_bytes_are_read_as_others_write_them(writing: str, text: str) -> None:
    """Base64 in lines, digits in capital letters."""
    assert cipher(writing).decrypt(text) == "王 1"


@pytest.mark.parametrize(
    ("writing", "text"),
    [
        ("base64", "<RESPONSE/>"),
        ("base64", "7dd06da8853b87b277aaea3a1b5092a9"),
        ("base64", "fdBtqIU7h7J3quo6G1CSqA=="),
        ("base64", "fdBtqIU7h7J3quo6G1CS"),
        ("base64", "IDRA9KprAmMGmQl7ROzCsw=="),
        ("base64", " "),
        ("hex", "fdBtqIU7h7J3quo6G1CSqQ=="),
        ("hex", "7dd06da8853b87b277aaea3a1b5092a"),
        ("hex", "王"),
    ],
    ids=[
        "plain",
        "hexadecimal",
        "changed",
        "cut",
        "another key",
        "nothing",
        "Base64",
        "half a byte",
        "no digits",
    ],
)
def test_what_was_not_encrypted_so_is_off_contract(writing: str, text: str) -> None:
    """With one reason for all of it, and nothing of what it was."""
    with pytest.raises(ReplyInvalid) as raised:
        cipher(writing).decrypt(text)
    assert str(raised.value) == f"payload-not-decrypted: not AES in {writing}"


def test_bytes_that_are_no_text_are_off_contract() -> None:
    """The far end wrote them in another charset than it said."""
    with pytest.raises(ReplyInvalid, match=r"^payload-charset: not UTF-8$"):
        cipher().decrypt("gLyBjaN+7i4IXnf4wKhAtQ==")


def test_a_key_has_one_of_three_lengths_in_bytes() -> None:
    """Characters are not what counts."""
    assert [is_key(text) for text in (KEY, LONGER, LONGEST)] == [True, True, True]
    assert not is_key("")
    assert not is_key(f"{KEY}+")
    assert not is_key("王" * 16)
    assert is_key("王" * 8)


def test_a_trades_messages_are_encrypted_both_ways() -> None:
    """Each is held against its schema before and after; what is plain in a reply is refused."""
    found = replace(payload(charset="GBK"), encryption=Encryption("base64"))
    codec = contract(found).codec("QueryBills", Credentials(message_key=KEY))
    other = cipher(charset="GBK")
    carried = body_child(codec.encode({"CARDNO": "王"})).findtext("{*}InXml") or ""
    assert other.decrypt(carried).endswith("<REQUEST><CARDNO>王</CARDNO></REQUEST>")
    done = "<RESPONSE><RESULT>1</RESULT></RESPONSE>"
    assert codec.decode(answer(other.encrypt(done))) == {"RESULT": "1"}
    for text, reason in (
        (done, "payload-not-decrypted"),
        (other.encrypt("<RESPONSE/>"), "payload-off-schema"),
        (other.encrypt("sorry"), "payload-not-xml"),
        (None, "payload-missing"),
    ):
        with pytest.raises(ReplyInvalid) as raised:
            codec.decode(answer(text))
        assert raised.value.reason == reason


def test_the_key_is_not_shown() -> None:
    """Wherever credentials are printed."""
    assert KEY not in repr(Credentials(message_key=KEY))
