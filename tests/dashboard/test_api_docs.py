import re


def test_the_api_is_told_in_openapi(http):
    told = http.get("/api/openapi.json").json()
    assert told["openapi"].startswith("3.")
    for path, method in (
        ("/api/v1/community", "get"),
        ("/api/v1/layers/{layer}", "get"),
        ("/api/v1/features/{layer}/{feature_id}", "get"),
        ("/api/v1/stream", "get"),
        ("/api/v1/snapshot", "get"),
        ("/api/v1/events", "get"),
        ("/api/v1/events", "post"),
        ("/api/v1/quarantine", "get"),
        ("/api/v1/incidents", "get"),
        ("/api/v1/orders", "get"),
        ("/api/v1/coverage", "get"),
        ("/VIID/System/Register", "post"),
        ("/feeds/hikvision", "post"),
        ("/feeds/dahua", "post"),
        ("/feeds/ngsi", "post"),
        ("/healthz", "get"),
    ):
        assert method in told["paths"].get(path, {}), (method, path)
    # what serves the screens alone is no promise to programs
    assert not [path for path in told["paths"] if "_dash" in path or path.startswith("/vendor")]


def test_the_page_of_the_api_needs_no_other_host(http):
    page = http.get("/api/docs")
    assert page.status_code == 200
    assert "'unsafe-eval'" not in page.headers["content-security-policy"]
    links = re.findall(r"(?:src|href)=\"([^\"]+)\"", page.text)
    assert links
    for link in links:
        assert link.startswith("/")
        assert http.get(link).status_code == 200, link
    assert http.get("/api/docs/none.js").status_code == 404
