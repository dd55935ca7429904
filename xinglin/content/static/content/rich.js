// The view of the text as it reads. Markdown stays what is kept: every edit here is written into the textarea,
// which goes on being checked, counted, kept as a draft and sent as before.
import { Page, fact, isWeb, nodeOf, paragraph, rows, seen, words } from "./rich-text.js";
import { reduced } from "./pasting.js";

const $ = (selector, root = document) => root.querySelector(selector);
const host = $("#rich"), area = $("#id_body"), box = area.closest("[data-checked]"), form = area.form;
const choices = [...document.querySelectorAll("[name=writing-view]")], line = $("[data-rich-says]"), { script, pieces: address } = host.dataset;
const KEPT = "writing-view", bar = $("[role=toolbar]", form);
let wanted = "markdown", editor = null, page = null, shown = null, places = [], found = [], own = false, asked = 0, last = null;

function say(name = "") {
  line.hidden = !name;
  line.textContent = name && host.dataset[name];
  if (name === "refused") line.append(" ", Object.assign(document.createElement("a"), { href: host.dataset.library, target: "_blank", className: "link", textContent: host.dataset.libraryName }));
}

/* the library, and what the server reads in a text */
let loading = null;
function library() {
  loading ??= new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement("script"), { src: script, onload: resolve, onerror: reject });
    document.head.append(element);
  }).then(() => setUp(window.wangEditor), (error) => { loading = null; throw error; });
  return loading;
}
async function read(text) {
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ body: text, csrfmiddlewaretoken: $("[name=csrfmiddlewaretoken]", form).value }) });
  if (!answer.ok) throw new Error(answer.status === 422 ? "tooLong" : "failed");
  return (await answer.json()).pieces;
}

/* what the house's Markdown knows and the library does not: facts in rows, pictures, ways to the hospital */
const vnode = (sel, children, data = {}) => ({ sel, data, children });
function leaf(sel, text, data = {}) { return { sel, data: { attrs: { contenteditable: "false" }, ...data }, children: [{ text }] }; }
const looks = {
  fact: (_node, children) => vnode("div.fact", children),
  "fact-term": (_node, children) => vnode("div.fact-term", children),
  "fact-value": (_node, children) => vnode("div.fact-value", children),
  way: (node) => leaf("div.way", node.label),
  picture: (node) => vnode("figure", [vnode("img", [], { attrs: { src: node.src, alt: node.alt } }), ...(node.panorama ? [leaf("figcaption.s12.t3", host.dataset.panorama)] : [])], { attrs: { contenteditable: "false" } }),
};
function setUp({ Boot }) {
  Boot.setEditorConfig({ hoverbarKeys: {} });
  Boot.registerModule({
    renderElems: Object.entries(looks).map(([type, renderElem]) => ({ type, renderElem })),
    editorPlugin: house,
  });
}
function house(made) {
  const { SlateTransforms: change, SlateEditor: Slate } = window.wangEditor;
  const { isVoid, normalizeNode, insertBreak, deleteBackward, addMark } = made;
  const isHole = (node) => node.type === "picture" || node.type === "way";
  made.isVoid = (node) => isHole(node) || isVoid(node);
  made.normalizeNode = ([node, path]) => {
    if (node.type === "fact" && node.children.map((child) => child.type).join() !== "fact-term,fact-value") {
      const text = node.children.map(words).filter(Boolean).join("：");
      change.removeNodes(made, { at: path });
      change.insertNodes(made, { type: "list-item", ordered: false, level: 0, children: [{ text }] }, { at: path });
    } else if (path.length === 1 && node.type?.startsWith("fact-")) change.setNodes(made, { type: "paragraph" }, { at: path });
    else normalizeNode([node, path]);
  };
  const cell = () => {
    const entry = Slate.above(made, { match: (node) => node.type?.startsWith("fact-") });
    return entry && { type: entry[0].type, path: entry[1], row: [entry[1][0]], fact: made.children[entry[1][0]] };
  };
  made.insertBreak = () => {
    const at = cell(), hole = Slate.above(made, { match: isHole });
    if (hole) {
      const next = [hole[1][0] + 1];
      change.insertNodes(made, paragraph(), { at: next });
      change.select(made, Slate.start(made, next));
    } else if (!at) insertBreak();
    else if (!words(at.fact)) plain(at.row, "");
    else if (at.type === "fact-term") change.select(made, Slate.end(made, [at.row[0], 1]));
    else {
      const next = [at.row[0] + 1];
      change.insertNodes(made, fact([{ text: "" }], [{ text: "" }]), { at: next });
      change.select(made, Slate.start(made, next));
    }
  };
  const plain = (path, text) => Slate.withoutNormalizing(made, () => {
    change.removeNodes(made, { at: path });
    change.insertNodes(made, paragraph(text), { at: path });
    change.select(made, Slate.start(made, path));
  });
  made.deleteBackward = (unit) => {
    const at = cell(), { selection } = made;
    const isFirst = at && Slate.isStart(made, selection.anchor, at.path);
    if (isFirst && at.type === "fact-value") change.select(made, Slate.end(made, [at.row[0], 0]));
    else if (isFirst) plain(at.row, at.fact.children.map(words).filter(Boolean).join("："));
    else deleteBackward(unit);
  };
  // The text knows either bold or slanted words, and none of the two in a link.
  made.addMark = (key, value) => { made.removeMark(key === "bold" ? "italic" : "bold"); addMark(key, value); };
  made.handleTab = () => {};
  return made;
}

