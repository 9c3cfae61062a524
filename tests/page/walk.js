// Walks the views of pages in one Chromium and says what is wrong with them.
//
//     walk.js /usr/bin/chromium
//
// Each line of standard input is a walk: {"name": "demo", "base": "http://127.0.0.1:8724", "views": 30,
// "first": ["/fields?class=a"], "pictures": "folder", "live": "a text"}. It follows links from the first views, a few
// of each kind. In each view: the status, errors in the console (breaches of the policy are among them), dialogs,
// requests to elsewhere, ids that are there twice, characters that turn or hide text, links to elsewhere, and whether
// a phone has to scroll sideways. In the first views, and the first one of each kind, also what axe finds in light
// and in dark, and what paper would show. The answer is a line of JSON: views, problems, and when the live view showed
// what it should. Ends with its input.
"use strict";
const { chromium } = require("playwright-core");
const { createInterface } = require("node:readline");
const axe = require("axe-core").source;

// Links of one kind: the same path with the same names in the query. Two show what a first one may hide.
const OF_A_KIND = 2;
// What is given to people is a page; these are files.
const FILES = /^\/(value|assets)|\.csv(\?|$)/;
const DESK = { width: 1280, height: 800 };
// A4 with a centimetre around it.
const PAPER = { width: 718, height: 1047 };
const PHONE = { width: 390, height: 844 };

// What the page itself can say of a view, in one question.
const facts = () => {
  const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/;
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  const names = ["aria-label", "title", "alt", "placeholder", "label"];
  const told = [...document.querySelectorAll("*")].flatMap((element) => names.map((name) => element.getAttribute(name) ?? ""));
  const texts = [document.title, document.body.textContent, ...told];
  return {
    twice: ids.filter((id, at) => ids.indexOf(id) !== at).slice(0, 5),
    links: [...document.links].map((link) => link.getAttribute("href")),
    hidden: texts.filter((text) => hidden.test(text)).map((text) => escape(text.slice(Math.max(0, text.search(hidden) - 20)).slice(0, 40))),
  };
};

// What is seen of the content: paper leaves out what cannot be used there, and nothing else. Of what is not drawn at all
// a browser gives the text as well.
const onPaper = () => {
  const main = document.getElementById("main");
  const letters = main.getClientRects().length ? main.innerText.replace(/\s+/g, "").length : 0;
  return { letters, wide: document.documentElement.scrollWidth - innerWidth };
};

