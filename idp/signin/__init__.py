"""Signing in: a pure dispatcher (``flow``) that reads stored state and names the next step, and thin steps around it.

Steps never call one another: each does its one act and sends the browser back to ``/signin``, which asks ``flow``
again.

    /signin  --identify-->  /signin/password  -+
       ^      --code----->  /signin/code      -+      every step checks by flow that it is its turn (no step is skipped
       |      --enrol---->  /signin/enrol/... -+      by calling the next one), acts, and returns to /signin
       +---------------------------------------+
       done -> /signin/device (prove or register this browser; may be skipped) -> where the person wanted to go

``gate`` is what the other rooms see of it; ``handover`` leads to the web routes.
"""
