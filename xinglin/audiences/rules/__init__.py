"""The question, its words and its evaluation for one person: plain values, no database, no clock."""