class Walk {
  constructor(page, asked) {
    Object.assign(this, { page, asked, at: "", problems: [], views: [], judged: new Set() });
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.wrong(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.wrong(String(error)));
    page.on("dialog", (dialog) => { this.wrong(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on("request", (request) => {
      if (!request.url().startsWith(asked.base)) this.wrong(`asks ${request.url().slice(0, 200)}`);
    });
  }

  wrong(what) { this.problems.push(`${this.at.slice(0, 200)}: ${what}`); }

  kind(link) {
    const url = new URL(link, this.asked.base);
    return url.pathname + "?" + [...new Set(url.searchParams.keys())].sort().join("&");
  }

  async judge(scheme, rules) {
    const found = await this.page.evaluate((rules) => axe.run(document, rules), { ...rules, resultTypes: ["violations"] });
    for (const { id, nodes } of found.violations) {
      this.wrong(`axe in ${scheme}: ${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`);
    }
  }

  async picture(suffix) {
    if (!this.asked.pictures) return;
    const name = this.at.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "").slice(0, 80) || "live";
    await this.page.screenshot({ path: `${this.asked.pictures}/${name}-${suffix}.png` });
  }

  async look() {
    const { page } = this;
    const answer = await page.goto(this.asked.base + this.at, { waitUntil: "load" });
    if (answer.status() !== 200) this.wrong(`status ${answer.status()}`);
    const { twice, links, hidden } = await page.evaluate(facts);
    if (twice.length) this.wrong(`ids that are there twice: ${twice}`);
    if (hidden.length) this.wrong(`hidden characters: ${hidden.slice(0, 3).join(" | ")}`);
    const kind = this.kind(this.at);
    if (!this.judged.has(kind) || this.asked.first.includes(this.at)) {
      this.judged.add(kind);
      await this.closely();
    }
    await page.setViewportSize(PHONE);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) this.wrong(`${wide} pixels too wide for a phone`);
    await this.picture("phone");
    await page.setViewportSize(DESK);
    return links;
  }

  async closely() {
    const { page } = this;
    await page.evaluate(axe);
    await this.judge("light", {});
    await this.picture("light");
    await page.emulateMedia({ colorScheme: "dark" });
    // The rest of what axe looks at is the same in all colours.
    await this.judge("dark", { runOnly: ["color-contrast"] });
    await this.picture("dark");
    await page.emulateMedia({ colorScheme: "light", media: "print" });
    await page.setViewportSize(PAPER);
    const { letters, wide } = await page.evaluate(onPaper);
    if (letters < 20) this.wrong("paper would be empty");
    if (wide > 0) this.wrong(`${wide} pixels too wide for paper`);
    await this.picture("print");
    await page.emulateMedia({ colorScheme: "light", media: null });
  }

  async keyboard() {
    const { page } = this;
    await page.goto(this.asked.base + "/");
    await page.keyboard.press("Tab");
    const first = await page.evaluate(() => document.activeElement.textContent);
    if (!/skip/i.test(first)) this.wrong(`the first stop is "${first}", not the way past the header`);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    const inside = await page.evaluate(() => document.getElementById("main").contains(document.activeElement));
    if (!inside) this.wrong("the way past the header does not lead into the content");
  }

  // The view is open when this says so; an event with this text has to show in it by itself. Gives when it did.
  async live() {
    const { page } = this;
    await page.goto(this.asked.base + "/");
    await page.locator("#live-status[data-state=live]").waitFor();
    const seen = page.evaluate((text) => new Promise((seen) => {
      const look = () => document.body.textContent.includes(text) && (watch.disconnect(), seen(Date.now()));
      const watch = new MutationObserver(look);
      watch.observe(document.body, { childList: true, subtree: true, characterData: true });
      look();
    }), this.asked.live);
    say({ walk: this.asked.name, open: true });
    return await seen;
  }

  // An inline script must not run, whoever puts it there.
  async inline() {
    const { page } = this;
    await page.goto(this.asked.base + "/words");
    // What it breaks is its own: nothing behind it is counted.
    page.removeAllListeners("console");
    await page.setContent("<script>document.title = 'inline'</script>").catch(() => {});
    if ((await page.title()) === "inline") this.wrong("an inline script ran");
  }

  async walk() {
    const waiting = ["/", ...this.asked.first];
    const kinds = new Map(waiting.map((link) => [this.kind(link), 1]));
    while (waiting.length && this.views.length < this.asked.views) {
      this.at = waiting.shift();
      this.views.push(this.at);
      for (const link of await this.look()) {
        if (link.startsWith("#")) continue;
        if (!link.startsWith("/")) { this.wrong(`leads to ${link.slice(0, 200)}`); continue; }
        const same = kinds.get(this.kind(link)) ?? 0;
        if (FILES.test(link) || same >= OF_A_KIND || this.views.includes(link) || waiting.includes(link)) continue;
        kinds.set(this.kind(link), same + 1);
        waiting.push(link);
      }
    }
    this.at = "keyboard";
    await this.keyboard();
    this.at = "live";
    const seen = this.asked.live ? await this.live() : null;
    this.at = "inline";
    await this.inline();
    return seen;
  }
}

const say = (line) => console.log(JSON.stringify(line));

(async () => {
  const browser = await chromium.launch({
    executablePath: process.argv[2],
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    const context = await browser.newContext({ viewport: DESK, colorScheme: "light" });
    const walk = new Walk(await context.newPage(), asked);
    const seen = await walk.walk().catch((error) => { walk.wrong(String(error)); return null; });
    await context.close();
    say({ walk: asked.name, views: walk.views, problems: walk.problems, live: seen });
  }
  await browser.close();
})();
