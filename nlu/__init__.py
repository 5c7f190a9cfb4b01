"""Understanding of what citizens write: a plain Rasa project with Vietnamese components.

Runs in the NLU environment only and never imports the bot; the two talk over HTTP.
A message goes through text → lexicon → spelling → features → ranking; the modules of these names
know nothing of Rasa, `components/` wraps each of them as one component of the pipeline.
"""
