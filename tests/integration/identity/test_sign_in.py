"""Signing in and out: one answer for every wrong try, limits that several processes share."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask_login import current_user

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.db.query_log import counted_queries
from app.identity import proofs, services
from app.identity import sign_in as steps
from app.identity.extension import setup_for
from app.identity.models import StaffAccount, StaffSession, Throttle
from app.identity.passwords import Passwords
from app.identity.presence import load_actor
from app.identity.second_factor import opened_seed
from app.identity.sessions import Client
from tests.integration.identity.conftest import Work
from tests.support.clock import Clock
from tests.support.pages import PageClient, tree
from tests.support.people import (
    FIREFOX,
    HERE,
    PASSWORD,
    SAFARI,
    actor_for,
    give_second_factor,
    invite_account,
    is_signed_in,
    make_account,
    sign_in,
)


def hashing_with(app: Any, hasher: PasswordHasher) -> Any:
    """Return a portal of one's own whose passwords are hashed by `hasher`."""
    object.__setattr__(setup_for(app), "passwords", Passwords(hasher))
    return app


def try_once(app: Any, email: str, password: str, address: str = "192.0.2.7") -> Any:
    return steps.sign_in(
        app.database,
        setup_for(app),
        email=email,
        password=password,
        client=Client(address, "Firefox on Linux"),
    )


def test_the_right_password_opens_the_portal(app: Any, client: PageClient, work: Work) -> None:
    with work() as session:
        account = make_account(session)
    response = sign_in(client, account)
    assert (response.status_code, response.location) == (303, "/")
    assert is_signed_in(client)


def test_a_mail_address_is_found_in_any_spelling(client: PageClient, work: Work) -> None:
    with work() as session:
        make_account(session, email="Sam.Oduya@northwind.example")
    typed = {"email": " sam.oduya@NORTHWIND.example", "password": PASSWORD}
    assert client.submit("/sign-in", typed).status_code == 303


def test_a25_wrong_password_unknown_disabled_and_invited_get_one_answer(
    client: PageClient, work: Work
) -> None:
    with work() as session:
        make_account(session, name="Real Person")
        closed = make_account(session, name="Closed Person")
        services.disable(session, SYSTEM, closed)
        invite_account(session, name="Invited Person")
    answers = set()
    for name in ("real.person", "closed.person", "invited.person", "no.body"):
        email = f"{name}@northwind.example"
        response = client.submit("/sign-in", {"email": email, "password": "not the password"})
        text = response.get_data(as_text=True).replace(email, "EMAIL")
        for node in tree(response).elements("input"):
            if node.get("name") == "csrf_token":
                text = text.replace(node.get("value") or "-", "TOKEN")
        answers.add((response.status_code, text))
    assert len(answers) == 1
    assert {status for status, _ in answers} == {422}


def test_a25_each_try_costs_one_hash_and_the_same_statements(
    make_app: Callable[..., Any], work: Work
) -> None:
    hashes: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            hashes.append("one")
            return super().verify(hash, password)

    app = hashing_with(make_app(), Counting(time_cost=1, memory_cost=64, parallelism=1))
    with work() as session:
        make_account(session, name="Real Person")
        services.disable(session, SYSTEM, make_account(session, name="Closed Person"))
    costs = []
    for email in ("real.person@northwind.example", "closed.person@northwind.example",
                  "nobody@northwind.example"):  # fmt: skip
        hashes.clear()
        with counted_queries() as statements:
            try_once(app, email, "not the password")
        costs.append((len(hashes), [one.split()[0] for one in statements]))
    assert costs[0][0] == 1
    assert costs[1] == costs[0]
    assert costs[2] == costs[0]


