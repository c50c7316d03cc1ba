"""Decides for proxies of others' (nginx, Caddy, Traefik, Envoy), which ask about each request or login and carry it
themselves. The same guard, sessions and pages as on our own ways in; nothing is carried here.

Refuses whoever is no enforcer of the configuration, and whatever an enforcer does not say unambiguously.
"""
