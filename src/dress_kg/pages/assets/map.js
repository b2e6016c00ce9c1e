// The evidence map: filters without a reload, signs by patient, rows of one case shown together. Without this the
// form asks the server, and the map reads as it is. Counting is that of map_count.py; a test holds them equal.
"use strict";
(() => {
  const form = document.querySelector("[data-filters]");
  const marks = [...document.querySelectorAll(".map .mark")];
  const OUTCOMES = ["improved", "failed", "mixed"];
  const STATEMENTS = ["opinion-for", "opinion-against", "recommended", "recommended-against"];
  const MOST_SIGNS = 24;

  const counted = (n, one) => `${n.toLocaleString("en")} ${n === 1 ? one : one + "s"}`;
  const seen = (root) => [...root.querySelectorAll(".mark:not([hidden])")];

  function outcome(group) {
    const said = new Set(group.map((m) => m.dataset.column).filter((c) => OUTCOMES.includes(c)));
    const telling = new Set(group.filter((m) => OUTCOMES.includes(m.dataset.column)).map(item));
    if (said.size === 0) return "not-printed";
    if (said.size === 1 && said.has("failed") && group.every((m) => telling.has(item(m)))) return "failed";
    return said.size === 1 && said.has("improved") ? "improved" : "mixed";
  }
  const item = (m) => m.querySelector("a").getAttribute("href");

  function count(shown) {
    const works = new Map();
    for (const m of shown.filter((m) => m.dataset.publication)) {
      works.set(m.dataset.publication, [...(works.get(m.dataset.publication) || []), m]);
    }
    const sum = { improved: 0, failed: 0, mixed: 0, "not-printed": 0, inferred: 0, unknown: 0, unsaid: 0, patients: 0 };
    for (const group of works.values()) {
      const most = (name) => Math.max(0, ...group.map((m) => Number(m.dataset[name] || 0)));
      sum[outcome(group)] += most("patients");
      sum.patients += most("patients");
      sum.inferred += most("inferred");
      sum.unknown += group.some((m) => m.dataset.unknown) ? 1 : 0;
      sum.unsaid += group.every((m) => m.dataset.unsaid) ? 1 : 0;
    }
    const counting = shown.filter((m) => m.dataset.publication);
    return { ...sum, items: new Set(counting.map(item)).size, publications: works.size };
  }

  function words(sum) {
    if (!sum.items) return "remarks only, no row on it";
    const told = [counted(sum.items, "row"), counted(sum.publications, "publication")];
    if (sum.patients || sum.inferred || sum.unknown) told.push(counted(sum.patients, "patient"));
    else told.push(sum.unsaid ? "patients not printed" : `no patients of ${sum.items === 1 ? "its" : "their"} own`);
    if (sum.inferred) told.push(`and ${sum.inferred.toLocaleString("en")} inferred`);
    if (sum.unknown) told.push(`number unknown in ${counted(sum.unknown, "publication")}`);
    return told.join(", ");
  }

  function tell(root, sum) {
    root.querySelectorAll("[data-count]").forEach((each) => (each.textContent = words(sum)));
    root.querySelectorAll("[data-sum]").forEach((each) => {
      each.textContent = counted(sum[each.dataset.sum], "patient");
      each.hidden = !seen(each.closest("td")).some((m) => !m.closest(".apart") && (m.dataset.patients || m.dataset.inferred));
    });
  }

  function wanted() {
    const chosen = [...new FormData(form)].filter(([name, value]) => value && name !== "per" && name !== "source");
    return { chosen, per: new FormData(form).get("per") };
  }

  function filter(chosen) {
    for (const mark of marks) {
      const answers = (name) => (mark.getAttribute(`data-f-${name}`) || "").split(" ");
      mark.hidden = !chosen.every(([name, value]) => answers(name).includes(value));
    }
    document.querySelectorAll(".map td").forEach((cell) => {
      cell.classList.toggle("empty", seen(cell).length === 0);
      cell.querySelectorAll(".apart, details").forEach((part) => {
        part.hidden = seen(part).length === 0;
        const number = part.querySelector("[data-said]");
        if (number) number.textContent = seen(part).length;
      });
    });
    document.querySelectorAll(".map tr[data-agent]").forEach((row) => {
      row.hidden = seen(row).length === 0;
      tell(row, count(seen(row)));
    });
    document.querySelectorAll("[data-band]").forEach((band) => (band.hidden = seen(band).length === 0));
    const status = document.querySelector("[data-status]");
    const left = seen(document);
    status.querySelector("[data-shown]").textContent = left.length;
    tell(status, count(left));
    document.querySelectorAll(".filters select").forEach((each) => each.classList.toggle("set", each.value !== ""));
  }

  function signs(per) {
    for (const mark of marks) {
      const box = mark.querySelector(".signs");
      const number = Number(mark.dataset.patients || mark.dataset.inferred || 1);
      const many = STATEMENTS.includes(mark.dataset.column) || number > MOST_SIGNS ? 1 : number;
      const wantedSigns = per === "patients" ? many : 1;
      while (box.childElementCount > wantedSigns) box.lastElementChild.remove();
      while (box.childElementCount < wantedSigns) box.append(box.firstElementChild.cloneNode(true));
    }
  }

  function keep({ chosen, per }) {
    if (!location.protocol.startsWith("http")) return; // a page opened from disk has no history of its own
    const asked = new URLSearchParams([...chosen, ...(per === "patients" ? [["per", per]] : [])]);
    const source = new FormData(form).get("source");
    if (source) asked.append("source", source);
    history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
  }

  function changed(event) {
    const elsewhere = event.target.name === "source" || form.dataset.narrowed !== undefined || form.dataset.pages !== "1";
    if (event.target.name !== "per" && elsewhere && form.dataset.live !== undefined) return form.requestSubmit();
    const want = wanted();
    if (event.target.name === "per") signs(want.per);
    else filter(want.chosen);
    return keep(want);
  }

  function link(event) {
    const at = event.target.closest("[data-case]");
    document.querySelectorAll(".linked").forEach((each) => each.classList.remove("linked"));
    if (at) document.querySelectorAll(`[data-case="${CSS.escape(at.dataset.case)}"]`).forEach((each) => each.classList.add("linked"));
  }

  if (form && form.dataset.narrowed === undefined) {
    // An address with filters that a static page was opened by, or that a reload has kept.
    const asked = new URLSearchParams(location.search);
    for (const [name, value] of asked) {
      const field = form.elements.namedItem(name);
      if (field && name !== "source") field.value = value;
    }
    if (asked.size && wanted().chosen.length) filter(wanted().chosen);
    if (asked.get("per")) signs(wanted().per);
  }
  if (form) form.addEventListener("change", changed);
  if (form) form.classList.add("quick");
  for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, link);
})();
