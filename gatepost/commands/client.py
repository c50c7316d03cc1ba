"""``gatepost client``: the relying parties of the OpenID Connect provider."""

from collections.abc import Sequence

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import Subparsers, Verbs, Words, argument, flag, order, perform
from gatepost.commands.showing import facts, table

NAME = "client"


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    verbs = Verbs(subparsers, NAME, "OpenID Connect clients")
    verbs.add(
        "add",
        "register a client; its secret is printed once",
        _add,
        argument("name", "what people see"),
        argument("--redirect", "redirect address (may be repeated)", action="append", default=[]),
        argument("--id", "client id; made up if left out", default=""),
        argument("--scope", "a scope it may ask for (may be repeated)", action="append", default=[]),
        flag("--public", "it can keep no secret (an app, a browser)"),
        flag("--machine", "a program that acts for nobody: it asks for decisions (scopes authzen, authzen-search)"),
        flag("--no-pkce", "it cannot do PKCE"),
        flag("--keep-refresh", "it keeps one refresh token (Roundcube 1.6 refreshes from several requests at once)"),
        argument("--logout", "where to redirect after sign-out (may be repeated)", action="append", default=[]),
        argument("--backchannel-logout", "where to tell it that a sign-in ended", default=""),
        argument("--audience", "it is a resource server of this audience", action="append", default=[]),
    )
    verbs.add("list", "list clients", _list)
    verbs.add("remove", "remove a client; its tokens die", _remove, argument("client", "client id"))


def offline(args: Words) -> bool:
    """Say whether this call needs no server: never."""
    return False


def run(args: Words, client: AdminCalls | None) -> int:
    """Run the verb."""
    return perform(args, client)


def _add(args: Words, client: AdminCalls) -> int:
    body = {
        "name": args.name,
        "redirect_uris": args.redirect,
        "client_id": args.id,
        "scopes": args.scope,
        "public": args.public,
        "machine": args.machine,
        "require_pkce": not args.no_pkce,
        "rotate_refresh": not args.keep_refresh,
        "post_logout_redirect_uris": args.logout,
        "backchannel_logout_uri": args.backchannel_logout,
        "audience": args.audience,
    }
    return order(args, client, "POST", "/clients", body, _made)


def _list(args: Words, client: AdminCalls) -> int:
    return order(args, client, "GET", "/clients", None, _rows)


def _remove(args: Words, client: AdminCalls) -> int:
    path = address("clients", args.client)
    return order(args, client, "DELETE", path, None, lambda gone: [f"{gone['client_id']} is removed."])


def _made(answer: Json) -> list[str]:
    lines = facts(
        (
            ("client id", answer["client_id"]),
            ("secret", answer.get("client_secret", "")),
            ("scopes", " ".join(answer["scopes"])),
            ("redirects", " ".join(answer["redirect_uris"])),
        )
    )
    return [*lines, *(["The secret is not shown again."] if answer.get("client_secret") else [])]


def _rows(answer: Json) -> Sequence[str]:
    rows = [
        (
            each["client_id"],
            each["name"],
            "public" if each["public"] else "confidential",
            " ".join(each["scopes"]),
            " ".join(each["redirect_uris"]),
        )
        for each in answer["items"]
    ]
    heads = ("CLIENT", "NAME", "KIND", "SCOPES", "REDIRECTS")
    return table(heads, rows, "No clients yet: gatepost client add NAME --redirect ADDRESS")
