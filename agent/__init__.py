"""gatepost-agent: one small program on a device. Keeps the device's key, reports its posture, renews its certificate.

Standard library and cryptography alone; imports no other room, and knows the server by its three addresses under
``/device``. Sends what ``agent.signals`` names, and nothing else about the machine or its user.
"""

VERSION = "0.1.0"
