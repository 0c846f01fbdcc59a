/** Text of a page: bounded, without what is not meant to be read, and never HTML. */
(() => {
  "use strict";
  const { tools, LIMITS } = globalThis.leadmeterReaders;

  const SILENT = new Set(["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "SVG", "IFRAME", "OBJECT", "SELECT", "TEXTAREA"]);
  const INLINE = new Set(["A", "ABBR", "B", "BDI", "CITE", "CODE", "DATA", "EM", "FONT", "I", "MARK", "Q", "S", "SMALL", "SPAN", "STRONG", "SUB", "SUP", "TIME", "U", "WBR"]);
  // Controls, and marks that reorder or hide text: a name that holds them is not what it looks like.
  const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

  /** One line of text without control characters, at most max characters, never half a character. */
  const line = (value, max = LIMITS.text) => {
    if (typeof value !== "string") return "";
    const short = value.slice(0, max * 4).replace(/[\s\u0085\u2028\u2029]+/g, " ").replace(HIDDEN, "").trim().slice(0, max);
    return (short.isWellFormed?.() ?? true) ? short : short.replace(/[\ud800-\udfff]/g, "").trim();
  };

  const ENTITY = /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});/gi;
  const known = new Map();
  const decode = (entity) => {
    if (!known.has(entity)) {
      if (known.size >= 300) known.clear();
      known.set(entity, new DOMParser().parseFromString(entity, "text/html").documentElement.textContent);
    }
    return known.get(entity);
  };

  /** A text with its HTML entities read once: sites write them into JSON too, where no parser reads them. */
  const entities = (value) => (value.includes("&") ? value.slice(0, LIMITS.json).replace(ENTITY, decode) : value);

  // A form's or a document's members can be hidden by elements with their names. Trees are walked, and
  // documents asked, by what no page can replace.
  const tagOf = (el) => (typeof el.tagName === "string" ? el.tagName : "FORM");
  const silent = (el) => SILENT.has(tagOf(el).toUpperCase()) || el.hidden === true;
  const ELEMENTS_AND_TEXT = 5;

  /** Goes past what is inside the walker's node. */
  const past = (walker) => {
    for (;;) {
      const next = walker.nextSibling();
      if (next) return next;
      if (!walker.parentNode()) return null;
    }
  };

  /**
   * Visits the elements and texts of a tree in document order until it ends, the budget does, or
   * `see` answers "stop"; an answer of false leaves out what is inside a node.
   */
  const walk = (root, budget, see) => {
    const walker = Document.prototype.createTreeWalker.call(document, root, ELEMENTS_AND_TEXT);
    for (let node = root; node && budget.spend(); ) {
      const answer = see(node);
      if (answer === "stop") return;
      node = answer === false ? past(walker) : walker.nextNode();
    }
  };

  /** The visible text of an element as one line. Blocks are parted by a space, an image reads as its alt if asked. */
  const text = (el, budget, { max = LIMITS.text, alt = false } = {}) => {
    let out = "";
    walk(el, budget, (node) => {
      if (out.length > max * 2) return "stop";
      if (node.nodeType === 3) out += node.data.slice(0, max * 4);
      if (node.nodeType !== 1) return true;
      if (silent(node)) return false;
      if (!INLINE.has(tagOf(node))) out += " ";
      if (alt && (node.tagName === "IMG" || node.tagName === "AREA")) out += ` ${node.getAttribute("alt") || ""} `;
      return true;
    });
    return line(out, max);
  };

  /**
   * The lines of a card as a person reads them: one for each run of inline text.
   * @returns {{text: string, el: Element}[]} at most 40
   */
  const lines = (el, budget, max = LIMITS.text) => {
    const found = [];
    let run = "";
    let at = el;
    const end = () => {
      const said = line(run, max);
      if (said && found.length < 40) found.push({ text: said, el: at });
      run = "";
    };
    walk(el, budget, (node) => {
      if (found.length >= 40) return "stop";
      if (node.nodeType === 3) {
        const inline = INLINE.has(node.parentNode.tagName);
        const block = inline ? (node.parentNode.parentElement || node.parentNode) : node.parentNode;
        if (block !== at) end();
        at = block;
        run += node.data.slice(0, max * 4);
      } else if (node.nodeType === 1) {
        if (silent(node)) return false;
        if (!INLINE.has(tagOf(node))) end();
      }
      return true;
    });
    end();
    return found;
  };

  /** At most `max` elements that a selector finds, in document order. */
  const all = (root, selector, max) => Array.prototype.slice.call((root.nodeType === 1 ? Element : Document).prototype.querySelectorAll.call(root, selector), 0, max);

  Object.assign(tools, { line, entities, walk, text, lines, all, silent });
})();
