"""The peers, as their own distribution packages them: how each is told to be one worker in front of the same servers
with the same certificate. Their logs are off, their buffers are large where bulk is measured.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from bench.ground import HOST, Ground, free_port

SBIN = "/usr/sbin:/usr/bin:/sbin:/bin"
NGINX, HAPROXY, DOVECOT = (shutil.which(name, path=SBIN) for name in ("nginx", "haproxy", "dovecot"))
MAIL_MODULES = (Path("/usr/lib/nginx/modules/ngx_mail_module.so"), Path("/usr/lib64/nginx/modules/ngx_mail_module.so"))
ROOT = os.geteuid() == 0
KEPT = "access_log off; keepalive_requests 10000000; keepalive_timeout 300;\n"


@dataclass(frozen=True, slots=True)
class Contender:
    """One proxy that runs: where it listens, and the processes that are its cost."""

    name: str
    port: int
    pids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """One that cannot run here, and why."""

    name: str
    why: str


def nginx(ground: Ground, name: str, http: str = "", *, mail: str = "", ports: tuple[int, ...], program: str) -> int:
    """Run an nginx of one worker with these blocks; return its process id."""
    room = ground.room(name)
    module = next((path for path in MAIL_MODULES if path.exists()), None)
    load = f"load_module {module};\n" if mail and module else ""
    user = "user root;\n" if ROOT else ""  # its files are in a private folder
    temporary = "".join(f"{kind}_temp_path {room}/{kind};\n" for kind in ("client_body", "proxy"))
    config = room / "nginx.conf"
    config.write_text(
        f"{load}{user}daemon off; worker_processes 1; pid {room}/pid; error_log {room}/error.log error;\n"
        "worker_rlimit_nofile 20000;\nevents { worker_connections 10000; }\n"
        + (f"http {{\n{temporary}{KEPT}{http}}}\n" if http else "")
        + (f"mail {{\n{mail}}}\n" if mail else "")
    )
    return ground.start(name, [program, "-e", f"{room}/error.log", "-p", str(room), "-c", str(config)], ports)


def nginx_mail(ground: Ground, backend: int) -> Contender | Absent:
    """nginx's mail module; another nginx answers its auth_http at once, and is not counted."""
    if NGINX is None or not any(path.exists() for path in MAIL_MODULES):
        return Absent("nginx mail", "nginx with its mail module is not installed")
    answer, port = free_port(), free_port()
    headers = {"Auth-Status": "OK", "Auth-Server": HOST, "Auth-Port": str(backend)}
    said = "".join(f'add_header {name} "{value}" always; ' for name, value in headers.items())
    server = f"server {{ listen {HOST}:{answer}; location / {{ {said} return 204; }} }}\n"
    nginx(ground, "auth-http", server, ports=(answer,), program=NGINX)
    mail = (
        f"auth_http {HOST}:{answer}/; proxy_buffer 128k; imap_capabilities IMAP4rev1 IDLE ID; timeout 10m;\n"
        f"server {{ listen {HOST}:{port} ssl; protocol imap; {_nginx_tls(ground)} }}\n"
    )
    pid = nginx(ground, "nginx-mail", mail=mail, ports=(port,), program=NGINX)
    return Contender("nginx mail", port, (pid,))


def _nginx_tls(ground: Ground) -> str:
    return (
        f"ssl_certificate {ground.certificate}; ssl_certificate_key {ground.key}; ssl_protocols TLSv1.3; "
        "ssl_session_tickets off; ssl_session_cache off;"
    )


def haproxy(ground: Ground, backend: int) -> Contender | Absent:
    """HAProxy as a TCP proxy that ends TLS and knows nothing of mail."""
    if HAPROXY is None:
        return Absent("HAProxy TCP", "haproxy is not installed")
    room, port = ground.room("haproxy"), free_port()
    pem = room / "tls.pem"
    pem.write_text(ground.certificate.read_text() + ground.key.read_text())
    config = room / "haproxy.cfg"
    config.write_text(
        "global\n  nbthread 1\n  maxconn 4000\n  tune.bufsize 131072\n  tune.ssl.cachesize 0\n"
        "defaults\n  mode tcp\n  timeout connect 10s\n  timeout client 10m\n  timeout server 10m\n"
        f"frontend imaps\n  bind {HOST}:{port} ssl crt {pem} ssl-min-ver TLSv1.3 no-tls-tickets\n"
        "  default_backend imap\n"
        f"backend imap\n  server mailbox {HOST}:{backend}\n"
    )
    pid = ground.start("haproxy", [HAPROXY, "-db", "-f", str(config)], (port,))
    return Contender("HAProxy TCP", port, (pid,))