def test_v7_2_2_each_sign_in_has_a_secret_of_its_own_and_the_table_only_its_hash(
    app: Any, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    tokens = {try_once(app, account.email, PASSWORD).token for _ in range(3)}
    assert len(tokens) == 3
    assert all(token and len(token) >= 43 for token in tokens)
    with work(write=False) as session:
        kept = set(session.scalars(sa.select(StaffSession.token_hash)))
    assert len(kept) == 3
    assert not kept & tokens


def test_a26_a_planted_session_is_worth_nothing_after_sign_in(
    app: Any, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    with client.session_transaction() as planted:
        planted["sid"] = "a secret that the attacker knows"
        planted["other"] = "baggage"
    sign_in(client, account)
    with client.session_transaction() as after:
        assert after["sid"] != "a secret that the attacker knows"
        assert "other" not in after
    attacker = app.test_client()
    with attacker.session_transaction() as forged:
        forged["sid"] = "a secret that the attacker knows"
    assert not is_signed_in(attacker)


def test_v7_2_4_signing_in_again_ends_the_session_before(
    app: Any, client: PageClient, work: Work, browsers: Callable[[], Any]
) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    with client.session_transaction() as old:
        before = old["sid"]
    token = tree(client.get("/account"))
    csrf = next(e.get("value") for e in token.elements("input") if e.get("name") == "csrf_token")
    client.post("/sign-in", data={"csrf_token": csrf, "email": account.email, "password": PASSWORD})
    assert is_signed_in(client)
    replay = browsers()
    with replay.session_transaction() as cookie:
        cookie["sid"] = before
    assert not is_signed_in(replay)


def test_v7_4_1_the_cookie_is_worth_nothing_after_sign_out(
    app: Any, client: PageClient, work: Work, verbs: Callable[[], list[str]]
) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    saved = client.get_cookie("assay")
    assert saved is not None
    client.submit("/sign-out", form_at="/account")
    assert not is_signed_in(client)
    client.set_cookie("assay", saved.value)
    assert not is_signed_in(client)
    assert verbs()[-3:] == ["account.signed_in", "session.revoked", "account.signed_out"]


def test_v9_1_1_a_changed_cookie_is_nobody(client: PageClient, work: Work) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    cookie = client.get_cookie("assay")
    assert cookie is not None
    value = cookie.value
    client.set_cookie("assay", value[:5] + ("A" if value[5] != "A" else "B") + value[6:])
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "goal",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "///evil.example", "https:///evil.example", "/\t/evil.example", "/%09/evil.example//",
        "javascript:alert(1)", "http:evil.example", "/\r\nLocation: https://evil.example",
        "http://localhost@evil.example/", "http://localhost.evil.example/",
        "////evil.example/%2f..",
        "/.evil.example", "data:text/html,x", " https://evil.example", "/@evil.example\\",
    ],
)  # fmt: skip
def test_a22_sign_in_goes_on_to_our_own_pages_only(
    client: PageClient, work: Work, goal: str
) -> None:
    with work() as session:
        account = make_account(session)
    response = client.submit(
        "/sign-in",
        {"email": account.email, "password": PASSWORD},
        form_at="/sign-in",
        query_string={"next": goal},
    )
    assert response.status_code == 303
    location = response.location
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\", "/\t"))
    assert "evil" not in location.split("?")[0] or location.startswith("/%09")


def test_a22_sign_in_goes_on_to_the_page_that_was_asked_for(client: PageClient, work: Work) -> None:
    with work() as session:
        account = make_account(session)
    asked = client.get("/account/sessions?x=1")
    assert asked.location == "/sign-in?next=/account/sessions?x%3D1"
    response = client.submit(
        asked.location, {"email": account.email, "password": PASSWORD}, form_at=asked.location
    )
    assert response.location == "/account/sessions?x=1"


