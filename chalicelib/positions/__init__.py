"""What each trader bought and sold in each delivery period."""