def dovecot(ground: Ground, backend: int) -> Contender | Absent:
    """Dovecot as an IMAP proxy in its high-performance mode: one login process for all connections."""
    if DOVECOT is None:
        return Absent("Dovecot proxy", "dovecot is not installed")
    if not ROOT:
        return Absent("Dovecot proxy", "its login processes want to be started by root")
    room, port = ground.room("dovecot"), free_port()
    config = room / "dovecot.conf"
    config.write_text(
        f"""base_dir = {room}/run
state_dir = {room}/state
log_path = {room}/log
protocols = imap
listen = {HOST}
ssl = required
ssl_cert = <{ground.certificate}
ssl_key = <{ground.key}
ssl_min_protocol = TLSv1.2
ssl_options = no_ticket
disable_plaintext_auth = no
login_trusted_networks =
default_client_limit = 4000
auth_mechanisms = plain
mail_max_userip_connections = 0
login_log_format_elements =
auth_verbose = no
passdb {{
  driver = static
  args = proxy=y host={HOST} port={backend} nopassword=y
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home=/nonexistent
}}
service imap-login {{
  service_count = 0
  process_min_avail = 1
  process_limit = 1
  client_limit = 4000
  vsz_limit = 1 G
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = {HOST}
    port = {port}
    ssl = yes
  }}
}}
service auth {{
  client_limit = 8000
}}
service anvil {{
  client_limit = 8000
}}
service stats {{
  client_limit = 8000
}}
"""
    )
    pid = ground.start("dovecot", [DOVECOT, "-F", "-c", str(config)], (port,))
    return Contender("Dovecot proxy", port, (pid,))


def file_server(ground: Ground, sizes: dict[str, int]) -> int:
    """Run an nginx that serves files of these sizes under /files/, and says yes to every ``/auth``; return its port.

    Raises:
        FileNotFoundError: nginx is not installed.
    """
    if NGINX is None:
        raise FileNotFoundError("nginx is not installed")
    files, port = ground.room("files"), free_port()
    (files / "files").mkdir()
    for name, size in sizes.items():
        (files / "files" / name).write_bytes(b"x" * size)
    http = (
        f"sendfile on; tcp_nopush on; default_type text/plain;\n"
        f"server {{ listen {HOST}:{port} backlog=1024; root {files};"
        " location = /auth { return 204; } }\n"
    )
    nginx(ground, "file-server", http, ports=(port,), program=NGINX)
    return port


def nginx_web(ground: Ground, backend: int, *, ask: bool) -> Contender | Absent:
    """nginx as a TLS reverse proxy with a pool of upstream connections; ``ask``: every request by auth_request."""
    name = "nginx + auth_request" if ask else "nginx"
    if NGINX is None:
        return Absent(name, "nginx is not installed")
    port = free_port()
    passed = "proxy_http_version 1.1; proxy_set_header Connection '';"
    question = (
        f"auth_request /auth; location = /auth {{ internal; proxy_pass http://files/auth; {passed} "
        "proxy_pass_request_body off; proxy_set_header Content-Length ''; }"
        if ask
        else ""
    )
    http = (
        f"upstream files {{ server {HOST}:{backend}; keepalive 64; keepalive_requests 10000000; }}\n"
        "proxy_buffer_size 128k; proxy_buffers 8 128k; proxy_busy_buffers_size 256k; proxy_max_temp_file_size 0;\n"
        f"server {{ listen {HOST}:{port} ssl backlog=1024; {_nginx_tls(ground)} {question}\n"
        f"location / {{ proxy_pass http://files; {passed} proxy_set_header X-Forwarded-For $remote_addr; }} }}\n"
    )
    pid = nginx(ground, name.replace(" ", "-").replace("+", "and"), http, ports=(port,), program=NGINX)
    return Contender(name, port, (pid,))
