// The sentence to try: another kind or class asks again.
const area = document.querySelector("#try");
const again = () => window.htmx?.trigger(area, "recheck");
for (const id of ["#kind", "#asked"]) document.querySelector(id).addEventListener("change", again);
document.querySelector("#page-class").addEventListener("change", (event) => {
  document.querySelector("#try-meta").value = event.target.value;
  again();
});
document.querySelector("#try-form").addEventListener("submit", (event) => { event.preventDefault(); again(); });
