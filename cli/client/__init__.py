"""The book as the command reaches it: in process through the services, or over HTTP."""
