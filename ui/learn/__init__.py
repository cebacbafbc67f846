"""The steps of Learn: a few sentences and one picture or widget each, with real numbers."""
