"""The views of Look inside: a network opened, with one image on its way through it."""
