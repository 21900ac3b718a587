"""HTTP Digest against the examples of RFC 7616 and against httpx as an independent client."""

import hashlib
import re

import httpx
import pytest

from dashboard.doors.digest import (
    BadDigestError,
    Nonces,
    challenges,
    check_digest,
    read_digest,
)
from live.tokens import make_ha1

# RFC 7616, section 3.9.1
RFC = (
    'username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm={a}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
    'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="{r}", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
ANSWERS = {
    "MD5": "8ca523f5e9506fed4657c9700eebdbec",
    "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
}


class AnyNonce(Nonces):
    def is_ours(self, nonce):
        return True


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_the_examples_of_the_standard(algorithm):
    name = algorithm.replace("-", "").lower()
    ha1 = hashlib.new(name, b"Mufasa:http-auth@example.org:Circle of Life").hexdigest()
    fields = read_digest(RFC.format(a=algorithm, r=ANSWERS[algorithm]))
    nonces = AnyNonce(300)
    check_digest(fields, "GET", "/dir/index.html", {algorithm: ha1}, nonces)
    with pytest.raises(BadDigestError) as again:  # the same count once more
        check_digest(fields, "GET", "/dir/index.html", {algorithm: ha1}, nonces)
    assert again.value.stale
    for method, target in (("POST", "/dir/index.html"), ("GET", "/dir/other.html")):
        with pytest.raises(BadDigestError) as wrong:
            check_digest(fields, method, target, {algorithm: ha1}, AnyNonce(300))
        assert not wrong.value.stale


def answer_to(header, *, algorithm="MD5", count=1, name="cam", secret="s3cret", uri="/x?a=1"):
    """Answer a challenge by hand."""
    nonce = re.search('nonce="([^"]+)"', header)[1]
    realm = re.search('realm="([^"]+)"', header)[1]

    def digest(text):
        return hashlib.new(algorithm.replace("-", "").lower(), text.encode()).hexdigest()

    ha1, ha2 = digest(f"{name}:{realm}:{secret}"), digest(f"POST:{uri}")
    response = digest(f"{ha1}:{nonce}:{count:08x}:abc:auth:{ha2}")
    return read_digest(
        f'username="{name}", realm="{realm}", nonce="{nonce}", uri="{uri}", qop=auth, '
        f'algorithm={algorithm}, nc={count:08x}, cnonce="abc", response="{response}"'
    )


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_nonces_end_and_serve_each_count_once(algorithm):
    now = {"t": 0.0}
    nonces = Nonces(300, lambda: now["t"])
    header = challenges(nonces)[0][1]
    ha1s = make_ha1("cam", "s3cret")

    def ask(count, target="/x?a=1", **more):
        fields = answer_to(header, algorithm=algorithm, count=count, **more)
        check_digest(fields, "POST", target, ha1s, nonces)

    for count in (1, 2, 4, 3):  # parallel requests may overtake each other
        ask(count)
    for count in (1, 3):
        with pytest.raises(BadDigestError) as used:
            ask(count)
        assert used.value.stale
    ask(9, uri="/x")  # some cameras sign without the query
    ask(10, uri="http://host:80/x?a=1")
    with pytest.raises(BadDigestError):
        ask(11, uri="/y")
    with pytest.raises(BadDigestError) as wrong:
        ask(12, secret="other")
    assert not wrong.value.stale
    now["t"] = 301
    with pytest.raises(BadDigestError) as late:
        ask(13)
    assert late.value.stale


def test_a_nonce_of_another_server_is_stale():
    header = challenges(Nonces(300))[0][1]
    with pytest.raises(BadDigestError) as error:
        check_digest(answer_to(header), "POST", "/x?a=1", make_ha1("cam", "s3cret"), Nonces(300))
    assert error.value.stale


@pytest.mark.parametrize("gone", ["qop", "cnonce", "nc", "uri", "nonce", "response"])
def test_nothing_may_be_missing(gone):
    nonces = Nonces(300)
    fields = answer_to(challenges(nonces)[0][1])
    del fields[gone]
    with pytest.raises(BadDigestError):
        check_digest(fields, "POST", "/x?a=1", make_ha1("cam", "s3cret"), nonces)


def test_a_camera_that_echoes_an_algorithm_it_does_not_know(served):
    """It sends the first challenge's words back and answers in MD5."""
    secret = served.token("feed", "cam")
    with served.client(None) as client:
        first = client.post("/feeds/hikvision?device=c0", content=b"<a/>")
        header = first.headers.get_list("www-authenticate")[0]
        fields = answer_to(header, secret=secret, uri="/feeds/hikvision?device=c0")
        fields["algorithm"] = "SHA-256"
        told = ", ".join(f'{key}="{value}"' for key, value in fields.items() if key != "nc")
        authorization = f"Digest {told}, nc={fields['nc']}"
        for status in (200, 401):  # the second time it is a replay
            answer = client.post("/feeds/hikvision?device=c0", content=b"<a/>",
                                 headers={"authorization": authorization})  # fmt: skip
            assert answer.status_code == status
    assert "stale=true" in answer.headers["www-authenticate"]
    assert len(served.kept()) == 1


@pytest.mark.parametrize("way", ["raw", "starred"])
def test_a_name_in_chinese(served, way):
    secret = served.token("feed", "东门")
    with served.client(None) as client:
        header = client.post("/feeds/ngsi").headers.get_list("www-authenticate")[1]
        fields = answer_to(header, name="东门", secret=secret, uri="/feeds/ngsi")
        user = 'username="东门"' if way == "raw" else "username*=UTF-8''%E4%B8%9C%E9%97%A8"
        told = ", ".join(f'{key}="{value}"' for key, value in fields.items() if key != "username")
        answer = client.post(
            "/feeds/ngsi", headers={b"authorization": f"Digest {user}, {told}".encode()}
        )
    assert answer.status_code == 204


def test_an_independent_client_gets_in_many_times(served):
    auth = httpx.DigestAuth("gate-1", served.token("feed", "gate-1"))
    body = b"<EventNotificationAlert><eventType>ANPR</eventType><ANPR/></EventNotificationAlert>"
    with served.client(None, auth=auth) as client:
        statuses = [
            client.post("/feeds/hikvision", content=body, params={"device": "c0"}).status_code
            for _ in range(4)
        ]
    assert statuses == [200] * 4