/* the editor */
function make(text, pieces) {
  const next = new Page(text, pieces);
  if (!next.isWhole) throw new Error("unreadable");
  close();
  page = next;
  editor = window.wangEditor.createEditor({
    selector: host,
    content: structuredClone(page.nodes.length ? page.nodes : [paragraph()]),
    config: {
      scroll: false, autoFocus: false, placeholder: area.placeholder, onChange: follow,
      customPaste: (_editor, event) => { take(event.clipboardData); return false; },
      customAlert: () => {},
    },
  });
  editor.insertData = take;
  shown = editor.children;
  places = page.write(shown).places;
  const field = $("[data-slate-editor]", host);
  for (const [name, value] of Object.entries({ role: "textbox", "aria-multiline": "true", "aria-label": host.dataset.label, class: "prose" })) field.setAttribute(name, value);
}
function close() {
  editor?.destroy();
  editor = page = shown = null;
  places = [];
  paint([]);
  host.replaceChildren();
}
function follow() {
  if (!editor) return;
  if (editor.selection) last = editor.selection;
  const marks = window.wangEditor.SlateEditor.marks(editor);
  for (const name of ["bold", "italic"]) $(`[data-md=${name}]`, bar).setAttribute("aria-pressed", Boolean(marks?.[name]));
  if (editor.children === shown) return;
  shown = editor.children;
  const written = page.write(shown);
  places = written.places;
  if (written.text === area.value) return;
  put(written.text);
}
function put(text) {
  own = true;
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  own = false;
}
async function open() {
  const ticket = ++asked;
  say("loading");
  try {
    const text = area.value;
    const [pieces] = await Promise.all([read(text), library()]);
    if (ticket !== asked) return;
    if (text !== area.value) { open(); return; }
    const isTyping = document.activeElement === area || editor?.isFocused(), caret = editor ? null : area.selectionStart;
    make(text, pieces);
    say();
    show(true);
    if (caret !== null) last = caretAt(caret);
    if (isTyping) back();
  } catch (error) {
    if (ticket !== asked) return;
    close();
    choose("markdown");
    say(error.message in host.dataset ? error.message : "failed");
    show(false);
  }
}
function show(isRich) {
  box.classList.toggle("is-rich", isRich);
  host.hidden = !isRich;
  box.surface = isRich ? surface : null;
  bar.setAttribute("aria-controls", isRich ? host.id : area.id);
  if (!isRich) for (const button of bar.querySelectorAll("[aria-pressed]")) button.removeAttribute("aria-pressed");
  box.dispatchEvent(new Event("surface"));
}
function choose(name) {
  wanted = name;
  for (const each of choices) each.checked = each.value === name;
}

