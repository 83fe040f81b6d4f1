"""What a host asks of programs is obeyed (RFC 9309)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.net.server import Quiet, Waits, guest
from tocsin.errors import AddressRefused, FetchFailed, RobotsRefuse
from tocsin.net import Ask, GuardedFetcher
from tocsin.net.robots import MOST_BYTES, MOST_DELAY, robots

LINES = st.lists(
    st.sampled_from(["User-agent: *", "User-agent: tocsin", "Disallow: /", "Allow: /a*$", "Crawl-delay: 5"])
    | st.text("UserDisalow-agnt:/*$%#[]?. 19\t\x00é\ud800", max_size=30),
    max_size=12,
)


def says(server: Quiet, *lines: str, status: int = 200) -> None:
    server.plan["robots.txt"] = [(status, "\n".join(lines).encode(), {})]


def test_what_robots_txt_keeps_from_programs_is_not_read(planned: Quiet) -> None:
    says(planned, "User-agent: *", "Disallow: /packed")
    fetcher = guest(planned)
    with pytest.raises(RobotsRefuse, match=r"/packed: not read, because the robots\.txt of") as raised:
        fetcher.fetch(f"{planned.url}/packed")
    assert isinstance(raised.value, FetchFailed) and "\n" not in str(raised.value)
    assert fetcher.fetch(f"{planned.url}/plain").status == 200
    assert planned.paths() == ["robots.txt", "plain"]


def test_the_group_of_our_own_name_goes_before_the_one_for_all(planned: Quiet) -> None:
    says(
        planned,
        "User-agent: *",
        "Disallow: /",
        "",
        "User-agent: Tocsin",
        "Allow: /plain",
        "Disallow: /packed",
    )
    assert guest(planned).fetch(f"{planned.url}/plain").status == 200
    with pytest.raises(RobotsRefuse):
        guest(planned).fetch(f"{planned.url}/packed")


def test_an_interface_made_for_programs_is_asked_without_robots_txt(planned: Quiet) -> None:
    says(planned, "User-agent: *", "Disallow: /")
    assert guest(planned).fetch(f"{planned.url}/plain", ask=Ask(robots=False)).status == 200
    assert planned.paths() == ["plain"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
def test_a_host_without_rules_lets_everything_be_read(planned: Quiet, status: int) -> None:
    says(planned, "User-agent: *", "Disallow: /", status=status)
    assert guest(planned).fetch(f"{planned.url}/plain").status == 200


@pytest.mark.parametrize("status", [500, 501, 503])
def test_nothing_is_read_while_the_rules_cannot_be_had(planned: Quiet, status: int) -> None:
    says(planned, status=status)
    fetcher = guest(planned)
    for _ in range(2):
        with pytest.raises(RobotsRefuse, match=f"cannot be: .*/robots.txt: the server answered {status}"):
            fetcher.fetch(f"{planned.url}/plain")
    assert "plain" not in planned.paths()
    assert planned.paths().count("robots.txt") == (5 if status in (500, 503) else 1)


def test_a_form_is_kept_out_by_robots_txt_too(planned: Quiet) -> None:
    says(planned, "User-agent: *", "Disallow: /")
    with pytest.raises(RobotsRefuse):
        guest(planned).fetch(f"{planned.url}/echo", ask=Ask(form={}))


def test_a_redirect_to_what_programs_may_not_read_is_not_followed(planned: Quiet) -> None:
    says(planned, "User-agent: *", "Disallow: /plain")
    with pytest.raises(RobotsRefuse, match="/plain: not read"):
        guest(planned).fetch(f"{planned.url}/moved")


def test_robots_txt_is_followed_where_it_moved_but_never_inside(planned: Quiet) -> None:
    planned.plan["rules"] = [(200, b"User-agent: *\nDisallow: /packed", {})]
    planned.plan["robots.txt"] = [(301, b"", {"Location": "/rules"})]
    with pytest.raises(RobotsRefuse):
        guest(planned).fetch(f"{planned.url}/packed")
    planned.plan["robots.txt"] = [(301, b"", {"Location": "http://169.254.169.254/robots.txt"})]
    with pytest.raises(RobotsRefuse, match=r"169\.254\.169\.254 is the internal or reserved address"):
        guest(planned).fetch(f"{planned.url}/packed")
    planned.plan["robots.txt"] = [(301, b"", {"Location": "/robots.txt"})]
    assert guest(planned).fetch(f"{planned.url}/packed").status == 200


def test_an_internal_host_is_refused_as_such_before_its_rules_are_asked_for() -> None:
    with pytest.raises(AddressRefused, match="internal or reserved"):
        GuardedFetcher().fetch("http://127.0.0.1:1/")


def test_rules_are_asked_for_once_and_again_after_a_day(planned: Quiet) -> None:
    clock = [0.0]
    fetcher = guest(planned, clock=lambda: clock[0])
    for at, times in ((0, 1), (86_399, 1), (86_401, 2)):
        clock[0] = at
        fetcher.fetch(f"{planned.url}/plain")
        assert planned.paths().count("robots.txt") == times


def test_rules_that_could_not_be_had_are_asked_for_again_after_a_while(planned: Quiet) -> None:
    clock = [0.0]
    fetcher = guest(planned, clock=lambda: clock[0])
    planned.plan["robots.txt"] = [(501, b"", {}), (404, b"", {})]
    with pytest.raises(RobotsRefuse):
        fetcher.fetch(f"{planned.url}/plain")
    clock[0] = 901
    assert fetcher.fetch(f"{planned.url}/plain").status == 200


def test_a_crawl_delay_is_kept_up_to_a_cap(planned: Quiet) -> None:
    says(planned, "User-agent: *", "Crawl-delay: 7")
    waits = Waits()
    fetcher = guest(planned, wait=waits, clock=lambda: 0.0, spare_allowed=False)
    fetcher.fetch(f"{planned.url}/plain")
    fetcher.fetch(f"{planned.url}/plain")
    assert waits == [1.0, 8.0]
    assert robots(b"User-agent: *\nCrawl-delay: 86400").delay == MOST_DELAY
    assert robots(b"User-agent: *\nCrawl-delay: nan").delay == 0.0


def test_no_more_than_its_first_500_kib_is_read(planned: Quiet) -> None:
    rules = b"User-agent: *\nDisallow: /plain\n"
    late = rules + b"#" * MOST_BYTES + b"\nDisallow: /packed\n"
    planned.plan["robots.txt"] = [(200, late, {})]
    fetcher = guest(planned, limits=GuardedFetcher().limits)
    assert fetcher.fetch(f"{planned.url}/packed").status == 200
    with pytest.raises(RobotsRefuse):
        fetcher.fetch(f"{planned.url}/plain")
    cut = rules + b"#" * (MOST_BYTES - len(rules) - len(b"\nDisallow: /")) + b"\nDisallow: /packed"
    assert robots(cut).allows("http://a.example/x") and robots(b"\xef\xbb\xbf" + rules).allows(
        "http://a.example/"
    )


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        *((name, True) for name in ("*", "tocsin", "TOCSIN", "tocsin/0.1", "Tocsin (early warning)")),
        *((name, False) for name in ("t", "toc", "tocsinbot", "to*", "other", "mytocsin", "")),
    ],
)
@pytest.mark.parametrize("says", ["User-agent: ", "useragent:", "USER AGENT : ", "User-Agent "])
def test_a_group_is_ours_by_the_whole_name_only(says: str, name: str, ours: bool) -> None:
    assert robots(f"{says}{name}\nDisallow: /".encode()).allows("https://a.example/b") is not ours


def test_rules_and_names_by_the_thousand_are_not_multiplied() -> None:
    names = "".join(f"User-agent: {'abcdefghij'[n % 10]}{n}\n" for n in range(9000))
    found = robots((names + "User-agent: *\n" + "Disallow:/*a\n" * 20_000).encode())
    assert not found.allows("https://a.example/za") and found.allows("https://a.example/z")
    assert len(found.rules._user_agents) == 2


@given(LINES, st.text(max_size=30))
def test_no_text_of_rules_or_of_a_path_ends_in_an_error(lines: list[str], path: str) -> None:
    found = robots("\n".join(lines).encode("utf-8", "surrogatepass"))
    assert found.allows(f"https://a.example/{path}") in (True, False)
    assert 0 <= found.delay <= MOST_DELAY


@given(st.binary(max_size=200))
def test_no_bytes_of_rules_end_in_an_error(raw: bytes) -> None:
    assert robots(raw).allows("https://a.example/") in (True, False)
