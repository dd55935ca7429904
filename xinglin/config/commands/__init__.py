"""Commands that run the house itself; ``index`` lists them. Empty here: ``run`` starts without Django."""
