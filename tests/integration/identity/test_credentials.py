"""Passwords and addresses: reset by mail, changed with proof, told to the person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient

from app.access.actor import SYSTEM
from app.identity import services
from app.identity.models import StaffAccount
from tests.integration.identity.conftest import Work
from tests.support.clock import Clock
from tests.support.pages import PageClient, find, tree
from tests.support.people import (
    PASSWORD,
    give_second_factor,
    invite_account,
    is_signed_in,
    make_account,
    sign_in,
)

NEW = "copper lantern walrus nine"


def ask_reset(client: PageClient, email: str) -> Any:
    return client.submit("/forgot", {"email": email})


def test_a_forgotten_password_is_set_anew_by_mail(
    client: PageClient, work: Work, last_link: Callable[[], str], mails: Callable[[], list[Any]],
    verbs: Callable[[], list[str]], browsers: Callable[[], Any],
) -> None:  # fmt: skip
    with work() as session:
        account = make_account(session)
    elsewhere = browsers()
    sign_in(elsewhere, account)
    ask_reset(client, account.email.upper())
    path = last_link()
    assert client.get(path).status_code == 200
    response = client.submit(path, {"password": NEW})
    assert response.location == "/sign-in"
    assert not is_signed_in(client), "V6.4.3: not signed in by it"
    assert not is_signed_in(elsewhere), "all sessions have ended"
    assert client.get(path).status_code == 410
    assert sign_in(client, account).status_code == 422
    assert sign_in(client, account, password=NEW).status_code == 303
    assert [mail.topic for mail in mails()] == ["identity.reset", "identity.password_changed"]
    assert "account.password_reset" in verbs()


def test_v6_4_3_a_reset_does_not_skip_the_second_factor(
    clock: Clock, client: PageClient, work: Work, last_link: Callable[[], str]
) -> None:
    with work() as session:
        account = make_account(session)
        phone, _codes = give_second_factor(session, account)
    clock.forward(minutes=2)
    ask_reset(client, account.email)
    client.submit(last_link(), {"password": NEW})
    response = sign_in(client, account, password=NEW)
    assert response.location.startswith("/sign-in/code")
    assert not is_signed_in(client)
    assert client.submit("/sign-in/code", {"code": phone.at(clock.now)}).status_code == 303
    assert is_signed_in(client)


def test_a_reset_link_lasts_an_hour(
    clock: Clock, client: PageClient, work: Work, last_link: Callable[[], str]
) -> None:
    with work() as session:
        account = make_account(session)
    ask_reset(client, account.email)
    clock.forward(minutes=59)
    assert client.get(last_link()).status_code == 200
    clock.forward(minutes=1)
    assert client.get(last_link()).status_code == 410


def test_a25_asking_for_a_reset_gets_one_answer_for_every_address(
    client: PageClient, work: Work, mails: Callable[[], list[Any]]
) -> None:
    with work() as session:
        make_account(session, name="Real Person")
        closed = make_account(session, name="Closed Person")
        services.disable(session, SYSTEM, closed)
        invite_account(session, name="Invited Person")
    answers = set()
    for name in ("real.person", "closed.person", "invited.person", "no.body"):
        response = ask_reset(client, f"{name}@northwind.example")
        text = response.get_data(as_text=True)
        for node in tree(response).elements("input"):
            if node.get("name") == "csrf_token":
                text = text.replace(node.get("value") or "-", "TOKEN")
        answers.add((response.status_code, text))
    assert len(answers) == 1
    assert [mail.to_address for mail in mails()] == ["real.person@northwind.example"]


def test_five_reset_mails_a_day_then_silence(
    clock: Clock, client: PageClient, work: Work, mails: Callable[[], list[Any]]
) -> None:
    with work() as session:
        account = make_account(session)
    statuses = {ask_reset(client, account.email).status_code for _ in range(7)}
    assert statuses == {200}
    assert len(mails()) == 5
    clock.forward(days=1)
    ask_reset(client, account.email)
    assert len(mails()) == 6


def test_v2_4_1_a_caller_who_asks_for_many_resets_waits(clock: Clock, client: PageClient) -> None:
    responses = [ask_reset(client, f"nobody{number}@northwind.example") for number in range(21)]
    assert [response.status_code for response in responses] == [200] * 20 + [429]
    assert responses[-1].headers["Retry-After"] == "3600"


def test_a23_links_in_mails_start_with_the_base_address(
    client: PageClient, work: Work, last_link: Callable[[], str]
) -> None:
    with work() as session:
        account = make_account(session)
    ask_reset(client, account.email)
    poisoned = FlaskClient(client.application).get("/forgot", headers={"Host": "evil.example"})
    assert poisoned.status_code == 400
    client.submit("/forgot", {"email": account.email}, headers={"X-Forwarded-Host": "evil.example"})
    assert last_link().startswith("/new-password/")  # the fixture checks what stands before


def test_a_reset_opens_an_account_that_somebody_locked(
    clock: Clock, client: PageClient, work: Work, last_link: Callable[[], str]
) -> None:
    with work() as session:
        account = make_account(session)
    for number in range(10):
        client.submit(
            "/sign-in", {"email": account.email, "password": "wrong"},
            environ_overrides={"REMOTE_ADDR": f"198.51.100.{number}"},
        )  # fmt: skip
    assert sign_in(client, account).status_code == 429
    ask_reset(client, account.email)
    client.submit(last_link(), {"password": NEW})
    assert sign_in(client, account, password=NEW).status_code == 303


def test_v6_2_3_and_v7_4_3_a_password_is_changed_with_the_present_one_and_ends_other_sessions(
    client: PageClient, work: Work, browsers: Callable[[], Any], mails: Callable[[], list[Any]]
) -> None:
    with work() as session:
        account = make_account(session)
    other = browsers()
    sign_in(other, account)
    sign_in(client, account)
    with client.session_transaction() as cookie:
        before = cookie["sid"]
    form = {"present": "not it", "password": NEW}
    refused = client.submit("/account/password", form)
    assert refused.status_code == 422
    assert find(tree(refused), "p", id="present-error").text.endswith("Type it again.")
    assert is_signed_in(other)
    assert client.submit("/account/password", {**form, "present": PASSWORD}).status_code == 303
    assert is_signed_in(client)
    assert not is_signed_in(other)
    with client.session_transaction() as cookie:
        assert cookie["sid"] != before
    replay = browsers()
    with replay.session_transaction() as cookie:
        cookie["sid"] = before
    assert not is_signed_in(replay)
    assert [mail.topic for mail in mails()] == ["identity.password_changed"]
    assert sign_in(browsers(), account, password=NEW).status_code == 303


@pytest.mark.parametrize(
    "password", ["short", "password1234", "Northwind-2026", "sam-oduya-northwind", "x" * 257]
)
def test_new_passwords_follow_the_rules(client: PageClient, work: Work, password: str) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    response = client.submit("/account/password", {"present": PASSWORD, "password": password})
    assert response.status_code == 422
    assert "Choose" in find(tree(response), "p", id="password-error").text
    assert sign_in(client.application.test_client(), account).status_code == 303


def test_ten_wrong_passwords_of_somebody_signed_in_make_him_wait(
    clock: Clock, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    form = {"present": "wrong", "password": NEW}
    statuses = [client.submit("/account/password", form).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert client.submit("/account/confirm", {"password": PASSWORD}).status_code == 429


def test_v7_5_1_and_v6_3_7_a_new_address_is_confirmed_there_and_told_to_the_old_one(
    clock: Clock, client: PageClient, work: Work, last_link: Callable[[], str],
    mails: Callable[[], list[Any]], browsers: Callable[[], Any],
) -> None:  # fmt: skip
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    clock.forward(minutes=16)
    asked = client.get("/account/email")
    assert asked.location == "/account/confirm?next=/account/email"
    done = client.submit(asked.location, {"password": PASSWORD}, form_at=asked.location)
    assert done.location == "/account/email"
    client.submit("/account/email", {"email": "sam.new@northwind.example"})
    [mail] = mails()
    assert (mail.topic, mail.to_address) == ("identity.email_change", "sam.new@northwind.example")
    path = last_link()
    assert browsers().get(path).location.startswith("/sign-in?next=/account/email/")
    assert "sam.new@northwind.example" in client.page(path).text
    with work(write=False) as session:
        assert session.get_one(StaffAccount, account.id).email == account.email
    client.submit(path)
    assert client.get(path).status_code == 410
    with work(write=False) as session:
        assert session.get_one(StaffAccount, account.id).email == "sam.new@northwind.example"
    assert (mails()[-1].topic, mails()[-1].to_address) == ("identity.email_changed", account.email)


def test_an_address_link_is_worth_nothing_to_another_account(
    client: PageClient, work: Work, last_link: Callable[[], str], browsers: Callable[[], Any]
) -> None:
    with work() as session:
        account = make_account(session)
        other = make_account(session, name="Other Person")
    sign_in(client, account)
    client.submit("/account/email", {"email": "sam.new@northwind.example"})
    stranger = browsers()
    sign_in(stranger, other)
    assert stranger.get(last_link()).status_code == 410
    stranger.submit(last_link(), form_at="/account")
    with work(write=False) as session:
        assert session.get_one(StaffAccount, other.id).email == other.email


def test_a25_an_address_that_is_taken_gets_the_same_answer_and_no_mail(
    client: PageClient, work: Work, mails: Callable[[], list[Any]]
) -> None:
    with work() as session:
        account = make_account(session)
        other = make_account(session, name="Other Person")
    sign_in(client, account)
    taken = client.submit("/account/email", {"email": other.email})
    free = client.submit("/account/email", {"email": "free@northwind.example"})
    assert (taken.status_code, taken.location) == (free.status_code, free.location)
    assert [mail.to_address for mail in mails()] == ["free@northwind.example"]


def test_step_up_asks_for_the_code_too_and_renews_the_secret(
    clock: Clock, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
        phone, _codes = give_second_factor(session, account)
    clock.forward(minutes=2)
    sign_in(client, account, code=phone.at(clock.now))
    clock.forward(minutes=16)
    with client.session_transaction() as cookie:
        before = cookie["sid"]
    assert client.submit("/account/confirm", {"password": PASSWORD}).status_code == 422
    wrong = client.submit("/account/confirm", {"password": PASSWORD, "code": "000000"})
    assert wrong.status_code == 422
    assert client.get("/account/email").status_code == 303
    right = {"password": PASSWORD, "code": phone.at(clock.now)}
    assert client.submit("/account/confirm", right).status_code == 303
    assert client.get("/account/email").status_code == 200
    with client.session_transaction() as cookie:
        assert cookie["sid"] != before


def test_a_post_that_needs_a_fresh_proof_goes_on_at_its_form(
    clock: Clock, client: PageClient, work: Work
) -> None:
    with work() as session:
        account = make_account(session)
    sign_in(client, account)
    form = client.page("/account/email")
    token = find(find(form, "main"), "input", name="csrf_token").get("value")
    clock.forward(minutes=16)
    response = client.post(
        "/account/email",
        data={"csrf_token": token, "email": "sam.new@northwind.example"},
        headers={"Referer": "http://localhost/account/email"},
    )
    assert response.location.startswith("/account/confirm?next=")
    done = client.submit(response.location, {"password": PASSWORD}, form_at=response.location)
    assert done.location == "/account/email"


def test_the_second_factor_from_square_code_to_recovery_codes(
    clock: Clock, client: PageClient, work: Work, mails: Callable[[], list[Any]],
    browsers: Callable[[], Any],
) -> None:  # fmt: skip
    with work() as session:
        account = make_account(session)
    other = browsers()
    sign_in(other, account)
    sign_in(client, account)
    client.submit("/account/second-factor/start", form_at="/account/second-factor")
    root = client.page("/account/second-factor")
    image = next(e for e in root.elements("img") if (e.get("src") or "").startswith("data:"))
    assert (image.get("src") or "").startswith("data:image/png;base64,")
    seed = next(e for e in root.elements("span") if e.get("class") == "as-mono").text
    phone = pyotp.TOTP(seed.replace(" ", ""))
    wrong = client.submit("/account/second-factor", {"code": "000000"})
    assert wrong.status_code == 422
    shown = tree(client.submit("/account/second-factor", {"code": phone.at(clock.now)}))
    codes = [item.text for item in find(shown, "ol", class_="as-mono").elements("li")]
    assert len(codes) == 10
    saved = next(e for e in shown.elements("a") if e.get("download"))
    assert all(code in (saved.get("href") or "") for code in codes)
    assert is_signed_in(client)
    assert not is_signed_in(other), "sessions without the factor have ended"
    assert codes[0] not in client.get("/account/recovery-codes").get_data(as_text=True)
    assert mails()[-1].values["change"] == "on"
    clock.forward(minutes=1)
    assert sign_in(browsers(), account, code=phone.at(clock.now)).status_code == 303
    fresh = tree(client.submit("/account/recovery-codes"))
    new = [item.text for item in find(fresh, "ol", class_="as-mono").elements("li")]
    assert not set(new) & set(codes)
    assert sign_in(browsers(), account, code=codes[0]).status_code == 422
    assert sign_in(browsers(), account, code=new[0]).status_code == 303


def test_turning_the_second_factor_off_needs_a_fresh_proof(
    clock: Clock, client: PageClient, work: Work, browsers: Callable[[], Any]
) -> None:
    with work() as session:
        account = make_account(session)
        phone, _codes = give_second_factor(session, account)
    clock.forward(minutes=2)
    sign_in(client, account, code=phone.at(clock.now))
    page = client.page("/account/second-factor")
    form = find(page, "form", action="/account/second-factor/off")
    token = find(form, "input", name="csrf_token").get("value")
    clock.forward(minutes=16)
    stale = client.post("/account/second-factor/off", data={"csrf_token": token})
    assert stale.location.startswith("/account/confirm")
    with work(write=False) as session:
        assert session.get_one(StaffAccount, account.id).has_second_factor
    client.submit("/account/confirm", {"password": PASSWORD, "code": phone.at(clock.now)})
    client.submit("/account/second-factor/off", form_at="/account/second-factor")
    assert sign_in(browsers(), account).location == "/"
