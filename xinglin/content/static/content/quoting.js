// A passage that is selected in a text becomes the quote of a remark; and a quote is found in the text again.
const form = document.querySelector("[data-remark]");
const here = document.querySelector("[data-quote-here]");
const take = form?.querySelector("[data-take]");
let passage = "";

const text = () => [...document.querySelectorAll("[data-quotable]")];
const bare = (words) => words.replace(/\s+/g, "");

// What was struck out is no part of the text.
function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return "";
  const range = selection.getRangeAt(0);
  if (!text().some((part) => part.contains(range.commonAncestorContainer))) return "";
  const copy = range.cloneContents();
  for (const gone of copy.querySelectorAll("del, .vh")) gone.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
}

function place() {
  const box = getSelection().getRangeAt(0).getBoundingClientRect();
  const isTouch = matchMedia("(pointer: coarse)").matches;
  here.style.top = isTouch ? "" : `${Math.min(box.bottom + 8, innerHeight - 48)}px`;
  here.style.left = isTouch ? "" : `${Math.max(8, Math.min(box.left, innerWidth - 160))}px`;
}

function quote() {
  form.elements.quote.value = passage.length > 200 ? `${passage.slice(0, 199)}…` : passage;
  here.hidden = true;
  getSelection().removeAllRanges();
  form.elements.text.focus();
  form.scrollIntoView({ block: "center" });
}

// The range of a quote in the text, whatever lines and marks lie between its words.
function find(words) {
  const wanted = bare(words.replace(/…$/, ""));
  for (const part of text()) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    const spots = [];
    let all = "";
    while (walker.nextNode()) {
      if (walker.currentNode.parentElement.closest("del, .vh")) continue;
      [...walker.currentNode.data].reduce((at, letter) => {
        if (letter.trim()) { all += letter; for (let n = 0; n < letter.length; n += 1) spots.push([walker.currentNode, at, at + letter.length]); }
        return at + letter.length;
      }, 0);
    }
    const at = wanted ? all.indexOf(wanted) : -1;
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(...spots[at].slice(0, 2));
    range.setEnd(spots[at + wanted.length - 1][0], spots[at + wanted.length - 1][2]);
    return range;
  }
  return null;
}

if (form && here && take) {
  document.addEventListener("selectionchange", () => {
    const found = selected();
    // The last passage stays known while the keyboard goes on to the form.
    if (found) { passage = found; place(); }
    here.hidden = !found;
    take.hidden = !passage;
  });
  here.addEventListener("mousedown", (event) => event.preventDefault());
  here.addEventListener("click", quote);
  take.addEventListener("click", quote);
  for (const button of document.querySelectorAll("[data-find]")) {
    const range = () => find(button.parentElement.querySelector("[data-passage]").textContent);
    button.hidden = !range();
    button.addEventListener("click", () => {
      const found = range();
      if (!found) return;
      getSelection().removeAllRanges();
      getSelection().addRange(found);
      found.startContainer.parentElement.scrollIntoView({ block: "center" });
    });
  }
}
