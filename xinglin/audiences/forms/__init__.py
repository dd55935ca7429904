"""What the builder posts: a tree as hidden JSON, and one sentence of controls a condition."""
