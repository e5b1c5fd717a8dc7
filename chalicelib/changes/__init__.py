"""The change token: until when the book is known to have changed."""
