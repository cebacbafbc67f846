"""The version of Digit Lab, as ``pip`` and CHANGELOG.md count it."""

VERSION = "0.9.0"
