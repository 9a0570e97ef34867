async def test_the_control_api_describes_itself_without_the_internet(town):
    page = (await town.http.get("/docs")).text
    paths = (await town.http.get("/openapi.json")).json()["paths"]

    assert all(path in page for path in paths)
    assert {"/control/command", "/control/faults", "/control/messages"} <= set(paths)
    assert "an option&#39;s value or text" in page
    assert "https://" not in page
