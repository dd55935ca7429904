"""The compliance engine: folding, rule packs, matching, classification. No database, no clock."""
