"""Signatures by the example of the standard, and where a webhook may not go."""

import pytest

from live.webhooks.signing import SignatureError, make_secret, sign, verify
from live.webhooks.target import TargetError, check_address, check_url, find_target, read_networks

LAN = read_networks("10.1.0.0/16, fd00::/8")


def test_the_example_of_the_standard():
    # from the test vectors of the Standard Webhooks libraries
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_was_changed_or_is_old_is_refused():
    secret = make_secret()
    made = sign(secret, "msg_1", 1000, b"{}")
    verify(secret, "msg_1", "1000", f"v1,odd {made}", b"{}", 1299)
    for delivery, at, body, now in (
        ("msg_2", "1000", b"{}", 1000),
        ("msg_1", "1001", b"{}", 1000),
        ("msg_1", "1000", b"{ }", 1000),
        ("msg_1", "1000", b"{}", 1301),
        ("msg_1", "-1", b"{}", 0),
    ):
        with pytest.raises(SignatureError):
            verify(secret, delivery, at, made, body, now)
    with pytest.raises(SignatureError):
        verify(make_secret(), "msg_1", "1000", made, b"{}", 1000)
    for bad in ("", "whsec_", "whsec_!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_YWJj"):
        with pytest.raises(SignatureError, match="secret"):
            sign(bad, "m", 1, b"")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.2.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
     "fe80::1", "fc00::1", "::ffff:127.0.0.1", "224.0.0.1", "255.255.255.255", "::"],
)  # fmt: skip
def test_private_addresses_are_refused(address):
    with pytest.raises(TargetError, match="not public") as error:
        check_address(address, "example.org", "https", LAN)
    assert error.value.why == "private"


def test_what_the_setting_names_may_be_reached():
    check_address("10.1.2.3", "lan", "http", LAN)
    check_address("fd12::1", "lan", "http", LAN)
    check_address("1.1.1.1", "one", "https", ())
    with pytest.raises(TargetError, match="https is wanted"):
        check_address("1.1.1.1", "one", "http", LAN)
    with pytest.raises(TargetError, match="no network"):
        read_networks("10.0.0.0/99")


@pytest.mark.parametrize(
    "url",
    ["", "ftp://example.org", "https://", "http://example.org/", "https://u:p@example.org/",
     "https://example.org:99999/", "https://例.org/", "https://a b.org/", "//example.org",
     "https://" + "a" * 600],
)  # fmt: skip
def test_urls_that_no_webhook_can_have(url):
    with pytest.raises(TargetError, match="url"):
        check_url(url)


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f000001", "2130706433", "[::1]"])
def test_ways_of_writing_this_machine(host):
    with pytest.raises(TargetError):
        find_target(f"https://{host}/")
