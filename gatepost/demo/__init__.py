"""The demo and the lab: a whole Gatepost on this machine, with a mail system behind it, people in it, and nothing
to set up."""
