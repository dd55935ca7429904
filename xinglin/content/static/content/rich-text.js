// A text as it reads: from the server's pieces of Markdown to the nodes of the editor, and back to Markdown.
// What nobody touched keeps its letters: only pieces whose words changed are written anew.
const LINK = /^https?:\/\/[^\s]+$/;
const TYPES = { text: "paragraph", heading: "header2", quote: "blockquote", item: "list-item", step: "list-item" };
const LISTS = ["item", "fact"];

export const words = (node) => node.text ?? node.children.map(words).join("");
export const paragraph = (text = "") => ({ type: "paragraph", children: [{ text }] });
export const isWeb = (url) => LINK.test(url);

/* pieces to nodes */
function inline(runs) {
  const nodes = [];
  for (const [text, kind, url] of runs) {
    const last = nodes.at(-1);
    if (kind === "link") nodes.push({ text: "" }, { type: "link", url, children: [{ text }] }, { text: "" });
    else if (kind === "plain" && last?.text !== undefined && !last.bold && !last.italic) last.text += text;
    else nodes.push({ text, ...(kind === "strong" && { bold: true }), ...(kind === "em" && { italic: true }) });
  }
  return nodes.length ? nodes : [{ text: "" }];
}
export function fact(term, value) {
  return { type: "fact", children: [{ type: "fact-term", children: term }, { type: "fact-value", children: value }] };
}
export function nodeOf(piece, markdown) {
  const { kind } = piece, hole = [{ text: "" }];
  if (kind === "picture") return { type: "picture", markdown, src: piece.src, alt: piece.alt, panorama: piece.panorama, children: hole };
  if (kind === "way") return { type: "way", markdown, label: piece.label, children: hole };
  if (kind === "fact") return fact(inline(piece.term), inline(piece.runs));
  const list = TYPES[kind] === "list-item" ? { ordered: kind === "step", level: 0 } : {};
  return { type: TYPES[kind], ...list, children: inline(piece.runs) };
}

/* one node to Markdown: `text`, and `runs` of [words, place in the text] */
class Writer {
  constructor() { this.text = ""; this.runs = []; }
  mark(text) { this.text += text; }
  say(text) { if (text) { this.runs.push([text, this.text.length]); this.text += text; } }
  around(mark, text, end = mark) { this.mark(mark); this.say(text); this.mark(end); }
  span({ text, kind, url }) {
    if (kind === "link" && text.trim() && !text.includes("]")) this.around("[", text, `](${url.replaceAll(")", "%29")})`);
    else if ((kind === "strong" || kind === "em") && text.trim() && !text.includes("*")) {
      const lead = text.length - text.trimStart().length, end = text.trimEnd().length;
      this.say(text.slice(0, lead));
      this.around(kind === "strong" ? "**" : "*", text.slice(lead, end));
      this.say(text.slice(end));
    } else this.say(text);
  }
}
function spans(children) {
  const found = [];
  const add = (text, kind, url) => {
    const last = found.at(-1);
    if (last?.kind === kind && kind !== "link") last.text += text;
    else if (text) found.push({ text, kind, url });
  };
  for (const node of children) {
    if (node.type === "link" && isWeb(node.url)) add(words(node), "link", node.url);
    else add(words(node), node.bold ? "strong" : node.italic ? "em" : "plain");
  }
  return found;
}
function lines(children) {
  const rows = [[]];
  for (const span of spans(children)) {
    span.text.split("\n").forEach((text, number) => {
      if (number) rows.push([]);
      if (text) rows.at(-1).push({ ...span, text });
    });
  }
  return rows;
}
function block(out, children, lead = "") {
  lines(children).forEach((row, number) => {
    if (number) out.say("\n");
    out.mark(row.length ? lead : lead.trimEnd());
    row.forEach((span) => out.span(span));
  });
}
// Lists, facts and headings are rows: a line break inside them becomes a space.
const row = (out, children) => spans(children).forEach((span) => out.span({ ...span, text: span.text.replaceAll("\n", " ") }));

