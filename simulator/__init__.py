"""A stand-in for Zalo on one machine: OAuth, OA API, webhook sender and a phone-like chat page.

It plays the other side of the wire for the demo and the tests, so it shares no code with the bot
or the webhook: one misreading of Zalo's rules must not pass on both sides. What it knows of those
rules is in `tables.json`, with the date on which it was checked. `control` is the way in for
tests (`/__fake/…`); nothing under that path exists at Zalo.
"""