for (const each of choices) each.addEventListener("change", () => {
  try { localStorage.setItem(KEPT, each.value); } catch { /* forbidden: chosen for this page alone */ }
  wanted = each.value;
  asked += 1;
  say();
  if (wanted !== "rich") show(false);
  else if (editor && page.write(editor.children).text === area.value) show(true);
  else open();
});
// The text changed elsewhere: a draft restored, a suggestion taken.
const reopen = () => { if (!own && wanted === "rich") open(); };
area.addEventListener("input", reopen);
form.addEventListener("input", (event) => {
  if (event.target !== form) return;
  choose(wanted); // restoring a draft empties every choice within the form
  reopen();
});
// What was typed as Markdown is shown as it reads once the author has left the text.
host.addEventListener("focusout", async () => {
  const text = area.value, before = editor;
  if (!editor || text === page.text) return;
  const pieces = await read(text).catch(() => null);
  if (!pieces || editor !== before || area.value !== text || host.contains(document.activeElement) || document.querySelector("dialog[open]")) return;
  const said = (list) => JSON.stringify(list.map((row) => [row.kind, words(row.node)]));
  if (said(new Page(text, pieces).known) !== said(rows(editor.children))) open();
});

/* places: where a word of the Markdown stands in the view */
const units = (at) => Array.from(area.value).slice(0, at).join("").length;
function point(place, offset, isEnd) {
  const { SlateNode: Tree } = window.wangEditor;
  let left = seen(place, offset, isEnd), final = null;
  for (const [text, path] of Tree.texts(editor.children[place.index])) {
    final = { path: [place.index, ...path], offset: Math.min(left, text.text.length) };
    if (isEnd ? left <= text.text.length : left < text.text.length) break;
    left -= text.text.length;
  }
  return final;
}
function range(from, to) {
  const [start, end] = [units(from), units(to)];
  const place = places.find((each) => each.start <= start && end <= each.end);
  if (!place?.runs.length) return null;
  const made = { anchor: point(place, start, false), focus: point(place, end, true) };
  return window.wangEditor.SlateRange.isCollapsed(made) && to > from ? null : made;
}
function caretAt(offset) {
  const place = places.findLast((each) => each.start <= offset && each.runs.length);
  if (!place) return null;
  const at = point(place, offset, true);
  return { anchor: at, focus: at };
}
function paint(marks) {
  found = [];
  const tones = { block: [], warn: [] };
  for (const mark of editor ? marks : []) {
    try {
      const at = range(mark.start, mark.end);
      if (!at) continue;
      const place = window.wangEditor.DomEditor.toDOMRange(editor, at);
      tones[mark.block ? "block" : "warn"].push(place);
      found.push({ start: String(mark.start), place });
    } catch { /* words that are being drawn anew are marked by the next check */ }
  }
  if (!CSS.highlights) return;
  for (const [tone, ranges] of Object.entries(tones)) CSS.highlights.set(`finding-${tone}`, new Highlight(...ranges));
}
// What the check's script asks of a view: see compliance/editor.js.
const surface = {
  paint,
  places: () => found,
  select(from, to) {
    const at = range(from, to);
    if (!at) return;
    editor.focus();
    editor.select(at);
    const place = window.wangEditor.DomEditor.toDOMRange(editor, at);
    place.startContainer.parentElement.scrollIntoView({ block: "nearest" });
  },
  replace(from, to, text) {
    const at = range(from, to);
    if (!at) { // in a picture's words: the Markdown is changed and read anew
      const all = Array.from(area.value);
      all.splice(from, to - from, text);
      put(all.join(""));
      open();
      return;
    }
    editor.focus();
    editor.select(at);
    if (text) editor.insertText(text); else editor.deleteFragment();
    follow();
  },
  insert: async (markdown) => {
    const pieces = await read(markdown).catch(() => null);
    if (pieces) place(pieces.map((piece) => nodeOf(piece, markdown.slice(piece.start, piece.end))));
    else say("failed");
  },
  run: (name) => { back(); commands[name](); },
  replaceAll: (text) => { put(text); open(); },
};

