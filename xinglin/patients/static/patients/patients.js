// The record page: a dialog whose form went out by htmx closes when its answer is there.
document.body.addEventListener("htmx:afterRequest", (event) => event.target.closest("dialog")?.close());
