"""What a command found, in the words and columns of the desk."""
