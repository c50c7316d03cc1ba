"""The words of the console, room by room, in every language that we speak."""