def test_v6_3_1_the_eleventh_wrong_try_waits_for_account_and_caller(
    app: Any, clock: Clock, client: PageClient, work: Work, verbs: Callable[[], list[str]]
) -> None:
    with work() as session:
        account = make_account(session)
        other = make_account(session, name="Other Person")
    for _ in range(10):
        assert try_once(app, account.email, "wrong", "198.51.100.1").retry_after is None
        clock.forward(seconds=10)
    assert try_once(app, account.email, "wrong", "198.51.100.1").retry_after == 200
    assert try_once(app, account.email, PASSWORD, "203.0.113.5").retry_after == 200, "the account"
    assert try_once(app, other.email, PASSWORD, "198.51.100.1").retry_after == 200, "the caller"
    assert try_once(app, other.email, PASSWORD, "203.0.113.5").token
    assert verbs().count("account.sign_in_refused") == 11, "ten, and the wait once"
    clock.forward(seconds=200)
    assert try_once(app, account.email, PASSWORD, "203.0.113.5").token


def test_v6_3_1_the_page_says_how_long_to_wait(client: PageClient, work: Work) -> None:
    with work() as session:
        account = make_account(session)
    for _ in range(10):
        sign_in(client, account, password="wrong")
    response = sign_in(client, account)
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 300
    assert "Wait 5 minutes" in tree(response).text


