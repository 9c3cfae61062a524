// How Sphinx's search ranks its results; conf.py names this file as html_search_scorer.
//
// By itself it gives every page with all words in its text the same score and sorts those by their titles, so that a page
// about how something is tried comes before the one that says what to do. Here a page counts for the share of the words
// that its title, and its headings and terms (terms.py), have, and pages for those who change the library come behind those
// for users.

// What a page's results count, by the beginning of its name; the longest that fits. Others count 1.
const WEIGHTS = {
  "": 1,
  // Where whoever is in trouble, sets something or begins has to come first.
  doctor: 1.2,
  options: 1.1,
  start: 1.1,
  install: 1.1,
  // They name everything and explain little of it.
  index: 0.9,
  readme: 0.8,
  // Behind what explains the same.
  "reference/": 0.95,
  // One collector or language among several: behind what holds for all.
  "collectors/": 0.9,
  "languages/": 0.8,
  "bindings/": 0.7,
  "core/": 0.7,
  // What the library was and how it is made.
  SUMMARY: 0.3,
  ARCHITECTURE: 0.3,
  RELEASING: 0.3,
  changelog: 0.3,
  contributing: 0.3,
  "benchmarks/": 0.3,
  "spec/": 0.3,
  "tests/": 0.3,
  "scale/": 0.3,
  "bindings/c/": 0.3,
};

const weightOf = (page) =>
  WEIGHTS[
    Object.keys(WEIGHTS).reduce((best, start) => (page.startsWith(start) && start.length >= best.length ? start : best))
  ];

// The stems of what is searched for, as Search._parseQuery makes them; a scorer is not told.
const wordsOfQuery = () => {
  const stemmer = new Stemmer();
  const query = document.querySelector('input[name="q"]').value;
  return splitQuery(query.toLowerCase())
    .filter((word) => !stopwords.has(word) && !/^\d+$/.test(word))
    .map((word) => stemmer.stemWord(word));
};

// The stems of the terms of each page.
const termsOfPages = () => {
  const stemmer = new Stemmer();
  const found = {};
  for (const [term, places] of Object.entries(Search._index.indexentries))
    for (const [file] of places)
      for (const word of splitQuery(term))
        (found[Search._index.docnames[file]] ??= new Set()).add(stemmer.stemWord(word));
  return found;
};

// The stems of the title of each page.
const titlesOfPages = () => {
  const stemmer = new Stemmer();
  return Object.fromEntries(
    Search._index.docnames.map((page, file) => [
      page,
      new Set(splitQuery(Search._index.titles[file].toLowerCase()).map((word) => stemmer.stemWord(word))),
    ]),
  );
};

const headingHas = (word, page) => {
  const files = Object.hasOwn(Search._index.titleterms, word) ? [Search._index.titleterms[word]].flat() : [];
  return files.some((file) => Search._index.docnames[file] === page);
};

const share = (words, has) => words.filter(has).length / Math.max(words.length, 1);

// What a result of a term is called: with the heading that it leads to, as those of headings are.
const named = (result) => {
  const [page, title, anchor] = result;
  const file = Search._index.docnames.indexOf(page);
  for (const [heading, places] of Object.entries(Search._index.alltitles))
    if (anchor && places.some(([of, id]) => of === file && `#${id}` === anchor)) return `${title} > ${heading}`;
  return title;
};

let terms = null;
let titles = null;

var Scorer = {
  score: (result) => {
    const [page, , , , score, , kind] = result;
    // Without it all results of a page read the same.
    if (kind === "index") result[1] = named(result);
    // A heading or a term that is what was searched for says more than the place of its page.
    if (kind !== "text") return score * Math.sqrt(weightOf(page));
    terms ??= termsOfPages();
    titles ??= titlesOfPages();
    const words = wordsOfQuery();
    const inHeadings = share(words, (word) => headingHas(word, page) || terms[page]?.has(word));
    const inTitle = share(words, (word) => titles[page].has(word));
    return weightOf(page) * (Math.min(score, Scorer.term) + Scorer.title * (inHeadings + inTitle));
  },
  // These are Sphinx's own; it expects all of them.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
