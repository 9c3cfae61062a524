// Keeps a live view up to date: the server says that something arrived, and the parts of the view that changed are
// taken from a fresh copy of it. Without this script the page shows the same, as of when it was loaded.
"use strict";
(() => {
  // Not more often than this, however fast events arrive.
  const PAUSE = 700;

  const local = (root) => {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const date = new Date(time.dateTime);
      if (!isNaN(date) && !time.dataset.local) {
        time.dataset.local = "yes";
        time.title += "\n" + date.toLocaleString() + " here";
      }
    }
  };
  local(document);

  const status = document.getElementById("live-status");
  const button = document.getElementById("live-pause");
  if (!status || !button || !window.EventSource) return;
  let source = null, paused = false, loading = false, due = false;

  const say = (state, text) => {
    if (status.dataset.state === state) return;
    status.dataset.state = state;
    status.textContent = text;
  };

  const take = (fresh) => {
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(part.id);
      const busy = part.contains(document.activeElement) || part.querySelector("details[open]");
      if (!other || busy || part.innerHTML === other.innerHTML) continue;
      const scrolled = part.querySelector(".scroll")?.scrollLeft ?? 0;
      part.replaceChildren(...document.importNode(other, true).childNodes);
      const scroll = part.querySelector(".scroll");
      if (scroll) scroll.scrollLeft = scrolled;
    }
    local(document);
  };

  // A request for a document is parsed without running anything in it.
  const load = () => {
    if (loading || paused) { due = true; return; }
    loading = true;
    due = false;
    const request = new XMLHttpRequest();
    request.open("GET", location.href);
    request.responseType = "document";
    request.timeout = 10000;
    request.onload = () => { if (request.status === 200 && request.response && !paused) take(request.response); };
    request.onloadend = () => setTimeout(() => { loading = false; if (due) load(); }, PAUSE);
    request.send();
  };

  // A hidden tab lets go: browsers keep few connections to one server.
  const listen = () => {
    source?.close();
    source = null;
    if (paused) return say("paused", "Paused");
    if (document.hidden) return;
    source = new EventSource("/events");
    source.onopen = () => say("live", "Live");
    source.onmessage = load;
    source.onerror = () => say("lost", "Collector not reached");
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Resume" : "Pause";
    listen();
  });
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => source?.close());
  listen();
})();
