"use strict";
// Everything that comes from a feed is set as text; nothing is ever read as HTML.

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function link(address, text, attributes) {
  const made = element("a", "", text);
  made.setAttribute("href", address);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  return made;
}

function what(article) {
  if (article.change === "updated") return "update";
  if (article.change === "withdrawn") return "withdrawn";
  if (article.duplicate) return article.duplicate.kind === "copy" ? "copy" : "near";
  return "new";
}

function row(article) {
  const made = element("li", "fresh");
  const time = element("time", "", article.settled_at.slice(11, 19));
  time.setAttribute("datetime", article.settled_at);
  const kind = what(article);
  const title = element("span", "title");
  const words = article.title || "(no title)";
  if (/^https?:\/\//.test(article.url || "")) {
    title.append(link(article.url, words, { rel: "noreferrer noopener nofollow" }));
  } else {
    title.textContent = words;
  }
  const from = element("span", "from");
  from.append(link("/feeds/" + encodeURIComponent(article.feed.id), article.outlet.name || article.feed.title || article.feed.id));
  const found = [];
  if (article.language) found.push(article.language.code);
  found.push(...article.topics.slice(0, 4).map((topic) => topic.label));
  found.push(...article.entities.slice(0, 4).map((entity) => entity.name));
  if (found.length) from.append(" · " + found.join(" · "));
  made.append(time, element("span", "what " + kind, kind), title, from);
  return made;
}

const tail = document.getElementById("tail");
if (tail) {
  const list = document.getElementById("articles");
  const pause = document.getElementById("pause");
  const missed = document.getElementById("missed");
  let count = 0;
  let paused = false;
  const waiting = [];
  const query = new URLSearchParams(location.search);
  query.set("after", tail.dataset.after);
  const source = new EventSource("/api/v1/tail?" + query);
  const show = (article) => {
    document.getElementById("none")?.remove();
    list.prepend(row(article));
    while (100 < list.children.length) list.lastElementChild.remove();
  };
  source.addEventListener("article", (event) => {
    const article = JSON.parse(event.data);
    if (!paused) return show(article);
    waiting.push(article);
    if (100 < waiting.length) waiting.shift();
  });
  source.addEventListener("missed", (event) => {
    count += Number(event.data);
    missed.textContent = count + " came too fast to be shown.";
  });
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Go on" : "Pause";
    if (!paused) waiting.splice(0).forEach(show);
  });
}

const numbers = document.querySelectorAll("[data-flow]");
if (numbers.length) {
  const refresh = async () => {
    if (document.hidden) return;
    const answer = await fetch("/api/v1/overview");
    if (!answer.ok) return;
    const overview = await answer.json();
    numbers.forEach((number) => { number.textContent = overview.flow[number.dataset.flow].toLocaleString("en"); });
  };
  setInterval(() => refresh().catch(() => {}), 5000);
}

const visit = document.getElementById("visit");
if (visit) {
  visit.hidden = false;
  visit.addEventListener("click", async () => {
    const said = document.getElementById("visited");
    const address = "/api/v1/feeds/" + encodeURIComponent(visit.dataset.feed) + "/visit";
    const answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" } });
    said.textContent = answer.ok ? "It is visited as soon as its host may be asked." : "Refused: " + (await answer.text());
  });
}
