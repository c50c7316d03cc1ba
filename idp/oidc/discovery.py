"""What we publish of ourselves (OpenID Connect Discovery 1.0, RFC 8414): exactly what the endpoints do."""

from typing import Any

from idp.oidc.asking import MODES
from idp.oidc.claims import ACR, SCOPES
from idp.oidc.clients import SECRET_METHODS
from idp.oidc.desk import GRANT_TYPES

CLAIMS = (
    "sub iss aud exp iat auth_time nonce acr amr sid at_hash name preferred_username locale email email_verified groups"
)
PATHS = {
    "authorization_endpoint": "/oauth2/authorize",
    "token_endpoint": "/oauth2/token",
    "userinfo_endpoint": "/oauth2/userinfo",
    "jwks_uri": "/oauth2/jwks",
    "introspection_endpoint": "/oauth2/introspect",
    "revocation_endpoint": "/oauth2/revoke",
    "end_session_endpoint": "/oauth2/logout",
}


def document(issuer: str) -> dict[str, Any]:
    """Return the metadata of the provider at ``issuer``."""
    return {
        "issuer": issuer,
        **{name: issuer + path for name, path in PATHS.items()},
        "response_types_supported": ["code"],
        "response_modes_supported": list(MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "scopes_supported": list(SCOPES),
        "claims_supported": CLAIMS.split(),
        "claim_types_supported": ["normal"],
        "acr_values_supported": list(ACR),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "display_values_supported": ["page"],
        "ui_locales_supported": ["en", "ja"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "introspection_endpoint_auth_methods_supported": list(SECRET_METHODS),
        "revocation_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": False,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
    }
