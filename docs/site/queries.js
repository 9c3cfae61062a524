// Asks the search page all of WORDS, one after the other, and writes what it listed; check.py puts this into a copy of it.
_ready(async () => {
  const pause = () => new Promise((done) => setTimeout(done, 20));
  const ended = async () => {
    while (!Search.hasIndex() || !Search.status?.innerText) await pause();
  };
  const answers = {};
  await ended();
  for (const word of WORDS) {
    document.querySelectorAll('input[name="q"]').forEach((box) => (box.value = word));
    Search.performSearch(word);
    await ended();
    const links = [...Search.output.querySelectorAll("li > a")];
    answers[word] = links.map((link) => link.getAttribute("href").replace(/[?#].*/, ""));
  }
  const shown = document.body.appendChild(document.createElement("pre"));
  shown.id = "answers";
  shown.textContent = JSON.stringify(answers);
});
