"""The page behind the link of an invitation."""

from typing import Annotated, Any, ClassVar

from django.contrib.messages import constants
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from msgspec import Meta

from tenants.domain.passwords import LONGEST
from tenants.errors import DomainError
from tenants.http import throttling
from tenants.http.callers import client_of
from tenants.http.problems import STATUSES
from tenants.http.values import line
from tenants.services.sessions import LoginRefused
from tenants.web.actions import ActionPage, Form, form_of
from tenants.workflows import invitations, sso
from tenants.workflows.invitations import Accepted, Offer

Token = Annotated[str, line(100)]


class AcceptForm(Form, kw_only=True):
    token: Token
    username: Annotated[str, line(150)]
    name: Annotated[str, line(200, blank=True)] = ""
    password: Annotated[str, Meta(max_length=LONGEST)] = ""
    join: bool = False


@method_decorator(sensitive_post_parameters("password", "token"), name="dispatch")
class AcceptInvitation(ActionPage):
    """Become a member: as a new person, or as whoever is signed in. Looking at it changes nothing."""

    public: ClassVar = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        token = request.GET.get("token", "")
        return self._form(invitations.look_at(token=token[:100]), {"token": token[:100]})

    def post(self, request: HttpRequest) -> HttpResponseBase:
        stated = {name: request.POST.get(name, "") for name in ("token", "username", "name")}
        offer = invitations.look_at(token=stated["token"][:100])
        try:
            accepted = self._accept(offer, form_of(request, AcceptForm))
        except LoginRefused as error:
            return self._form(offer, stated, refusal=error.detail, status=STATUSES[error.kind])
        except DomainError as error:
            return self.refused(error, "people/accept.html", self._context(offer, stated))
        self.notices.add(
            constants.SUCCESS, f"Welcome: you are now a member of {accepted.tenant.name}. Log in to begin."
        )
        return self.redirect(reverse("page-login", query={"tenant": accepted.tenant.slug}))

    def _accept(self, offer: Offer, form: AcceptForm) -> Accepted:
        if form.join and self.actor is not None:
            return invitations.join(token=form.token, username=form.username)
        limits = throttling.login_limits(
            tenant=offer.tenant.slug, username=form.username, address=client_of(self.request).address
        )
        with throttling.guessing(self, limits if offer.is_external else limits[1:]):
            return invitations.accept(
                token=form.token, username=form.username, password=form.password, name=form.name
            )

    def _form(
        self, offer: Offer, stated: dict[str, str], *, refusal: str = "", status: int = 200
    ) -> HttpResponseBase:
        context = {**self._context(offer, stated), "refusal": refusal}
        return self.render("people/accept.html", context, status=status)

    def _context(self, offer: Offer, stated: dict[str, str]) -> dict[str, Any]:
        here = reverse("page-invitation-accept", query={"token": stated["token"]})
        way = sso.way_in(slug=offer.tenant.slug) if offer.is_external else None
        return {"offer": offer, "stated": stated, "page": here, "way": way}
