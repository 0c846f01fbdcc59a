/**
 * The one name that the readers share: `leadmeterReaders`. Each reader is a classic script
 * that adds one function to it, so that the same file can be injected into a page (where
 * modules cannot be loaded without a permission for the site) and imported by a test.
 *
 * A reader is a pure function (root, url, budget) → people found, in any order. It reads
 * text and attributes, changes nothing, fetches nothing and runs nothing of the page.
 */
(() => {
  "use strict";

  /** What one reading may cost, whatever the page is like. */
  const LIMITS = Object.freeze({
    people: 1000, // people told of, and people that one reader may find
    nodes: 50000, // nodes that one reader may visit
    depth: 64, // levels of nesting that are followed
    text: 200, // characters of a name, a title or a company
    url: 500, // characters of an address
    values: 10, // emails or phones of one person
    json: 2000000, // characters of JSON-LD of one page
    ms: 400, // time for all readers together
  });

  /**
   * A budget for one reader: `spend()` is true while a further node may be visited.
   * @param {object} limits as LIMITS
   * @param {number} deadline of performance.now(), in milliseconds
   */
  const budget = (limits, deadline) => {
    let left = limits.nodes;
    let late = false;
    const spend = () => {
      left -= 1;
      if ((left & 255) === 0) late = late || performance.now() > deadline;
      return left > 0 && !late;
    };
    return { limits, spend, over: () => left <= 0 || late };
  };

  globalThis.leadmeterReaders = Object.assign(Object.create(null), { LIMITS, budget, tools: Object.create(null) });
})();