function kindOf(node) {
  if (node.type === "list-item") return node.ordered ? "step" : "item";
  if (node.type === "picture" || node.type === "way" || node.type === "fact") return node.type;
  return { blockquote: "quote" }[node.type] ?? (node.type.startsWith("header") ? "heading" : "text");
}
// `was` is the Markdown that stood here: its marks (#, *, the colon) stay as the author set them.
function written(node, number, was = "") {
  const kind = kindOf(node), out = new Writer();
  if (kind === "picture" || kind === "way") out.mark(node.markdown);
  else if (kind === "heading") { out.mark(was.match(/^\s*#+\s*/)?.[0] ?? "## "); row(out, node.children); }
  else if (kind === "item") { out.mark(was.match(/^\s*[-*]\s+/)?.[0] ?? "- "); row(out, node.children); }
  else if (kind === "step") { out.mark(was.match(/^\s*\d+[.)]\s+/)?.[0] ?? `${Math.min(number, 99)}. `); row(out, node.children); }
  else if (kind === "fact") {
    const [term, value] = node.children;
    out.mark(was.match(/^\s*[-*]\s*/)?.[0] ?? "- ");
    if (words(term).trim()) {
      row(out, [{ text: words(term) }]);
      out.mark(was.match(/^\s*[-*][^：:]*([：:]\s*)/)?.[1] ?? "：");
    }
    row(out, value.children);
  } else block(out, node.children, kind === "quote" ? "> " : "");
  return { kind, text: out.text, runs: out.runs };
}
function isEmpty(node) { return !("markdown" in node) && !words(node).trim(); }

export function rows(children) {
  const found = [];
  let number = 0;
  children.forEach((node, index) => {
    if (isEmpty(node)) { number = 0; return; }
    number = kindOf(node) === "step" ? number + 1 : 0;
    found.push({ index, node, number, ...written(node, number) });
  });
  return found;
}

/* the whole text */
function alike(a, b) {
  const least = Math.min(a.length, b.length);
  let head = 0, tail = 0;
  while (head < least && a[head] === b[head]) head += 1;
  while (tail < least - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  return head + tail >= least / 2;
}
// For every new row the old one it continues, or -1; `exact` has those whose words are the same.
function pair(old, now) {
  const pairs = now.map(() => -1);
  let head = 0, tail = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) pairs[head] = head++;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) {
    tail += 1;
    pairs[now.length - tail] = old.length - tail;
  }
  const a = old.slice(head, old.length - tail), b = now.slice(head, now.length - tail);
  const worth = a.map((one) => b.map((other) => (one === other ? 3 : alike(one, other) ? 2 : 0)));
  const best = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) best[i][j] = Math.max(best[i + 1][j], best[i][j + 1], worth[i][j] && worth[i][j] + best[i + 1][j + 1]);
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (worth[i][j] && best[i][j] === worth[i][j] + best[i + 1][j + 1]) pairs[head + j++] = head + i++;
    else if (best[i][j] === best[i + 1][j]) i += 1;
    else j += 1;
  }
  // One row written anew from its first letter on stands where the old one stood.
  if (a.length === 1 && b.length === 1) pairs[head] = head;
  return { pairs, exact: new Set([...now.keys()].filter((j) => pairs[j] >= 0 && old[pairs[j]] === now[j])) };
}

export class Page {
  // The text as it came and its pieces; `nodes` are what the editor starts with.
  constructor(text, pieces) {
    this.text = text;
    this.pieces = pieces;
    this.nodes = pieces.map((piece) => nodeOf(piece, text.slice(piece.start, piece.end)));
    this.known = rows(this.nodes);
  }
  // Whether the editor's nodes say all that the pieces say.
  get isWhole() { return this.known.length === this.pieces.length && this.write(this.nodes).text === this.text; }
  source(at) { return this.text.slice(this.pieces[at].start, this.pieces[at].end); }
  gap(at) { return this.text.slice(this.pieces[at - 1]?.end ?? 0, this.pieces[at]?.start ?? this.text.length); }
  between(before, row, old, continues) {
    const isKept = (one, was) => one.kind === this.pieces[was].kind;
    if (continues) {
      const gap = this.gap(old);
      if (/\n\s*\n/.test(gap) || (isKept(before, old - 1) && isKept(row, old))) return gap;
    }
    const isList = (before.kind === "step" && row.kind === "step") || (LISTS.includes(before.kind) && LISTS.includes(row.kind));
    return isList ? "\n" : "\n\n";
  }
  // Markdown of the editor's nodes, and where every row of it lies: {index, start, end, runs}.
  write(children) {
    const now = rows(children), places = [];
    const { pairs, exact } = pair(this.known.map((one) => one.text), now.map((one) => one.text));
    let text = "";
    now.forEach((row, at) => {
      const old = pairs[at];
      if (at) text += this.between(now[at - 1], row, old, old > 0 && pairs[at - 1] === old - 1);
      else if (old === 0) text += this.gap(0);
      const start = text.length;
      if (exact.has(at)) {
        const piece = this.pieces[old];
        text += this.source(old);
        const runs = [...(piece.term ?? []), ...(piece.runs ?? [])].map(([said, , , place]) => [said, place - piece.start]);
        places.push({ index: row.index, start, end: text.length, runs });
      } else {
        const isSame = old >= 0 && this.pieces[old].kind === row.kind && this.known[old].number === row.number;
        const made = isSame ? written(row.node, row.number, this.source(old)) : row;
        text += made.text;
        places.push({ index: row.index, start, end: text.length, runs: made.runs });
      }
    });
    if (this.pieces.length ? now.length : !children.some((node) => !isEmpty(node))) text += this.gap(this.pieces.length);
    return { text, places };
  }
}

/* places */
// How many words of a row stand before a place of the Markdown; marks between words belong to neither side.
export function seen(place, offset, isEnd) {
  let count = 0, at = 0;
  for (const [text, start] of place.runs) {
    const into = offset - place.start - start;
    if (isEnd) { if (into > 0) at = count + Math.min(into, text.length); }
    else if (into < text.length) return count + Math.max(into, 0);
    count += text.length;
  }
  return isEnd ? at : count;
}
