"""How the book reaches AWS."""
