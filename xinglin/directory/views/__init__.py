"""Pages under 设置 and the person's own account."""
