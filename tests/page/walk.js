// Walks the views of a page in Chromium and says what is wrong with them.
//
//     walk.js '{"base": "http://127.0.0.1:8724", "chromium": "/usr/bin/chromium", "views": 40, "pictures": "folder"}'
//
// Follows links from the first view, a few of each kind. In each view: the status, errors in the console (breaches of
// the policy are among them), dialogs, requests to elsewhere, ids that are there twice, what axe finds in light and in
// dark, and whether a phone has to scroll sideways. The last line is JSON: views, problems, and what the live view did.
"use strict";
const { chromium } = require("playwright-core");
const axe = require("axe-core").source;

const asked = JSON.parse(process.argv[2]);
// Links of one kind: the same path with the same names in the query. Two show what a first one may hide.
const OF_A_KIND = 2;
// What is given to people is a page; these are files.
const FILES = /^\/(value|assets)|\.csv(\?|$)/;
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

const problems = [];
const views = [];

const kind = (link) => {
  const url = new URL(link, asked.base);
  return url.pathname + "?" + [...new Set(url.searchParams.keys())].sort().join("&");
};

async function judge(page, where, rules) {
  const found = await page.evaluate((rules) => axe.run(document, rules), rules);
  for (const { id, nodes } of found.violations) {
    problems.push(`${where}: axe: ${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`);
  }
}

async function look(page, link) {
  const name = link.slice(0, 200);
  const answer = await page.goto(asked.base + link, { waitUntil: "load" });
  if (answer.status() !== 200) problems.push(`${name}: status ${answer.status()}`);
  await page.evaluate(axe);
  await judge(page, name, { resultTypes: ["violations"] });
  const twice = await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    return ids.filter((id, at) => ids.indexOf(id) !== at);
  });
  if (twice.length) problems.push(`${name}: ids that are there twice: ${twice.slice(0, 5)}`);
  const links = await page.evaluate(() => [...document.links].map((link) => link.getAttribute("href")));
  const file = (suffix) => `${asked.pictures}/${name.replace(/[^a-z0-9]+/gi, "-").slice(0, 80) || "live"}-${suffix}.png`;
  const picture = async (suffix) => asked.pictures && (await page.screenshot({ path: file(suffix) }));
  await picture("light");
  await page.emulateMedia({ colorScheme: "dark" });
  await judge(page, `${name} in dark`, { runOnly: ["color-contrast"], resultTypes: ["violations"] });
  await picture("dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(PHONE);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) problems.push(`${name}: ${wide} pixels too wide for a phone`);
  await picture("phone");
  await page.setViewportSize(DESK);
  return links;
}

async function keyboard(page) {
  await page.goto(asked.base + "/");
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement.textContent);
  if (!/skip/i.test(first)) problems.push(`the first stop of the keyboard is "${first}", not the way past the header`);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const inside = await page.evaluate(() => document.getElementById("main").contains(document.activeElement));
  if (!inside) problems.push("the way past the header does not lead into the content");
}

// The view is open when this says so on standard output; an event with this text has to show in it by itself.
async function live(page) {
  await page.goto(asked.base + "/");
  await page.locator("#live-status[data-state=live]").waitFor();
  console.log(JSON.stringify({ open: true }));
  await page.getByText(asked.live).first().waitFor();
  return true;
}

// An inline script must not run, whoever puts it there.
async function inline(page) {
  await page.goto(asked.base + "/words");
  await page.setContent("<script>document.title = 'inline'</script>").catch(() => {});
  if ((await page.title()) === "inline") problems.push("an inline script ran");
}

(async () => {
  const browser = await chromium.launch({
    executablePath: asked.chromium,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  const context = await browser.newContext({ viewport: DESK });
  const page = await context.newPage();
  let at = "";
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(`${at}: console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`${at}: ${error}`));
  page.on("dialog", (dialog) => { problems.push(`${at}: a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    if (!request.url().startsWith(asked.base)) problems.push(`${at}: asks ${request.url().slice(0, 200)}`);
  });
  const waiting = ["/"];
  const kinds = new Map([[kind("/"), 1]]);
  while (waiting.length && views.length < asked.views) {
    at = waiting.shift();
    views.push(at);
    for (const link of await look(page, at)) {
      if (link.startsWith("#")) continue;
      if (!link.startsWith("/")) { problems.push(`${at}: leads to ${link.slice(0, 200)}`); continue; }
      const same = kinds.get(kind(link)) ?? 0;
      if (FILES.test(link) || same >= OF_A_KIND || views.includes(link) || waiting.includes(link)) continue;
      kinds.set(kind(link), same + 1);
      waiting.push(link);
    }
  }
  at = "keyboard";
  await keyboard(page);
  at = "live";
  const seen = asked.live ? await live(page) : false;
  // What it breaks is its own: nothing behind it is counted.
  page.removeAllListeners("console");
  await inline(page);
  await browser.close();
  console.log(JSON.stringify({ views, problems, live: seen }));
})().catch((error) => {
  console.log(JSON.stringify({ views, problems: [...problems, String(error)], live: false }));
  process.exit(1);
});
