// What the browser says when a passkey was not given: told in words, beside the button that asked.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const form = document.querySelector("[data-failed]");
  if (!form) return;
  let note = form.querySelector("[data-door-error]");
  if (!note) {
    note = document.createElement("p");
    note.dataset.doorError = "";
    note.className = "note b-bad";
    note.setAttribute("role", "alert");
    form.append(note);
  }
  note.textContent = form.dataset.failed;
});
