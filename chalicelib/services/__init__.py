"""What Voltbook does, one verb a file; collaborators come in as plain arguments."""
