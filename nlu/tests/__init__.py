"""Tests of the NLU part, run in its own environment: `python -m nlu.tests [module …]`.

That environment has no pytest; tests/nlu runs these from the other one and reports every case.
"""