def test_v6_1_1_who_signed_in_from_here_before_is_not_locked_out_from_elsewhere(
    app: Any, clock: Clock, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    assert try_once(app, account.email, PASSWORD, "192.0.2.7").token
    for number in range(12):
        try_once(app, account.email, "wrong", f"198.51.100.{number}")
    assert try_once(app, account.email, PASSWORD, "198.51.100.99").retry_after
    assert try_once(app, account.email, PASSWORD, "192.0.2.7").token


def test_lockout_of_unknown_addresses_is_the_same(app: Any, clock: Clock, work: Work) -> None:
    for number in range(10):
        try_once(app, "nobody@northwind.example", "wrong", f"198.51.100.{number}")
    assert try_once(app, "nobody@northwind.example", "wrong", "203.0.113.5").retry_after == 300


def test_v2_4_1_parallel_guesses_of_several_processes_are_all_counted(
    app: Any, make_app: Callable[..., Any], work: Work
) -> None:
    """Two portals on one database; neither knows of the other."""
    with work() as session:
        account = make_account(session)
    other = make_app()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(
            pool.map(
                lambda number: try_once(
                    other if number % 2 else app, account.email, "wrong", f"198.51.100.{number}"
                ),
                range(24),
            )
        )
    assert sum(result.retry_after is None for result in results) == 10


def test_a_right_password_forgives_the_wrong_ones_before(
    app: Any, clock: Clock, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    for _ in range(9):
        try_once(app, account.email, "wrong")
    assert try_once(app, account.email, PASSWORD).token
    for _ in range(1):
        assert try_once(app, account.email, "wrong").retry_after is None
    assert try_once(app, account.email, "wrong", "198.51.100.1").retry_after is None


def test_buckets_cannot_be_read_back_and_are_swept(app: Any, clock: Clock, work: Work) -> None:
    try_once(app, "nobody@northwind.example", "wrong")
    with work(write=False) as session:
        kept = list(session.scalars(sa.select(Throttle.bucket)))
    assert len(kept) == 2
    assert all(len(bucket) == 64 and "nobody" not in bucket for bucket in kept)


def test_v11_2_2_an_outdated_hash_is_made_anew_at_sign_in(
    make_app: Callable[..., Any], work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    before = account.password_hash
    app = hashing_with(make_app(), PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    assert try_once(app, account.email, PASSWORD).token
    with work(write=False) as session:
        after = session.get_one(StaffAccount, account.id).password_hash
    assert before is not None
    assert after is not None
    assert ",t=1," in before
    assert ",t=2," in after
    assert try_once(app, account.email, PASSWORD).token


def test_an_account_closed_while_the_password_was_checked_stays_closed(
    make_app: Callable[..., Any], work: Work
) -> None:
    with work() as session:
        account = make_account(session)

    class Closing(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            with work() as session:
                services.disable(session, SYSTEM, session.get_one(StaffAccount, account.id))
            return super().verify(hash, password)

    app = hashing_with(make_app(), Closing(time_cost=1, memory_cost=64, parallelism=1))
    assert try_once(app, account.email, PASSWORD).token is None


def test_v16_3_1_and_v16_2_5_sign_ins_good_and_bad_are_recorded_without_secrets(
    app: Any, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    try_once(app, account.email, "MARKER-password-9131")
    try_once(app, "marker-nobody@northwind.example", "MARKER-password-9131")
    try_once(app, account.email, PASSWORD)
    with work(write=False) as session:
        events = list(session.scalars(sa.select(AuditEvent).order_by(AuditEvent.sequence)))
    tail = [(event.verb, event.subject_id) for event in events[-3:]]
    assert tail == [
        ("account.sign_in_refused", str(account.id)),
        ("account.sign_in_refused", None),
        ("account.signed_in", str(account.id)),
    ]
    text = " ".join(str(event.after) for event in events)
    assert "192.0.2.7" in text
    assert "MARKER" not in text
    assert "marker-nobody" not in text


def test_v6_3_5_a_new_device_is_told_by_mail_a_known_one_is_not(
    client: PageClient, work: Work, mails: Callable[[], list[Any]], browsers: Callable[[], Any]
) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account, user_agent=FIREFOX)
    sign_in(browsers(), account, user_agent=FIREFOX)
    assert [mail.topic for mail in mails()] == []
    sign_in(browsers(), account, user_agent=SAFARI)
    [mail] = mails()
    assert (mail.topic, mail.to_address) == ("identity.new_device", account.email)
    assert mail.values["device"] == "Safari on iPhone"


def test_v6_3_4_no_page_opens_between_password_and_code(
    clock: Clock, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session, roles=[Role.ADMINISTRATOR])
        phone, _codes = give_second_factor(session, account)
    clock.forward(minutes=2)
    response = sign_in(client, account)
    assert response.location == "/sign-in/code?next=/"
    for path in ("/", "/account", "/account/second-factor", "/account/sessions"):
        assert client.get(path).location.startswith("/sign-in")
    with client.session_transaction() as cookie:
        waiting = cookie["sid"]
    assert client.submit("/sign-in/code", {"code": phone.at(clock.now)}).location == "/"
    assert is_signed_in(client)
    with client.session_transaction() as cookie:
        assert cookie["sid"] != waiting, "a new secret when the sign-in is whole"


def test_the_wait_for_the_code_ends_after_ten_minutes(
    clock: Clock, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
        give_second_factor(session, account)
    clock.forward(minutes=2)
    sign_in(client, account)
    clock.forward(minutes=10, seconds=1)
    assert client.get("/sign-in/code").location == "/sign-in?next=/"


def test_going_back_from_the_code_ends_the_wait(
    clock: Clock, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
        give_second_factor(session, account)
    clock.forward(minutes=2)
    sign_in(client, account)
    client.submit("/sign-in/code/leave", form_at="/sign-in/code")
    assert client.get("/sign-in/code").status_code == 303


def test_v6_5_1_a_code_works_once_also_in_another_browser(
    clock: Clock, client: PageClient, work: Work, browsers: Callable[[], Any]
) -> None:
    with work() as session:
        account = make_account(session)
        phone, _codes = give_second_factor(session, account)
    clock.forward(minutes=2)
    code = phone.at(clock.now)
    sign_in(client, account, code=code)
    assert is_signed_in(client)
    second = browsers()
    assert sign_in(second, account, code=code).status_code == 422
    assert not is_signed_in(second)


def test_v6_5_1_of_two_who_send_one_code_at_once_one_gets_in(
    app: Any, clock: Clock, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
        phone, _codes = give_second_factor(session, account)
    clock.forward(minutes=2)
    code = phone.at(clock.now)

    def prove(_number: int) -> bool:
        try:
            proofs.prove_code(app.database, setup_for(app), account.id, code, HERE)
        except proofs.DomainError:
            return False
        return True

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(prove, range(4))) == [False, False, False, True]


def test_recovery_codes_work_once_and_the_person_is_told(
    clock: Clock, client: PageClient, work: Work, mails: Callable[[], list[Any]],
    browsers: Callable[[], Any],
) -> None:  # fmt: skip
    with work() as session:
        account = make_account(session)
        _phone, codes = give_second_factor(session, account)
    sign_in(client, account, code=codes[3].lower())
    assert is_signed_in(client)
    assert mails()[-1].values["change"] == "recovery_used"
    assert sign_in(browsers(), account, code=codes[3]).status_code == 422
    assert sign_in(browsers(), account, code=codes[4]).status_code == 303


def test_v6_6_3_guessing_codes_is_stopped_and_the_person_is_told(
    clock: Clock, client: PageClient, work: Work, mails: Callable[[], list[Any]]
) -> None:
    with work() as session:
        account = make_account(session)
        phone, _codes = give_second_factor(session, account)
    clock.forward(minutes=2)
    sign_in(client, account)
    statuses = [client.submit("/sign-in/code", {"code": "000000"}).status_code for _ in range(7)]
    assert statuses == [422] * 5 + [429] * 2
    right = client.submit("/sign-in/code", {"code": phone.at(clock.now)})
    assert right.status_code == 429
    assert right.headers["Retry-After"] == "300"
    told = [mail for mail in mails() if mail.topic == "identity.second_factor_refused"]
    assert len(told) == 1
    clock.forward(minutes=5)
    assert client.submit("/sign-in/code", {"code": phone.at(clock.now)}).status_code == 303


def test_v11_3_3_a_damaged_seed_lets_nobody_in_and_breaks_nothing(
    clock: Clock, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
        phone, codes = give_second_factor(session, account)
        assert account.totp_seed is not None
        assert phone.secret not in account.totp_seed
        account.totp_seed = account.totp_seed[:-2] + "AA"
    clock.forward(minutes=2)
    assert sign_in(client, account, code=phone.at(clock.now)).status_code == 422
    assert client.submit("/sign-in/code", {"code": codes[0]}).status_code == 303


def test_v6_3_3_everybody_sets_up_a_second_factor_when_the_portal_says_so(
    make_app: Callable[..., Any], clock: Clock, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    client = make_app(require_totp=True).test_client()
    sign_in(client, account)
    for path in ("/", "/account", "/account/sessions", "/account/password"):
        assert client.get(path).location == "/account/second-factor"
    assert client.get("/account/second-factor").status_code == 200
    client.submit("/account/second-factor/start", form_at="/account/second-factor")
    with work() as session:
        found = session.get_one(StaffAccount, account.id)
        seed = opened_seed(session, found)
    assert seed is not None
    code = pyotp.TOTP(seed).at(clock.now)
    assert client.submit("/account/second-factor", {"code": code}).status_code == 200
    assert client.get("/account").status_code == 200


def test_flask_login_sees_the_actor_and_nothing_in_the_cookie(
    app: Any, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    with client:
        client.get("/account")
        assert current_user.is_authenticated
        assert current_user.get_id() == str(account.id)
    with client.session_transaction() as cookie:
        assert set(cookie) <= {"sid", "csrf_token", "_flashes"}
    with app.test_client() as nobody:
        nobody.get("/sign-in")
        assert not current_user.is_authenticated


def test_the_actor_carries_what_the_rules_need(app: Any, work: Work) -> None:
    with work() as session:
        account = make_account(session, roles=[Role.REVIEWER, Role.APPROVER])
        expected = actor_for(session, account)
    token = try_once(app, account.email, PASSWORD).token
    actor = load_actor(app.database, setup_for(app), token)
    assert actor is not None
    assert (actor.id, actor.roles, actor.business_units) == (
        expected.id, expected.roles, expected.business_units,
    )  # fmt: skip
    assert actor.confirmed_at is not None
