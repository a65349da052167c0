"""Which addresses of upstreams are taken."""

from __future__ import annotations

import pytest
from yarl import URL

from gateway.policies.addresses import is_address

GOOD = (
    "http://10.0.0.8/registration",
    "https://his.hospital.example:8443/services/registration.asmx?wsdl=no",
    "http://core_his/x",
    "http://h",
    "http://h:65535",
    "http://[2001:db8::8]:8080/x",
    "http://xn--fiq228c.example/%E4%B8%AD",
)
BAD = (
    "",
    "hospital:8200",
    "ftp://h/x",
    "http://",
    "http:///x",
    "http://:80/x",
    "http://h:/x",
    "http://h:0/x",
    "http://h:99999/x",
    "http://h:port/x",
    "http://h:+80/x",
    "http://[::1/x",
    "http://[::g]/x",
    "http://[fe80::1%25eth0]/x",
    "http://ü.example/x",
    "http://a..b/x",
    "http://-a.example/x",
    "http://%zz/x",
    "http://h/%zz",
    "http://h/中",
    "http://h/x y",
    "http://h/x#y",
    "http://user:secret@h/",
    "http://10.0.0/x",
    "http://10.0.0.256/x",
    "http://010.0.0.8/x",
    f"http://h{'a' * 63}/x",
    f"http://{'.'.join(['a' * 60] * 5)}/x",
    "http://h/x\n",
)


@pytest.mark.parametrize("address", GOOD)
def test_an_address_that_can_be_called_is_taken(address: str) -> None:
    """The library that makes the call reads it as it stands."""
    assert is_address(address)
    assert str(URL(address)).rstrip("/") == address.rstrip("/")


@pytest.mark.parametrize("address", BAD)
def test_an_address_that_would_fail_each_time_is_not_taken(address: str) -> None:
    """Found before anything runs, not by the first patient."""
    assert not is_address(address)
