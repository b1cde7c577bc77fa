"""The API itself: routers, one handler for every kind of error, the OpenAPI document."""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

import tanhui
from tanhui.core.errors import Denied, TanhuiError

from . import (
    claims,
    crediting,
    donations,
    dues,
    health,
    incidents,
    matters,
    methodologies,
    partners,
    people,
    privacy,
    problems,
    redemptions,
    statistics,
    unit_accounts,
)
from .signing import READ_COMPONENTS, WRITE_COMPONENTS, accepted_form

logger = logging.getLogger("tanhui.api")

DESCRIPTION = (
    "碳惠开放接口 Open interface of Tanhui. 每个错误都是 RFC 9457 问题文档，中英文并列；"
    "every error is an RFC 9457 problem document in Chinese and English."
)


class TanhuiAPI(NinjaAPI):
    """Answers errors as problem documents and says so in its OpenAPI document."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """The document, with every 4xx and 5xx as `application/problem+json`."""
        document = super().get_openapi_schema(**options)
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400:
                        schema = answer["content"].pop("application/json")
                        answer["content"][problems.CONTENT_TYPE] = schema
        return document


api = TanhuiAPI(
    title="Tanhui 碳惠",
    version=getattr(tanhui, "__version__", "1"),
    description=DESCRIPTION,
    docs_url=None,
    urls_namespace="api",
)
api.add_router("/partners", partners.router)
api.add_router("/partners", redemptions.router)
api.add_router("/methodologies", methodologies.router)
api.add_router("/partners", privacy.partner_router)
api.add_router("", people.router)
api.add_router("", privacy.router)
api.add_router("", statistics.router)
api.add_router("", health.router)
api.add_router("", incidents.router)
api.add_router("", matters.router)
api.add_router("", donations.router)
api.add_router("", dues.router)
api.add_router("", unit_accounts.router)
api.add_router("", claims.router)
api.add_router("", crediting.router)


@api.exception_handler(TanhuiError)
def answer_refusal(request: HttpRequest, error: TanhuiError) -> HttpResponse:
    """An error of ours; a refused signature is told what to sign."""
    if error.status >= 500:
        logger.error("request failed", exc_info=error)
    response = problems.from_error(request, error)
    return _challenged(request, response) if isinstance(error, Denied) else response


@api.exception_handler(ValidationError)
def answer_parameters(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Each parameter that is not acceptable, by place."""
    errors = [
        {"where": ".".join(str(part) for part in one["loc"]), "what": one["msg"]}
        for one in error.errors
    ]
    return problems.plain(request, 422, values={"errors": errors})


@api.exception_handler(HttpError)
def answer_status(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A bare status of the framework."""
    response = problems.plain(request, error.status_code)
    return _challenged(request, response) if error.status_code == 401 else response


@api.exception_handler(Http404)
def answer_absence(request: HttpRequest, _error: Http404) -> HttpResponse:
    """Nothing at this address."""
    return problems.plain(request, 404)


@api.exception_handler(Exception)
def answer_failure(request: HttpRequest, error: Exception) -> HttpResponse:
    """What nobody expected: the log has it, the caller gets a number to quote."""
    request_id = getattr(request, "request_id", "")
    logger.error("request %s failed", request_id, exc_info=error)
    return problems.plain(request, 500)


def _challenged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """What a caller may do about a 401 (RFC 9110, 11.6.1; RFC 9421, 5.1)."""
    components = READ_COMPONENTS if request.method == "GET" else WRITE_COMPONENTS
    response["WWW-Authenticate"] = 'Signature realm="tanhui"'
    response["Accept-Signature"] = accepted_form(components)
    response["Content-Language"] = get_language() or "zh-hans"
    return response
