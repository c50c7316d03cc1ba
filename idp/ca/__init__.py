"""The certificate authority: keys, certificates for devices and servers, revocation lists, and answers about one.

Owns what stands in a certificate and until when it counts. Which device one proves is the registry's to say
(``idp.devices``); what that device may do is the policy's.
"""
