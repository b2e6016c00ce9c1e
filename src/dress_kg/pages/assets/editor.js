// The text field becomes YASQE (vendored), and answers are shown here; all of it from this host only.
"use strict";
(() => {
  const given = JSON.parse(document.getElementById("given").textContent);
  const form = document.getElementById("asking");
  const field = document.getElementById("query");
  const said = document.getElementById("said");
  const place = document.getElementById("answer");
  const ROWS = 1000;
  const GRAPHS = "text/turtle";
  let editor = null;

  // ---- the editor
  const offer = (list) => ({
    bulk: true, persistenceId: null, autoShow: false,
    get: () => Promise.resolve(list),
  });

  function made() {
    const Yasqe = window.Yasqe;
    // Of YASQE's own completers only those that ask nobody else.
    Yasqe.forkAutocompleter("class", { name: "our-classes", ...offer(given.classes) }, false);
    Yasqe.forkAutocompleter("property", { name: "our-properties", ...offer(given.properties) }, false);
    Yasqe.registerAutocompleter({ ...Yasqe.Autocompleters.prefixes, name: "our-prefixes", persistenceId: null,
      get: () => Promise.resolve(Object.entries(given.prefixes).map(([name, iri]) => `${name}: <${iri}>`).sort()),
    }, false);
    const box = document.createElement("div");
    field.before(box);
    const yasqe = new Yasqe(box, {
      value: field.value, persistenceId: null, prefixCcApi: null, showQueryButton: false, resizeable: false,
      createShareableLink: null, consumeShareLink: null, createShortLink: null, editorHeight: "22rem",
      collapsePrefixesOnLoad: false, autocompleters: ["variables", "our-classes", "our-properties", "our-prefixes"],
      screenReaderLabel: "Query",
      // Tab moves on: a keyboard must be able to leave.
      extraKeys: { Tab: false, "Shift-Tab": false, "Ctrl-Enter": run, "Cmd-Enter": run,
        "Ctrl-Space": () => editor.autocomplete(), Esc: () => document.getElementById("run").focus() },
    });
    field.hidden = true;
    document.querySelector('label[for="query"]').hidden = true;
    document.getElementById("keys").hidden = false;
    return yasqe;
  }

  const text = () => (editor ? editor.getValue() : field.value);
  function put(query) {
    if (editor) editor.setValue(query);
    else field.value = query;
  }

  // ---- asking
  function tell(message, failed = false) {
    said.textContent = message;
    said.classList.toggle("failed", failed);
  }

  function run() {
    place.replaceChildren();
    tell("Asking…");
    const start = performance.now();
    const accept = /^[^#]*?\b(CONSTRUCT|DESCRIBE)\b/im.test(bare()) ? GRAPHS : "application/sparql-results+json";
    fetch("/sparql", {
      method: "POST", body: text(), credentials: "omit",
      headers: { "content-type": "application/sparql-query", accept: `${accept}, */*;q=0.1` },
    }).then(async (answer) => {
      const media = answer.headers.get("content-type") || "";
      if (!answer.ok) {
        const problem = media.includes("json") ? await answer.json() : { title: await answer.text() };
        tell([problem.title, problem.value, problem.remedy].filter(Boolean).join(" · "), true);
      } else {
        const seconds = ((performance.now() - start) / 1000).toFixed(2);
        if (media.includes("results+json")) show(await answer.json(), seconds);
        else graph(await answer.text(), seconds);
      }
    }).catch((error) => tell(`The service does not answer: ${error.message}`, true));
  }

  // The query without comments, strings and IRIs, to see which kind it is.
  const bare = () => text().replace(/<[^<>"{}|^`\\\s]*>|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|#[^\n]*/g, " ");

  function download(formats) {
    const list = element("ul", "actions");
    for (const form of formats) {
      const link = element("a", null, `Download ${form.toUpperCase()}`);
      link.href = `/sparql?${new URLSearchParams({ query: text(), format: form })}`;
      link.download = `answer.${form === "turtle" ? "ttl" : form}`;
      list.append(element("li", null, link));
    }
    return list;
  }

  function graph(written, seconds) {
    tell(`A graph, in ${seconds} s.`);
    const block = element("pre", "query", written);
    block.tabIndex = 0;
    place.append(block, download(["turtle", "jsonld", "ntriples"]));
  }

  function show(answer, seconds) {
    if ("boolean" in answer) {
      tell(`${answer.boolean ? "Yes" : "No"}, in ${seconds} s.`);
      return;
    }
    const names = answer.head.vars;
    const rows = answer.results.bindings;
    const part = rows.length > ROWS ? `; the first ${ROWS.toLocaleString("en")} are shown` : "";
    tell(`${rows.length.toLocaleString("en")} ${rows.length === 1 ? "row" : "rows"} in ${seconds} s${part}.`);
    if (rows.length) place.append(table(names, rows.slice(0, ROWS)), download(["csv", "tsv", "json"]));
  }

  function table(names, rows) {
    const head = element("tr");
    names.forEach((name) => {
      const cell = element("th", null, name);
      cell.scope = "col";
      head.append(cell);
    });
    const made = element("table");
    made.append(element("caption", "hidden", "Answer"), element("thead", null, head));
    const body = element("tbody");
    rows.forEach((row) => {
      const line = element("tr");
      names.forEach((name) => line.append(element("td", null, row[name] ? term(row[name]) : "")));
      body.append(line);
    });
    made.append(body);
    window.dressSortable(made);
    const scroll = element("div", "scroll answer", made);
    Object.assign(scroll, { tabIndex: 0 });
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Answer");
    return scroll;
  }

  function term(value) {
    if (value.type !== "uri") return shown(value.type === "triple" ? JSON.stringify(value.value) : value.value);
    const path = local(value.value);
    const plain = /^https?:\/\/[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]+$/.test(value.value);
    if (!path && !plain) return shown(value.value);
    const link = element("a", null, shown(short(value.value)));
    link.href = path || value.value;
    link.rel = "noreferrer";
    return link;
  }

  // Where an IRI of ours is on this host.
  function local(iri) {
    if (iri.startsWith(given.ontology)) return `/ontology#${encodeURIComponent(iri.slice(given.ontology.length))}`;
    for (const [start, path] of [[given.base, "/id/"], [given.vocabulary, "/vocab/"]])
      if (iri.startsWith(start)) return path + iri.slice(start.length).split("/").map(encodeURIComponent).join("/");
    return null;
  }

  function short(iri) {
    for (const [name, start] of Object.entries(given.prefixes).sort((a, b) => b[1].length - a[1].length))
      if (iri.startsWith(start) && /^[\w./-]*$/.test(iri.slice(start.length))) return `${name}:${iri.slice(start.length)}`;
    return iri;
  }

  // Characters that hide or turn text are spelt out, the rest is isolated.
  function shown(value) {
    const visible = value.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
      (hidden) => `U+${hidden.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
    return element("bdi", null, visible);
  }

  function element(name, kind, ...content) {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    made.append(...content);
    return made;
  }

  // ---- start
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  document.getElementById("format").hidden = true;
  document.querySelector('label[for="format"]').hidden = true;
  const examples = document.getElementById("example");
  document.getElementById("examples").hidden = false;
  examples.addEventListener("change", () => examples.value && put(given.examples[examples.value].text));
  const wanted = new URLSearchParams(location.search).get("example");
  if (window.Yasqe) editor = made();
  if (wanted && Object.hasOwn(given.examples, wanted)) {
    examples.value = wanted;
    put(given.examples[wanted].text);
  }
})();
