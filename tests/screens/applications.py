"""What applications lead to: consent, errors, the form that is posted back, signing out; and the demo's webmail."""

from urllib.parse import urlencode

from tests.screens.camera import Camera
from tests.screens.tour import Tour

NAME = "haruka"
CALLBACK = "http://localhost:9876/callback"


def walk(tour: Tour) -> None:
    """Photograph them."""
    with tour.camera() as camera:
        camera.page.route(f"{CALLBACK}**", lambda route: route.abort("aborted"))
        tour.show_factors(camera, NAME)
        tour.register(camera, "Haruka's Chromium")
        _webmail(tour, camera)
        camera.take("oidc-error-client", f"/oauth2/authorize?{_asked(client_id='nobody')}")
        camera.take("oidc-error-redirect", f"/oauth2/authorize?{_asked(redirect_uri='https://elsewhere.example/')}")
        camera.take("oidc-consent", f"/oauth2/authorize?{_asked()}")
        camera.take("oidc-consent-lasting", f"/oauth2/authorize?{_asked(scope='openid mail offline_access')}")
        camera.each("oidc-form-post", lambda: _posted(camera))
        camera.take("oidc-logout", "/oauth2/logout?client_id=demo")
        camera.take("oidc-logout-error", "/oauth2/logout?id_token_hint=nonsense")
        camera.each("oidc-signed-out", lambda: _leave(camera))
    with tour.camera() as camera:
        tour.show_factors(camera, "bob", tour.demo.webmail)  # the webmail speaks the language of the account
        tour.register(camera, "Bob's Chromium")
        camera.here("webmail", "en")


def _asked(**other: str) -> str:
    asked = {
        "client_id": "demo",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid profile email mail",
        "state": "s",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        "prompt": "consent",
    }
    return urlencode(asked | other)


def _leave(camera: Camera) -> None:
    """Sign out, or see what whoever is signed out already sees."""
    camera.open("/oauth2/logout")
    if camera.page.query_selector("button[value=out]"):
        camera.page.click("button[value=out]")
        camera.page.wait_for_load_state()


def _posted(camera: Camera) -> None:
    """Agree; the answer is posted to a client that is not there, so the page stays."""
    camera.open(f"/oauth2/authorize?{_asked(response_mode='form_post')}")
    camera.page.click("button[value=allow]")
    camera.page.wait_for_selector("#form-post")


def _webmail(tour: Tour, camera: Camera) -> None:
    webmail = tour.demo.webmail
    camera.take("webmail", webmail)
    camera.open(webmail)
    message = camera.page.get_attribute("ol.lines a", "href")
    camera.take("webmail-message", f"{webmail.rstrip('/')}{message}")
    camera.take("webmail-compose", f"{webmail}compose")
    camera.take("webmail-sent", f"{webmail}?sent=1")
