/** Pages that mean harm: each with what must still hold after reading it. */
import { parse, read } from "./readers.js";

const URL_ = "https://hostile.example.com/team";
const card = (n) => `<article><h3>Anna Number${String.fromCharCode(97 + (n % 26))}${"abcdefghij"[n % 10]}${"klmnopqrst"[(n / 10 | 0) % 10]}${"uvwxyzabcd"[(n / 100 | 0) % 10]}</h3><p>Sales Manager</p></article>`;

/** A team page of so many people, of whom all have names of their own. */
export const teamOf = (count) => `<!doctype html><h1>Team</h1><div>${Array.from({ length: count }, (_, n) => card(n)).join("")}</div>`;

const ld = (value) => `<script type="application/ld+json">${value}</script>`;
const bounded = (people) => people.every((p) => Object.values(p).every((v) => (Array.isArray(v) ? v.length <= 10 : v.length <= 500)) && p.full_name.length <= 200);

export const hostile = [
  ["names that hold scripts are text", () => {
    globalThis.pwned = 0;
    const page = parse('<div class="h-card"><span class="p-name">&lt;img src=x onerror="pwned=1"&gt; Eve Mallory</span><a class="u-url" href="javascript:pwned=1">x</a></div>' + ld('{"@type":"Person","name":"<script>pwned=1<\\/script> Trudy","url":"javascript:pwned=1"}'), URL_);
    const { people } = read(page, URL_);
    return people.length === 2 && globalThis.pwned === 0 && people.every((p) => !p.url) && people[0].full_name.includes("<img");
  }],
  ["marks that reverse or hide text are dropped", () => {
    const { people } = read(parse('<p class="h-card">Ada\u202eecalevoL\u200b Hopper\u0007</p>', URL_), URL_);
    return people[0]?.full_name === "AdaecalevoL Hopper";
  }],
  ["50,000 nodes", () => {
    const { people } = read(parse(`${teamOf(50)}${"<div><span>x</span></div>".repeat(25000)}`, URL_), URL_);
    return people.length === 50;
  }],
  ["a million characters of one name", () => bounded(read(parse(`<p class="h-card">${"Anna ".repeat(200000)}</p>`, URL_), URL_).people)],
  ["more people than are told of", () => {
    const { people, cut } = read(parse(Array.from({ length: 3000 }, (_, n) => `<p class="h-card">Person Nr${n}</p>`).join(""), URL_), URL_);
    return people.length === 1000 && cut;
  }],
  ["tags nested as deep as a parser allows", () => {
    const { people } = read(parse(`${"<div>".repeat(20000)}<p class="h-card">Deep Down</p>`, URL_), URL_);
    return people.length <= 1;
  }],
  ["elements nested 20,000 deep by script", () => {
    const page = parse('<p class="h-card">Top Person</p>', URL_);
    let at = page.body;
    for (let n = 0; n < 20000; n++) {
      const inner = page.createElement("div");
      inner.className = "p-org h-card";
      at = at.appendChild(inner);
    }
    at.textContent = "Deep Person";
    return read(page, URL_).people.some((p) => p.full_name === "Top Person") || "hcard failed";
  }],
  ["JSON nested 100,000 deep", () => read(parse(ld("[".repeat(100000) + "]".repeat(100000)) + ld('{"@type":"Person","name":"Still Here"}'), URL_), URL_).people[0]?.full_name === "Still Here"],
  ["keys that would change every object", () => {
    const { people } = read(parse(ld('{"@type":"Person","name":"Proto Type","__proto__":{"polluted":1,"jobTitle":"Owner"},"constructor":{"prototype":{"polluted":1}},"worksFor":{"__proto__":{"name":"Evil"}}}'), URL_), URL_);
    return ({}).polluted === undefined && people[0].full_name === "Proto Type" && !("title" in people[0]) && !("company" in people[0]);
  }],
  ["references that go round", () => {
    const { people } = read(parse(ld('{"@graph":[{"@id":"a","@type":"Person","name":"Round One","worksFor":{"@id":"b"}},{"@id":"b","@type":"OrganizationRole","name":"Loop","worksFor":{"@id":"b"},"employee":{"@id":"a"}}]}'), URL_), URL_);
    return people.length === 1 && people[0].full_name === "Round One";
  }],
  ["microdata that refers to itself", () => read(parse('<div id="a" itemscope itemtype="https://schema.org/Person" itemref="a b"><span itemprop="name">Self Refer</span></div><div id="b" itemprop="worksFor" itemscope itemtype="https://schema.org/Organization" itemref="a b"></div>', URL_), URL_).people[0]?.full_name === "Self Refer"],
  ["RDFa that refers to itself", () => read(parse('<div vocab="https://schema.org/" typeof="Person" resource="#a"><span property="name">Self Refer</span><span property="worksFor" resource="#a"></span></div>', URL_), URL_).people[0]?.full_name === "Self Refer"],
  ["members of the page that lie about themselves", () => {
    const page = parse('<form><input name="nodeType"><input name="tagName"><input name="firstChild"><input name="parentNode"><input name="getAttribute"><p class="h-card">Form Clobber</p></form><p class="h-card">Plain Person</p>', URL_);
    return read(page, URL_).people.some((p) => p.full_name === "Plain Person");
  }],
  ["a form that says it is its own child's child", () => read(parse('<div itemscope itemtype="https://schema.org/Person"><span itemprop="name">Plain Person</span><form><input name="parentNode" id="nextSibling"></form></div>', URL_), URL_).people[0]?.full_name === "Plain Person"],
  ["a document whose methods are pictures", () => read(parse('<img name="querySelectorAll"><img name="querySelector"><img name="createTreeWalker"><img name="body"><p class="h-card">Plain Person</p>', URL_), URL_).people[0]?.full_name === "Plain Person"],
  ["a budget of nothing ends at once", () => read(parse(teamOf(100), URL_), URL_, { nodes: 10 }).cut],
  ["a reading out of time ends with what it has, and says so", () => {
    const { people, cut } = read(parse(teamOf(500), URL_), URL_, { ms: -1 });
    return people.length < 500 && cut;
  }],
  ["the readers change nothing", () => {
    const page = parse(teamOf(20), URL_);
    const before = page.documentElement.outerHTML;
    read(page, URL_);
    return page.documentElement.outerHTML === before;
  }],
];
