// What comes out of Word, WeChat or any page, reduced to what a text of the house can say.
// The HTML is read in a document of its own that runs nothing and loads nothing; only words are taken out of it.
import { fact, isWeb, paragraph, words } from "./rich-text.js";

const SKIP = "SCRIPT STYLE TEMPLATE NOSCRIPT IFRAME OBJECT EMBED SVG MATH HEAD TITLE META LINK TEXTAREA INPUT SELECT BUTTON AUDIO VIDEO CANVAS".split(" ");
const BLOCKS = "P DIV SECTION ARTICLE ASIDE HEADER FOOTER MAIN NAV UL OL DL DT DD FIGURE FIGCAPTION PRE ADDRESS TBODY THEAD TFOOT CENTER HR FORM FIELDSET DETAILS SUMMARY".split(" ");
const LIBRARY = /^\/content\/media\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(?:\?still)?$/;

const has = (node, pattern) => pattern.test(node.getAttribute("style") ?? "");
const tidy = (children) => {
  const kept = [];
  for (const child of children) {
    const text = child.text?.replace(/[^\S\n]+/g, " ").replace(/ ?\n ?/g, "\n");
    if (text === undefined) kept.push({ text: "" }, child, { text: "" });
    else if (text) kept.push({ ...child, text });
  }
  if (kept[0]?.text) kept[0].text = kept[0].text.trimStart();
  if (kept.at(-1)?.text) kept.at(-1).text = kept.at(-1).text.trimEnd();
  return kept;
};

class Reader {
  constructor() { this.nodes = []; this.line = []; this.refused = 0; this.kind = { type: "paragraph" }; }
  flush(kind = this.kind) {
    const children = tidy(this.line);
    this.line = [];
    if (children.map(words).join("").trim()) this.nodes.push({ ...kind, children });
  }
  // Everything inside a node becomes blocks of one kind.
  as(kind, node, marks) {
    this.flush();
    const before = this.kind;
    this.kind = kind;
    this.all(node, marks);
    this.flush();
    this.kind = before;
  }
  all(node, marks) { for (const child of node.childNodes) this.read(child, marks); }
  picture(node) {
    const address = LIBRARY.exec(node.getAttribute("src") ?? "");
    if (!address) { this.refused += 1; return; }
    this.flush();
    const alt = (node.getAttribute("alt") ?? "").replace(/[\]\n]/g, " ");
    this.nodes.push({ ...paragraph(), type: "picture", markdown: `![${alt}](media:${address[1]})`, src: address[0], alt, panorama: false });
  }
  table(node) {
    this.flush();
    for (const row of node.querySelectorAll("tr")) {
      const cells = [...row.cells].map((cell) => this.cell(cell)).filter(Boolean);
      const [term, ...rest] = cells;
      if (!cells.length) continue;
      if (rest.length && term.length <= 24 && !/[：:*[\]]/.test(term)) this.nodes.push(fact([{ text: term }], [{ text: rest.join("，") }]));
      else this.nodes.push(paragraph(cells.join("，")));
    }
  }
  cell(node) {
    const inner = new Reader();
    inner.all(node, {});
    inner.flush();
    this.refused += inner.refused;
    return inner.nodes.map(words).join(" ").replaceAll("\n", " ").trim();
  }
  read(node, marks) {
    if (node.nodeType === Node.TEXT_NODE) { this.line.push({ text: node.data.replace(/\s+/g, " "), ...marks }); return; }
    if (node.nodeType !== Node.ELEMENT_NODE || SKIP.includes(node.tagName.toUpperCase()) || has(node, /mso-list:\s*Ignore|display:\s*none/i)) return;
    const name = node.tagName;
    if (name === "BR") this.line.push({ text: "\n" });
    else if (name === "IMG") this.picture(node);
    else if (name === "TABLE") this.table(node);
    else if (/^H[1-6]$/.test(name)) this.as({ type: "header2" }, node, {});
    else if (name === "BLOCKQUOTE") this.as({ type: "blockquote" }, node, marks);
    else if (name === "LI") this.as({ type: "list-item", ordered: node.parentNode.tagName === "OL", level: 0 }, node, marks);
    else if (has(node, /mso-list:\s*l\d/i)) this.as({ type: "list-item", ordered: false, level: 0 }, node, marks);
    else if (BLOCKS.includes(name)) { this.flush(); this.all(node, marks); this.flush(); }
    else if (name === "A" && isWeb(node.getAttribute("href") ?? "") && node.textContent.trim()) {
      this.line.push({ type: "link", url: node.getAttribute("href"), children: [{ text: node.textContent.replace(/\s+/g, " ").trim() }] });
    } else if ((/^(B|STRONG)$/.test(name) && !has(node, /font-weight:\s*(normal|[1-4]00)/i)) || has(node, /font-weight:\s*(bold|[6-9]00)/i)) this.all(node, { bold: true });
    else if (/^(I|EM)$/.test(name) && !marks.bold) this.all(node, { italic: true });
    else this.all(node, marks);
  }
}

// Nodes for the editor, and how many pictures from elsewhere stayed out.
export function reduced(html) {
  const reader = new Reader();
  reader.all(new DOMParser().parseFromString(html, "text/html").body, {});
  reader.flush();
  return { nodes: reader.nodes, refused: reader.refused };
}
