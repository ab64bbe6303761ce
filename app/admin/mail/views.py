"""The Mail page: list, one mail, and what can be done about it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from app.access.permissions import Permission
from app.admin.mail.forms import ReaddressForm
from app.admin.mail.preview import composed, masked
from app.identity.queries import own_account
from app.kernel.errors import DomainError, NotFound
from app.mail import labels, queries, services, words
from app.mail.jobs import envelope_of
from app.mail.lifecycle import MOVES, SHOWS_SECRETS, MailAction, MailState
from app.mail.models import MailMessage
from app.mail.queries import MailFilter
from app.mail.wiring import mail_of
from app.web.addresses import address
from app.web.application import application
from app.web.page_blueprint import PageBlueprint
from app.web.redirects import see_other
from app.web.request import current_actor, current_session
from app.web.templating import page

pages = PageBlueprint("mail_admin", __name__, url_prefix="/admin/mail")

_MAX_SEARCH = 100


@pages.get("/", access=Permission.MAIL_READ)
def index() -> Response:
    """List the mails, newest first, with the filter of the address."""
    session, actor = current_session(), current_actor()
    mail = mail_of(application())
    wanted = _wanted()
    kept = {
        "state": wanted.state.value if wanted.state else None,
        "topic": wanted.topic,
        "q": wanted.recipient or None,
    }
    found = queries.list_mails(session, actor, wanted, cursor=request.args.get("after"))
    counts = queries.count_by_state(session, actor, wanted)
    return page(
        "admin/mail/index.html",
        mails=found.items,
        total=sum(counts.values()),
        chips=_chips(wanted, kept, counts),
        topics=[(topic.name, topic.title) for topic in mail.topics],
        title_of=_title_of,
        state_label=labels.STATE_LABELS.__getitem__,
        wanted=wanted,
        is_filtered=any(kept.values()),
        has_server=mail.has_server,
        again=_again(wanted, counts, has_server=mail.has_server),
        first_href=None if found.is_first else address(".index", kept),
        next_href=address(".index", kept, after=found.next_cursor) if found.next_cursor else None,
    )


@pages.get("/<uuid:mail_id>", access=Permission.MAIL_READ)
def show(mail_id: uuid.UUID) -> Response:
    """Show one mail: where it stands, what it says, without its link."""
    return _show(queries.get_mail(current_session(), current_actor(), mail_id))


@pages.get("/<uuid:mail_id>/mail.eml", access=Permission.MAIL_READ)
def download(mail_id: uuid.UUID) -> Response:
    """Send the mail as a file that a mail program shows as the reader sees it, without its link."""
    mail = queries.get_mail(current_session(), current_actor(), mail_id)
    settings, wired = application().settings, mail_of(application())
    text = composed(wired.composer, wired.topics.find(mail.topic), mail, settings.base_url)
    if text is None:
        raise NotFound(_("This mail was made by another version of the portal."))
    return Response(
        wired.composer.message(envelope_of(mail), text).as_bytes(),
        content_type="message/rfc822",
        headers={"Content-Disposition": f'attachment; filename="mail-{mail.id}.eml"'},
    )


@pages.post("/<uuid:mail_id>/resend", access=Permission.MAIL_MANAGE)
def resend(mail_id: uuid.UUID) -> AnyResponse:
    """Put a mail into the queue again."""
    mail = services.resend(current_session(), current_actor(), mail_id)
    flash(_("The mail to %(address)s is on its way again.", address=mail.to_address), "ok")
    return see_other(url_for(".show", mail_id=mail_id))


@pages.get("/<uuid:mail_id>/address", access=Permission.MAIL_MANAGE)
def readdress(mail_id: uuid.UUID) -> Response:
    """Ask for the address that the mail is to go to."""
    mail = queries.get_mail(current_session(), current_actor(), mail_id)
    return page("admin/mail/readdress.html", mail=mail, form=ReaddressForm(name=mail.to_name))


@pages.post("/<uuid:mail_id>/address", access=Permission.MAIL_MANAGE, endpoint="readdress_mail")
def readdress_mail(mail_id: uuid.UUID) -> AnyResponse:
    """Send the mail to another address."""
    session, actor, form = current_session(), current_actor(), ReaddressForm()
    if form.validate_on_submit():
        try:
            mail = services.readdress(
                session, actor, mail_id, form.address.data or "", form.name.data or ""
            )
        except DomainError as error:
            if error.field is None:
                raise
            form.add_error(error)
        else:
            flash(_("The mail is on its way to %(address)s.", address=mail.to_address), "ok")
            return see_other(url_for(".show", mail_id=mail_id))
    mail = queries.get_mail(session, actor, mail_id)
    return page("admin/mail/readdress.html", 422, mail=mail, form=form)


@pages.get("/<uuid:mail_id>/cancel", access=Permission.MAIL_MANAGE)
def cancel(mail_id: uuid.UUID) -> Response:
    """Ask once before a mail is given up."""
    mail = queries.get_mail(current_session(), current_actor(), mail_id)
    return page("admin/mail/cancel.html", mail=mail, title=_title_of(mail))


@pages.post("/<uuid:mail_id>/cancel", access=Permission.MAIL_MANAGE, endpoint="cancel_mail")
def cancel_mail(mail_id: uuid.UUID) -> AnyResponse:
    """Give a mail up."""
    mail = services.cancel(current_session(), current_actor(), mail_id)
    flash(_("The mail to %(address)s is cancelled.", address=mail.to_address), "ok")
    return see_other(url_for(".show", mail_id=mail_id))


@pages.get("/<uuid:mail_id>/link", access=Permission.MAIL_MANAGE, step_up=True)
def link(mail_id: uuid.UUID) -> Response:
    """Ask once before the link is shown."""
    mail = queries.get_mail(current_session(), current_actor(), mail_id)
    return page("admin/mail/link.html", mail=mail, title=_title_of(mail))


@pages.post(
    "/<uuid:mail_id>/link", access=Permission.MAIL_MANAGE, step_up=True, endpoint="show_link"
)
def show_link(mail_id: uuid.UUID) -> Response:
    """Show the link of a mail that did not get out, and record who looked."""
    session, actor = current_session(), current_actor()
    secrets = services.show_secrets(session, actor, mail_id)
    return _show(queries.get_mail(session, actor, mail_id), secrets)


@pages.get("/again/<state>", access=Permission.MAIL_MANAGE)
def again(state: str) -> Response:
    """Ask once before all mails of a state are sent again."""
    chosen = _bulk_state(state)
    count = queries.count_can_go_again(current_session(), current_actor(), chosen)
    return page("admin/mail/again.html", state=chosen, count=count)


@pages.post("/again/<state>", access=Permission.MAIL_MANAGE, endpoint="send_again")
def send_again(state: str) -> AnyResponse:
    """Send the kept, or the undelivered, mails again."""
    count = services.resend_all(current_session(), current_actor(), _bulk_state(state))
    flash(ngettext("%(num)s mail is on its way.", "%(num)s mails are on their way.", count), "ok")
    return see_other(url_for(".index"))


@pages.post("/test", access=Permission.MAIL_MANAGE)
def test() -> AnyResponse:
    """Send a test mail to the person who asks."""
    session, actor = current_session(), current_actor()
    account = own_account(session, actor)
    mail = services.send_test(
        session, actor, to=account.email, to_name=account.name, locale=account.locale
    )
    flash(_("A test mail to %(address)s is on its way.", address=mail.to_address), "ok")
    return see_other(url_for(".show", mail_id=mail.id))


def _show(mail: MailMessage, secrets: dict[str, str] | None = None) -> Response:
    settings, wired = application().settings, mail_of(application())
    topic = wired.topics.find(mail.topic)
    text = composed(wired.composer, topic, mail, settings.base_url)
    return page(
        "admin/mail/show.html",
        mail=mail,
        title=_title_of(mail),
        state=labels.STATE_LABELS[mail.state],
        error=words.what_happened(mail.fault, mail.smtp_code, mail.server_said),
        text=text,
        hides=bool(topic and masked(topic, settings.base_url)),
        secrets=[(_secret_label(name), value) for name, value in (secrets or {}).items()],
        has_server=wired.has_server,
        may_resend=MOVES.allows(mail.state, MailAction.RESEND) and mail.can_be_sent_again,
        may_readdress=MOVES.allows(mail.state, MailAction.READDRESS) and mail.can_be_sent_again,
        may_cancel=MOVES.allows(mail.state, MailAction.CANCEL),
        may_show_link=mail.state in SHOWS_SECRETS and mail.secrets_sealed is not None,
    )


def _secret_label(name: str) -> str:
    return _("Link") if name == "link" else name.replace("_", " ").capitalize()


def _wanted() -> MailFilter:
    """Return the filter of the address; a value that makes no sense narrows nothing."""
    state = request.args.get("state", "")
    topic = request.args.get("topic", "")
    return MailFilter(
        state=MailState(state) if state in set(MailState) else None,
        topic=topic if mail_of(application()).topics.find(topic) else None,
        recipient=request.args.get("q", "").strip()[:_MAX_SEARCH],
    )


def _chips(
    wanted: MailFilter, kept: dict[str, str | None], counts: dict[MailState, int]
) -> list[dict[str, Any]]:
    return [
        {
            "label": str(words.STATE_NAMES[state]),
            "count": counts[state],
            "active": wanted.state is state,
            "href": address(".index", kept, state=None if wanted.state is state else state.value),
        }
        for state in MailState
    ]


def _again(wanted: MailFilter, counts: dict[MailState, int], *, has_server: bool) -> str | None:
    """Return the state whose mails may be sent again in bulk from this list."""
    offered = (
        has_server
        and wanted.state in SHOWS_SECRETS
        and counts[wanted.state] > 0
        and current_actor().may(Permission.MAIL_MANAGE)
    )
    return wanted.state.value if offered and wanted.state else None


def _bulk_state(text: str) -> MailState:
    if text not in {state.value for state in SHOWS_SECRETS}:
        raise NotFound(_("There is no such list of mails."))
    return MailState(text)


def _title_of(mail: MailMessage) -> str:
    """Return what kind of mail it is, in words; the bare name when no feature knows it any more."""
    topic = mail_of(application()).topics.find(mail.topic)
    return str(topic.title) if topic else mail.topic