/* typing, commands, pasting */
function back() {
  const { SlateEditor: Slate } = window.wangEditor;
  const isThere = ({ path, offset }) => Slate.hasPath(editor, path) && offset <= (Slate.node(editor, path)[0].text?.length ?? -1);
  const at = editor.selection ?? (last && isThere(last.anchor) && isThere(last.focus) ? last : Slate.end(editor, []));
  editor.focus(); // chooses a place of its own
  editor.select(at);
}
// Nodes at the caret: one paragraph's words flow into the line, anything else stands for itself.
function place(nodes) {
  const { SlateTransforms: change, SlateEditor: Slate } = window.wangEditor;
  if (!nodes.length) return;
  back();
  if (!window.wangEditor.SlateRange.isCollapsed(editor.selection)) editor.deleteFragment();
  const at = editor.selection.anchor.path[0], here = editor.children[at];
  const isCell = here.type === "fact", isHole = here.type === "picture" || here.type === "way";
  if (nodes.length === 1 && nodes[0].type === "paragraph" && !isHole) {
    if (isCell) editor.insertText(words(nodes[0]).replaceAll("\n", " ")); else change.insertFragment(editor, nodes[0].children);
    return;
  }
  if (isCell || isHole) { change.insertNodes(editor, nodes, { at: [at + 1], select: true }); }
  else {
    change.insertNodes(editor, nodes, { mode: "highest", select: true });
    if (here.type === "paragraph" && !words(here)) change.removeNodes(editor, { at: [at] });
  }
  const end = editor.children.at(-1);
  if (end.type === "picture" || end.type === "way") change.insertNodes(editor, paragraph(), { at: [editor.children.length], select: true });
}
function take(data) {
  const fragment = data.getData("application/x-slate-fragment"), html = data.getData("text/html"), text = data.getData("text/plain");
  let result = { nodes: [], refused: 0 };
  if (fragment) { try { result.nodes = cleaned(JSON.parse(decodeURIComponent(atob(fragment)))); } catch { result.nodes = [paragraph(text)]; } }
  else if (html) result = reduced(html);
  else if (/\n/.test(text)) { surface.insert(text.replaceAll("\r\n", "\n")); return; }
  else if (text) result.nodes = [paragraph(text)];
  if ([...data.files ?? []].length && !result.nodes.length) result.refused += 1;
  place(result.nodes);
  say(result.refused ? "refused" : "");
}
// Nodes out of the clipboard are built anew from what the text knows: any page can write there.
function cleaned(nodes) {
  const PICTURE = /^!\[[^\]\n]*\]\((?:media|pano|model):[0-9a-f-]{36}\)$/;
  const inline = (children) => children.map((node) => {
    if (node.type === "link") return isWeb(node.url) ? { type: "link", url: node.url, children: [{ text: words(node) }] } : { text: words(node) };
    return { text: words(node), ...(node.bold && { bold: true }), ...(node.italic && !node.bold && { italic: true }) };
  });
  return nodes.map((node) => {
    if (node.text !== undefined || node.type === "link") return { type: "paragraph", children: inline([node]) };
    if (node.type === "picture") {
      const id = PICTURE.test(node.markdown.trim()) && node.markdown.match(/:([0-9a-f-]{36})\)/)[1];
      return id ? { ...paragraph(), type: "picture", markdown: node.markdown.trim(), alt: String(node.alt), panorama: Boolean(node.panorama), src: host.dataset.media.replace("00000000-0000-0000-0000-000000000000", id) } : paragraph();
    }
    if (node.type === "way") return /^\s*\[\s*(预约|医生|电话|地址)\s*\]\s*$/.test(node.markdown) ? { ...paragraph(), type: "way", markdown: node.markdown, label: String(node.label) } : paragraph();
    if (node.type === "fact" && node.children.length === 2) return fact(inline(node.children[0].children), inline(node.children[1].children));
    if (node.type === "list-item") return { type: "list-item", ordered: Boolean(node.ordered), level: 0, children: inline(node.children) };
    return { type: ["header2", "blockquote"].includes(node.type) ? node.type : "paragraph", children: inline(node.children) };
  });
}
function turn(wanted) {
  const { SlateTransforms: change, SlateEditor: Slate } = window.wangEditor;
  const isOne = (node) => ["paragraph", "blockquote", "list-item"].includes(node.type) || node.type?.startsWith("header");
  const chosen = [...Slate.nodes(editor, { match: isOne, mode: "highest" })];
  const isSet = chosen.every(([node]) => node.type === wanted.type && (node.ordered ?? false) === (wanted.ordered ?? false));
  for (const [, path] of chosen) change.setNodes(editor, { ordered: undefined, level: undefined, ...(isSet ? { type: "paragraph" } : wanted) }, { at: path });
}
function mark(key) {
  if (window.wangEditor.SlateEditor.marks(editor)?.[key]) editor.removeMark(key); else editor.addMark(key, true);
}
const dialog = $("#rich-link");
function link() {
  const { SlateEditor: Slate } = window.wangEditor;
  const [entry] = Slate.nodes(editor, { match: (node) => node.type === "link" });
  const field = $("input", dialog);
  field.value = entry?.[0].url ?? "https://";
  dialog.showModal();
  field.select();
}
function setLink(url) {
  const { SlateTransforms: change, SlateEditor: Slate, SlateRange } = window.wangEditor;
  const isLink = (node) => node.type === "link";
  back();
  const [entry] = Slate.nodes(editor, { match: isLink });
  if (entry) { if (url) change.setNodes(editor, { url }, { at: entry[1] }); else change.unwrapNodes(editor, { match: isLink }); return; }
  if (!url) return;
  if (SlateRange.isCollapsed(editor.selection)) change.insertNodes(editor, { type: "link", url, children: [{ text: url }] });
  else change.wrapNodes(editor, { type: "link", url, children: [] }, { split: true, match: (node) => Slate.isInline(editor, node) || node.text !== undefined });
}
dialog.addEventListener("click", (event) => {
  const kind = event.target.closest("[data-link]")?.dataset.link;
  if (!kind || !editor) return;
  const field = $("input", dialog), url = field.value.trim();
  field.setCustomValidity(kind === "set" && !isWeb(url) ? host.dataset.badLink : "");
  if (!field.reportValidity()) return;
  dialog.close();
  setLink(kind === "set" ? url : "");
});
const commands = {
  bold: () => mark("bold"),
  italic: () => mark("italic"),
  heading: () => turn({ type: "header2" }),
  list: () => turn({ type: "list-item", ordered: false, level: 0 }),
  steps: () => turn({ type: "list-item", ordered: true, level: 0 }),
  quote: () => turn({ type: "blockquote" }),
  facts: () => place([fact([{ text: "" }], [{ text: "" }])]),
  link,
  undo: () => editor.undo(),
};
host.addEventListener("keydown", (event) => {
  const isOurs = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  const name = isOurs && { b: "bold", i: "italic" }[event.key.toLowerCase()];
  if (name) { event.preventDefault(); event.stopPropagation(); commands[name](); }
  // Tab leaves the text; inside a fact it goes from the term to its value first.
  if (event.key === "Tab") {
    event.stopPropagation();
    const at = editor.selection?.anchor.path;
    if (!event.shiftKey && at && editor.children[at[0]]?.type === "fact" && at[1] === 0) {
      event.preventDefault();
      editor.select(window.wangEditor.SlateEditor.end(editor, [at[0], 1]));
    }
  }
}, true);
// A click on a button of the toolbar leaves the caret where it is.
bar.addEventListener("mousedown", (event) => { if (box.surface && event.target.closest("[data-md]")) event.preventDefault(); });
document.addEventListener("click", (event) => {
  if (!box.surface || !event.target.closest("a[href='#id_body']")) return;
  event.preventDefault();
  back();
});

let kept = null;
try { kept = localStorage.getItem(KEPT); } catch { /* forbidden */ }
choose(kept === "markdown" ? "markdown" : "rich");
if (wanted === "rich") open();
