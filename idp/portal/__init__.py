"""The portal: what a person sees and sets for themselves. Every page is judged by the policy as service ``portal``, but
``/r/<reference>`` is not: who was refused may always read why.
"""
