"""The executor: advances everybody who is due, a batch at a time, in statements over the whole batch.

``work`` is the only way in. A *lane* is a share of one version's people; whoever works holds lanes by lease.
Every batch is one transaction: its steps, its messages and where its people stand afterwards are there
together or not at all, so that a worker killed at any moment leaves nothing half-done.
"""
