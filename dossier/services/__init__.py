"""One function per thing a user does; the command line and the full-screen view call these and nothing below."""
