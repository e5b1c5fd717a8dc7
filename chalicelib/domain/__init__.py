"""The rules of the desk in plain Python: no AWS, no Chalice, no clock, no environment, no logging."""
