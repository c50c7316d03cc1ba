"""What an operator runs on the machine itself: init, check, serve, demo, doctor; and the wiring of the roles."""
