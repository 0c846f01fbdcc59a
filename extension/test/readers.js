/** All readers, in the order in which they are injected: what the manifest's worker injects is what is tested. */
import { READERS } from "../worker/read.js";

for (const file of READERS.filter((f) => f !== "readers/inject.js")) await import(`../${file}`);

/** Parses a page without running it. A base makes its relative addresses resolve. */
export const parse = (html, url) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  if (!page.querySelector("base")) {
    const base = page.createElement("base");
    base.href = url;
    page.head.prepend(base);
  }
  return page;
};

/** Reads without the time limit, which a busy machine would meet: what a test asserts is found on every machine. */
export const read = (page, url, limits) => globalThis.leadmeterReaders.read(page, url, { ms: Infinity, ...limits });
