"""The only readers and writers of sockets: channel, listen, dial, driver, pump, and the deadlines they share.

Nothing here knows a protocol; nothing outside here touches a socket.
"""
