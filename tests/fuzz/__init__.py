"""What reads bytes from strangers, fed with anything: the daily file, the Authorization header, the cursor.

`python -m tests.fuzz` lets atheris look for inputs that reach new code; the tests replay seeds and neighbours.
"""
