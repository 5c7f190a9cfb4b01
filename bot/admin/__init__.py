"""The officers' pages: what citizens ask, what the bot answers, and what has to be looked at.

Server-rendered, works without JavaScript; `app.create_app` puts it together.
"""
