"""The truth: people, devices, sign-ins, the provider, the pages, and the answers that a proxy may have of them."""
