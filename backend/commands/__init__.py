"""The commands of `syncboard`, one small file per subject; `backend/cli.py` puts them together.

They talk to the server over HTTP only, so they work the same against a board on another machine. The exceptions are
`up` and `down`, which start and stop one here, and `doctor`, which must work when the server does not.
"""
