"""The first setup in the browser: it exists only while there is no hospital, and for who holds the token."""
