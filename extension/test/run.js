/** Runs the readers on every fixture and every hostile page; the title says "ok N" or "failed N". */
import { parse, read } from "./readers.js";
import { hostile, teamOf } from "./hostile.js";
import { units } from "./units.js";
import { queueTests } from "./queue.js";

const report = document.getElementById("report");
let passed = 0;
let failed = 0;

const say = (text, look) => {
  const row = document.createElement("pre");
  row.textContent = text;
  row.className = look;
  report.append(row);
};

const check = (name, problem) => {
  if (problem) {
    failed += 1;
    say(`FAILED ${name}\n${problem}`, "bad");
  } else {
    passed += 1;
    say(`ok ${name}`, "good");
  }
};

/** JSON with sorted keys, so that two equal values read alike. */
const show = (value) => JSON.stringify(value, (_, v) => (v && typeof v === "object" && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1))) : v), 1);

const fixtures = await (await fetch("fixtures/expected.json")).json();
for (const { file, url, people } of fixtures) {
  const html = await (await fetch(`fixtures/${file}`)).text();
  const got = read(parse(html, url), url).people;
  check(file, show(got) === show(people) ? "" : `expected ${show(people)}\ngot ${show(got)}`);
}
for (const [name, holds] of hostile) {
  let answer;
  try {
    answer = holds();
  } catch (e) {
    answer = `${e} ${e.stack}`;
  }
  check(`hostile: ${name}`, answer === true ? "" : String(answer));
}
for (const [name, holds] of [...units, ...queueTests]) {
  let answer;
  try {
    answer = await holds();
  } catch (e) {
    answer = `${e} ${e.stack}`;
  }
  check(`unit: ${name}`, answer === true ? "" : String(answer));
}

const url = "https://many.example.com/team";
const page = parse(teamOf(500), url);
const times = [];
for (let n = 0; n < 5; n++) times.push(read(page, url));
say(`500 people (${times[0].people.length} read): ${times.map((t) => t.ms).join(", ")} ms`, "time");
document.title = failed ? `failed ${failed} of ${passed + failed}` : `ok ${passed}`;
