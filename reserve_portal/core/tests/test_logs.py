import pytest

from reserve_portal.core.logs import hide_one_time_links


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/password/reset/key/1-abc-def/",
        "/accounts/confirm-email/MQ:1abc:xyz/",
        "/candidate/invitations/abc-def/",
        "/reserve/feed/abc_def-ghi/",
    ],
)
def test_one_time_links_do_not_stand_in_the_logs(path: str) -> None:
    """quality.md: logs tell nobody's secrets."""
    hidden = hide_one_time_links(None, "info", {"request": f"GET {path}", "code": 200})
    assert hidden["request"].endswith("/…/") and hidden["code"] == 200
