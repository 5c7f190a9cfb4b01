"""Components of the Rasa pipeline, one per file; each wraps one module of `nlu` of similar name.

They are named `nlu.components.<file>.<Class>` in config.yml, so the project root has to be on
PYTHONPATH (or be the working directory) for training, testing and serving.
"""
